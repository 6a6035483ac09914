package scenario

import (
	"fmt"
	"strings"
)

// Reference is the manual of a scenario's words in Markdown, a table for each part, made
// from the same rows as the reader.
func Reference() []byte {
	var b strings.Builder
	b.WriteString("# The words of a scenario\n")
	for _, s := range []struct {
		path string
		of   *record
	}{
		{"", top}, {"bases.NAME", baseTable}, {"bases.NAME.recipe", recipeTable}, {"bases.NAME.recipe.pretrain", pretrainTable},
		{"data.NAME", dataTable}, {"data.NAME.tasks", tasksKind.record}, {"devices.NAME", deviceTable}, {"population.POOL", poolTable},
		{"population.POOL.split", splitKind.record}, {"population.POOL.offer", offerKind.record},
		{"population.POOL.available", reachKind.record}, {"population.POOL.upload", uploadTable}, {"population.POOL.faults, faults", faultsTable},
		{"stages.N", stageTable}, {"stages.N.at", arrivalKind.record}, {"method.N", memberTable}, {"method.N.regime", regimeKind.record},
		{"evaluate.N", evaluationTable}, {"budget", budgetTable},
	} {
		s.of.reference(&b, s.path)
	}
	return []byte(b.String())
}

func (k *record) reference(b *strings.Builder, path string) {
	title := path
	if title == "" {
		title = "the file"
	}
	fmt.Fprintf(b, "\n## %s\n\n", title)
	if k.doc != "" {
		fmt.Fprintf(b, "%s\n\n", k.doc)
	}
	b.WriteString("| word | value | default | meaning |\n|---|---|---|---|\n")
	for _, f := range k.fields {
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", f.key, f.valueColumn(), f.defaultColumn(), strings.ReplaceAll(f.doc, "|", `\|`))
	}
}

func (f field) valueColumn() string {
	out := strings.TrimSuffix(f.kind.says(), ",")
	if len(f.of) > 0 {
		out += ", with " + strings.Join(f.of, " or ")
	}
	return strings.ReplaceAll(out, "|", `\|`)
}

func (f field) defaultColumn() string {
	switch {
	case f.def != "":
		return "`" + f.def + "`"
	case f.says != "":
		return f.says
	case f.must:
		return "must be given"
	}
	return "–"
}
