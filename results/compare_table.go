package results

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/loramesh/loramesh/results/stat"
)

// Table lays a comparison out, a row a line.
func (c Comparison) Table() Table {
	t := Table{Heads: []string{"arm", "score", "verdict", "difference", "95 % interval", "p", "p (Holm)", "effect", "seeds", "needed"}, Left: 3}
	for _, r := range c.Rows {
		in, _ := r.Best()
		t.Rows = append(t.Rows, []string{r.Arm, r.Score.Name, string(r.Verdict()), r.difference(), intervalText(in),
			probability(r.P), probability(r.Holm), effect(r.Effect.Gz), strconv.Itoa(len(r.Seeds)), needed(r.Needed, r.Question)})
	}
	t.Notes = c.notes()
	return t
}

// difference is the mean with its sign, to as many digits as its interval.
func (r Compared) difference() string {
	in, _ := r.Best()
	return signed(r.Mean, digitsOf(in))
}

// digitsOf is how many decimals tell the ends of an interval apart to three figures; below
// 0 where there is no interval that has a width.
func digitsOf(in stat.Interval) int {
	width := in.High - in.Low
	if !(width > 0) || math.IsInf(width, 0) {
		return -1
	}
	return min(max(2-int(math.Floor(math.Log10(width))), 0), 8)
}

func signed(x float64, digits int) string {
	text := Plain(x)
	if digits >= 0 && !math.IsNaN(x) {
		text = strconv.FormatFloat(x, 'f', digits, 64)
	}
	if x >= 0 {
		return "+" + text
	}
	return text
}

func intervalText(in stat.Interval) string {
	if math.IsNaN(in.Low) || math.IsNaN(in.High) {
		return "–"
	}
	d := digitsOf(in)
	return signed(in.Low, d) + " … " + signed(in.High, d)
}

// probability writes a p-value: three digits, and no more noughts than are read.
func probability(p float64) string {
	switch {
	case math.IsNaN(p):
		return "–"
	case p < 0.0005 && p > 0:
		return "<0.001"
	}
	return strconv.FormatFloat(p, 'f', 3, 64)
}

func effect(g float64) string {
	if math.IsNaN(g) || math.IsInf(g, 0) {
		return "–"
	}
	return strconv.FormatFloat(g, 'f', 2, 64)
}

// needed is a number of seeds with the difference that it is for.
func needed(n int, q stat.Question) string {
	switch n {
	case 0:
		return "–"
	case stat.SeedsMost:
		return ">" + strconv.Itoa(stat.SeedsMost) + " for " + marginText(q)
	}
	return strconv.Itoa(n) + " for " + marginText(q)
}

func marginText(q stat.Question) string { return "±" + strconv.FormatFloat(q.Margin, 'g', -1, 64) }

// notes say what the numbers are, then what to mind. A warning that several rows share is
// said once.
func (c Comparison) notes() []string {
	if len(c.Rows) == 0 {
		return []string{"Nothing was compared."}
	}
	_, kind := c.Rows[0].Best()
	words := map[string]string{"BCa": "bias-corrected bootstrap over seeds", "t": "Student's t"}[kind]
	switch {
	case kind == "BCa" && c.Rows[0].Crossed:
		words += " and over groups, which are the same at every seed"
	case kind == "BCa" && c.Rows[0].Nested:
		words += " and over groups within seeds"
	}
	notes := []string{
		fmt.Sprintf("Each arm minus %q, seed by seed; interval of the mean by %s; p by exact %s, Holm over the %s of a score.", c.Reference, words, c.Rows[0].Test, countRows(c.family(c.Rows[0].Score))),
		"Effect: mean over standard deviation of the differences, corrected for few seeds.",
	}
	if q := c.Rows[0].Question; slices.ContainsFunc(c.Rows, func(r Compared) bool { return r.Needed > 0 }) {
		notes = append(notes, fmt.Sprintf("Needed: seeds for a true difference of the margin (%s) to be found by a two-sided t-test of one row at level %g with power %g, if it spreads as here.", c.margins(), q.Alpha, q.Power))
	}
	if c.says(stat.Same) || c.says(stat.Negligible) {
		notes = append(notes, "Equivalent: within the margin by two one-sided tests; equal in practice: a difference is shown, and that it is within the margin.")
	}
	var seen []string
	for _, w := range c.Cautions() {
		if !slices.Contains(seen, w) {
			seen = append(seen, w)
			notes = append(notes, "Warning: "+w+".")
		}
	}
	return notes
}

// Cautions lists all warnings of the table, each once.
func (c Comparison) Cautions() []string {
	var out []string
	add := func(w error) {
		if !slices.Contains(out, w.Error()) {
			out = append(out, w.Error())
		}
	}
	for _, w := range c.Warnings {
		add(w)
	}
	for _, r := range c.Rows {
		for _, w := range r.Paired.Warnings {
			add(w)
		}
	}
	return out
}

func (c Comparison) says(v stat.Verdict) bool {
	return slices.ContainsFunc(c.Rows, func(r Compared) bool { return r.Verdict() == v })
}

// family is how many rows a score has.
func (c Comparison) family(score Score) int {
	n := 0
	for _, r := range c.Rows {
		if r.Score.Name == score.Name {
			n++
		}
	}
	return n
}

func (c Comparison) margins() string {
	var out []string
	for _, r := range c.Rows {
		if m := marginText(r.Question); !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	return strings.Join(out, ", ")
}

func countRows(n int) string {
	if n == 1 {
		return "1 row"
	}
	return fmt.Sprintf("%d rows", n)
}

// Sentence answers a run's question in one line, by the first score: which arm is best,
// how sure that is, and against what.
func (c Comparison) Sentence() string {
	var rows []Compared
	for _, r := range c.Rows {
		if r.Score.Name == c.Rows[0].Score.Name && !math.IsNaN(r.Mean) {
			rows = append(rows, r)
		}
	}
	if len(rows) == 0 {
		return ""
	}
	best := slices.MaxFunc(rows, func(a, b Compared) int {
		x, y := a.Mean, b.Mean
		if !a.Score.Higher {
			x, y = -x, -y
		}
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	in, _ := best.Best()
	span := ""
	if !math.IsNaN(in.Low) {
		span = fmt.Sprintf(" (95 %% interval %s)", intervalText(in))
	}
	switch best.Verdict() {
	case stat.Better:
		return fmt.Sprintf("%s is better than %s in %s, by %s%s.", best.Arm, best.Reference, best.Score.Name, best.difference(), span)
	case stat.Worse, stat.LeansDown:
		return fmt.Sprintf("No arm is better than %s in %s; the best of them, %s, differs by %s%s.", best.Reference, best.Score.Name, best.Arm, best.difference(), span)
	case stat.Same, stat.Negligible:
		return fmt.Sprintf("%s and %s are equal in %s within ±%s: they differ by %s%s.", best.Arm, best.Reference, best.Score.Name, strconv.FormatFloat(best.Question.Margin, 'g', -1, 64), best.difference(), span)
	case stat.LeansUp:
		return fmt.Sprintf("%s is ahead of %s in %s in every seed, by %s on average%s; with %s that is a direction, not a verdict.",
			best.Arm, best.Reference, best.Score.Name, best.difference(), span, countSeeds(len(best.Seeds)))
	}
	return fmt.Sprintf("No arm is shown to be better than %s in %s; the best of them, %s, differs by %s%s.", best.Reference, best.Score.Name, best.Arm, best.difference(), span)
}

func countSeeds(n int) string {
	if n == 1 {
		return "one seed"
	}
	return fmt.Sprintf("%d seeds", n)
}
