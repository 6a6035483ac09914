package claims

import (
	"fmt"
	"strings"
)

const head = `# Claims

What methods are said to do, each written down before it was run, and what was seen here. This page is made of
[results/claims](../results/claims): ` + "`book/`" + ` has the claims as they were registered, ` + "`seen/`" + ` what came of them. Each is decided again by
one command, ` + "`simrun claims run ID`" + `; with ` + "`--quick`" + `, within three minutes, it says no more than which direction was seen.

An identity holds within a tolerance. A superiority and an equivalence need at least 8 paired seeds and every arm tuned on the
same grid by validation rows; a best value at the edge of the grid voids the verdict until the grid is wider. A curve is shown
and gets no verdict. A claim that does not hold is a finding, and so is one that cannot be decided at this size: these are small
models, and say nothing about large ones. Where a claim says that it is resampled within seeds, its interval is one over seeds
and over the examples that were asked, as a sample of such. Equivalence is told by two one-sided tests at 5 % each, which is the
interval of 90 % within the margin; the one that is printed is of 95 % and may reach a little further.

Times are wall times of the machine that decided, which had other work to do: what decided, what it took to make bases and read
data, and what tuning took, each apart. Bases and tuning are kept in the cache (` + "`simrun cache ls`" + `), and another claim on the same
arms finds them there.

A hash is that of a run by the build that stands beside it under the claim. A later build whose ledgers say more, or that another
numeric contract holds, gives another hash to the same numbers; so a hash is to be compared with that build's.

`

// Markdown is docs/claims.md: all claims with what was seen.
func Markdown() string {
	var b strings.Builder
	b.WriteString(head)
	b.WriteString("| id | claim | source | scenario | seeds | difference | verdict | time | hash |\n|---|---|---|---|---|---|---|---|---|\n")
	all := All()
	for _, c := range all {
		o, tried := c.Seen()
		if !tried {
			o = Outcome{Verdict: "not tried"}
		}
		cells := []string{fmt.Sprintf("[%s](#%s)", c.ID, strings.ToLower(c.ID)), c.Statement, c.Source, scenarioCell(c), seedsCell(o), cellOf(o), verdictCell(o), timeCell(o), hashCell(o)}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
	}
	for _, c := range all {
		o, tried := c.Seen()
		if !tried {
			o = Outcome{Verdict: "not tried"}
		}
		section(&b, c, o)
	}
	return b.String()
}

func section(b *strings.Builder, c Claim, o Outcome) {
	fmt.Fprintf(b, "\n## %s\n\n%s\n\n", c.ID, c.Statement)
	for _, l := range Lines(c, o) {
		fmt.Fprintf(b, "- %s: %s\n", l[0], l[1])
	}
	for _, t := range Tables(o) {
		fmt.Fprintf(b, "\n| %s |\n|%s\n", strings.Join(t.Heads, " | "), strings.Repeat("---|", len(t.Heads)))
		for _, row := range t.Rows {
			fmt.Fprintf(b, "| %s |\n", strings.Join(row, " | "))
		}
	}
	if c.Finding != "" {
		fmt.Fprintf(b, "\n%s\n", strings.TrimSpace(c.Finding))
	}
}

func scenarioCell(c Claim) string {
	if c.Scenario == "" {
		return ""
	}
	return "`" + c.Scenario + "`"
}

// verdictCell is the verdict with its reason.
func verdictCell(o Outcome) string {
	if o.Why == "" {
		return verdictText(o)
	}
	return "**" + verdictText(o) + "**: " + o.Why
}

// cellOf is the difference with its interval, or the largest error of an identity.
func cellOf(o Outcome) string {
	if o.Difference == nil {
		return ""
	}
	return fmt.Sprintf("%s (%s … %s)", number(*o.Difference), number(o.Interval[0]), number(o.Interval[1]))
}

func seedsCell(o Outcome) string {
	if len(o.Seeds) == 0 {
		return ""
	}
	return fmt.Sprint(len(o.Seeds))
}

func timeCell(o Outcome) string {
	if o.Seconds == 0 {
		return ""
	}
	return tookText(o)
}

func hashCell(o Outcome) string {
	if o.Hash == "" {
		return ""
	}
	return "`" + o.Hash[:12] + "`"
}
