package export

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/loramesh/loramesh/results"
)

// toLaTeX writes the run's table and its comparison as tables of the package booktabs, the
// notes under them.
func toLaTeX(r *results.Run, dir string) error {
	t := r.Summarise().Table()
	if err := results.WriteFile(filepath.Join(dir, "table.tex"), latexTable(t, r.Plan.Question, "tab:"+slug(r.Plan.Name, ""))); err != nil {
		return err
	}
	c, ok, err := comparison(r)
	if err != nil || !ok {
		return err
	}
	caption := "Differences from " + c.Reference + ", seed by seed."
	return results.WriteFile(filepath.Join(dir, "comparison.tex"), latexTable(c.Table(), caption, "tab:"+slug(r.Plan.Name, "")+"-comparison"))
}

func latexTable(t results.Table, caption, label string) []byte {
	var b strings.Builder
	columns := strings.Repeat("l", t.Left) + strings.Repeat("r", len(t.Heads)-t.Left)
	fmt.Fprintf(&b, "%% needs \\usepackage{booktabs}\n\\begin{table}\n\\centering\n\\caption{%s}\n\\label{%s}\n\\begin{tabular}{%s}\n\\toprule\n", tex(caption), label, columns)
	line := func(cells []string) {
		out := make([]string, len(cells))
		for i, c := range cells {
			out[i] = tex(c)
		}
		b.WriteString(strings.Join(out, " & ") + " \\\\\n")
	}
	line(t.Heads)
	b.WriteString("\\midrule\n")
	for _, row := range t.Rows {
		line(row)
	}
	b.WriteString("\\bottomrule\n\\end{tabular}\n")
	for _, n := range t.Notes {
		fmt.Fprintf(&b, "\n\\smallskip{\\footnotesize %s}\n", tex(n))
	}
	b.WriteString("\\end{table}\n")
	return []byte(b.String())
}

// texWords are the characters that LaTeX takes for its own, and those that it lacks.
var texWords = strings.NewReplacer(
	`\`, `\textbackslash{}`, "{", `\{`, "}", `\}`, "$", `\$`, "&", `\&`, "#", `\#`, "^", `\textasciicircum{}`, "_", `\_`, "~", `\textasciitilde{}`, "%", `\%`,
	"<", `\textless{}`, ">", `\textgreater{}`, "±", `$\pm$`, "−", `$-$`, "…", `\dots{}`, "–", "--", "→", `$\to$`, "“", "``", "”", "''", "≤", `$\le$`, "×", `$\times$`, "α", `$\alpha$`, "\u00a0", "~")

func tex(s string) string { return texWords.Replace(s) }
