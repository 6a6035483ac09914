package claims

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/ledger"
)

// Lines are what is said of a claim and an outcome, a name and a text each.
func Lines(c Claim, o Outcome) [][2]string {
	out := [][2]string{{"kind", c.Kind}, {"source", c.Source}}
	if c.Scenario != "" {
		out = append(out, [2]string{"scenario", "`" + c.Scenario + "`" + setsText(c.Sets)})
	}
	if c.Against != "" {
		out = append(out, [2]string{"decided by", fmt.Sprintf("%s of %s minus %s, over seeds %s, margin %g", c.Measure, c.Arm, c.Against, c.Seeds, c.Margin)})
	}
	for _, a := range c.Across {
		out = append(out, [2]string{"across", axisText(a)})
	}
	if c.Orders != nil {
		out = append(out, [2]string{"orders", axisText(*c.Orders) + "; a seed's number is the mean over them"})
	}
	for _, in := range c.Inputs {
		out = append(out, [2]string{"needs", fmt.Sprintf("`--input %s=DIR`: %s", in.Name, in.Is)})
	}
	if c.Within != "" {
		out = append(out, [2]string{"resampled", "seeds, and the groups by " + c.Within})
	}
	if c.Grid != nil {
		out = append(out, [2]string{"tuned by", fmt.Sprintf("%s of %s over seeds %s, %s", c.Grid.Measure, valuesText(c.Grid), c.Grid.Seeds, "for every arm alike")})
	}
	out = append(out, [2]string{"verdict", verdictText(o)})
	if o.Why != "" {
		out = append(out, [2]string{"because", o.Why})
	}
	if len(o.Sets) > 0 {
		out = append(out, [2]string{"run with", strings.TrimPrefix(setsText(o.Sets), ", with ")})
	}
	if o.Difference != nil {
		out = append(out, [2]string{"difference", fmt.Sprintf("%s, 95 %% interval %s … %s, p %s, %s",
			number(*o.Difference), number(o.Interval[0]), number(o.Interval[1]), number(*o.P), seedsText(len(o.Seeds)))})
	}
	if len(o.Of) > 0 {
		words := make([]string, len(o.Of))
		for i, x := range o.Of {
			words[i] = fmt.Sprintf("%s %.12s", x.Name, x.Blob)
		}
		out = append(out, [2]string{"of", strings.Join(words, ", ")})
	}
	if c := o.TuningCost(); c.Trials > 0 {
		out = append(out, [2]string{"tuning", tuningText(o, c)})
	}
	if o.Seconds > 0 {
		out = append(out, [2]string{"took", tookText(o)})
	}
	if o.Hash != "" {
		by := "by a build that was not noted"
		if o.Simrun != "" {
			by = "by simrun " + o.Simrun
		}
		out = append(out, [2]string{"hash", o.Hash + ", " + by})
	}
	return out
}

func verdictText(o Outcome) string {
	if o.Quick {
		return o.Verdict + " (quick)"
	}
	return o.Verdict
}

func tookText(o Outcome) string {
	text := secondsText(o.Seconds)
	if o.ReadySec >= 1 {
		text += ", bases and data " + secondsText(o.ReadySec)
	}
	if c := o.TuningCost(); c.Trials > 0 {
		text += ", tuning " + secondsText(c.Seconds)
	}
	return text
}

// secondsText has two figures, and no more than whole seconds.
func secondsText(s float64) string {
	if s >= 100 {
		return strconv.FormatFloat(math.Round(s), 'f', -1, 64) + " s"
	}
	return strconv.FormatFloat(s, 'g', 2, 64) + " s"
}

// tuningText is what tuning cost, and how much of it is from before.
func tuningText(o Outcome, c Cost) string {
	kept := 0
	for _, x := range o.Tuning {
		if x.Kept {
			kept++
		}
	}
	text := fmt.Sprintf("%d trials, %s, %.3g FLOPs", c.Trials, secondsText(c.Seconds), c.Flops)
	if kept > 0 {
		text += fmt.Sprintf("; %d of %d arms are from the cache", kept, len(o.Tuning))
	}
	return text
}

func setsText(sets []string) string {
	if len(sets) == 0 {
		return ""
	}
	return ", with `" + strings.Join(sets, "` `") + "`"
}

// axisText names the values of an axis; those that lay several things at once by their labels.
func axisText(a Axis) string {
	words := make([]string, len(a.Values))
	for i, v := range a.Values {
		words[i] = fmt.Sprint(v)
		if laid, ok := v.(map[string]any); ok && laid["label"] != nil {
			words[i] = fmt.Sprint(laid["label"])
		}
	}
	return fmt.Sprintf("`%s` in %s", a.Path, strings.Join(words, " "))
}

func valuesText(g *Grid) string {
	words := make([]string, len(g.Values))
	for i, v := range g.Values {
		words[i] = text(v)
	}
	return g.Key + " in " + strings.Join(words, ", ")
}

// Table is numbers behind a verdict.
type Table struct {
	Heads []string
	Rows  [][]string
}

// Tables are those of an outcome: errors, points, tuning.
func Tables(o Outcome) (out []Table) {
	if len(o.Errors) > 0 {
		t := Table{Heads: []string{"part", "error", "tolerance"}}
		for _, e := range o.Errors {
			t.Rows = append(t.Rows, []string{e.What, number(e.Error), number(ledger.Number(e.Tolerance))})
		}
		out = append(out, t)
	}
	if len(o.Points) > 0 {
		out = append(out, pointsTable(o))
	}
	if len(o.Tuning) > 0 {
		t := Table{Heads: []string{"tuning"}}
		for _, v := range o.Tuning[0].Values {
			t.Heads = append(t.Heads, text(v))
		}
		t.Heads = append(t.Heads, "best")
		for _, x := range o.Tuning {
			row := []string{x.Arm}
			for _, m := range x.Means {
				row = append(row, number(m))
			}
			best := text(x.Best)
			if x.Edge {
				best += ", at the edge"
			}
			t.Rows = append(t.Rows, append(row, best))
		}
		out = append(out, t)
	}
	return out
}

func pointsTable(o Outcome) Table {
	t := Table{Heads: []string{"at", "mean", "SD", "n"}}
	compared := o.Points[0].Minus != "" || o.Points[len(o.Points)-1].Minus != ""
	if compared {
		t.Heads = append(t.Heads, "difference")
	}
	t.Heads = append(t.Heads, o.Also...)
	for _, p := range o.Points {
		row := []string{p.At, number(p.Value), number(p.SD), strconv.Itoa(p.N)}
		if compared {
			row = append(row, differText(p))
		}
		for _, x := range p.Also {
			row = append(row, number(x))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func differText(p Point) string {
	if p.Minus == "" {
		return "–"
	}
	return number(p.Differ)
}

// number writes four figures, and a dash for none.
func number(x ledger.Number) string {
	if math.IsNaN(float64(x)) {
		return "–"
	}
	return results.Plain(float64(x))
}
