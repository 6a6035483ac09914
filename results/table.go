package results

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// Table is rows of text under heads, ready for a terminal, a page or a file.
type Table struct {
	Heads []string
	Left  int // so many columns are words, set to the left; the others are numbers
	Rows  [][]string
	Notes []string // what must be known to read it
}

// Table lays the summary out: an arm a row.
func (s Summary) Table() Table {
	t := Table{Heads: []string{"method", "ranks"}, Left: 2}
	for _, score := range s.Scores {
		t.Heads = append(t.Heads, score.Name, "vs base")
	}
	t.Heads = append(t.Heads, "agg. error", "relative", "drift", "eff. rank", "up", "down", "time", "energy")
	for _, a := range s.Arms {
		t.Rows = append(t.Rows, s.row(a))
	}
	t.Notes = s.notes()
	t.dropEmpty()
	return t
}

func (s Summary) row(a Arm) []string {
	row := []string{a.Name, a.Ranks}
	for _, score := range s.Scores {
		end, _ := a.Column(score.Name)
		gain, _ := a.Column(score.Delta())
		row = append(row, end.Text(), gain.Signed())
	}
	mean := func(name string, text func(float64) string) string {
		c, ok := a.Column(name)
		if !ok || math.IsNaN(c.Mean) {
			return "–"
		}
		return text(c.Mean)
	}
	return append(row, mean(AggError, Plain), mean(AggErrorRel, percent), mean(Drift, Plain), mean(RankEffective, Plain),
		mean(UpBytes, Bytes), mean(DownBytes, Bytes), mean(Time, Seconds), mean(Energy, Joules))
}

func percent(x float64) string { return fmt.Sprintf("%.2f %%", float64(100*x)) }

// notes says what the table's numbers are: seeds, spread, order, terms.
func (s Summary) notes() []string {
	if len(s.Arms) == 0 {
		return []string{"No trial has finished."}
	}
	fewest, most := len(s.Arms[0].Trials), 0
	for _, a := range s.Arms {
		fewest, most = min(fewest, len(a.Trials)), max(most, len(a.Trials))
	}
	seeds := fmt.Sprintf("Means over %d seeds ± standard deviation (n−1)", most)
	switch {
	case most < 2:
		seeds = "One seed: a spread needs at least 2 (--seeds 1..3)"
	case fewest != most:
		seeds = fmt.Sprintf("Means over %d to %d seeds ± standard deviation (n−1)", fewest, most)
	}
	notes := []string{fmt.Sprintf("%s; rows %s.", seeds, s.Sorted)}
	if slices.ContainsFunc(s.Scores, func(score Score) bool { return s.has(score.Delta()) }) {
		notes = append(notes, "“vs base”: end minus start, taken seed by seed.")
	}
	if s.has(AggErrorRel) {
		notes = append(notes, "Aggregation error: what a round deployed minus the weighted mean of its clients' own updates, Frobenius, mean over rounds.")
	}
	rank := "eff. rank: directions of what a round changed, means over rounds and modules."
	switch {
	case s.has(Drift):
		notes = append(notes, "Drift: how far clients went apart in a round, 0 alike to 1 cancelling out; "+rank)
	case s.has(RankEffective):
		notes = append(notes, strings.ToUpper(rank[:1])+rank[1:])
	}
	return notes
}

func (s Summary) has(name string) bool {
	return slices.ContainsFunc(s.Arms, func(a Arm) bool { return a.has(name) })
}

// dropEmpty removes columns that no row has anything in.
func (t *Table) dropEmpty() {
	for c := len(t.Heads) - 1; c >= t.Left; c-- {
		if slices.ContainsFunc(t.Rows, func(r []string) bool { return r[c] != "–" }) {
			continue
		}
		t.Heads = slices.Delete(t.Heads, c, c+1)
		for i := range t.Rows {
			t.Rows[i] = slices.Delete(t.Rows[i], c, c+1)
		}
	}
}

// Write prints the table in columns. bold marks heads where the output is a terminal.
func (t Table) Write(w io.Writer, bold func(string) string) error {
	widths := make([]int, len(t.Heads))
	for _, row := range append([][]string{t.Heads}, t.Rows...) {
		for c, cell := range row {
			widths[c] = max(widths[c], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	b.WriteString(bold(t.line(t.Heads, widths)) + "\n")
	rules := make([]string, len(widths))
	for c, n := range widths {
		rules[c] = strings.Repeat("─", n)
	}
	b.WriteString(strings.Join(rules, "  ") + "\n")
	for _, row := range t.Rows {
		b.WriteString(t.line(row, widths) + "\n")
	}
	for _, n := range t.Notes {
		b.WriteString(n + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (t Table) line(cells []string, widths []int) string {
	out := make([]string, len(cells))
	for c, cell := range cells {
		pad := strings.Repeat(" ", widths[c]-utf8.RuneCountInString(cell))
		if c < t.Left {
			out[c] = cell + pad
		} else {
			out[c] = pad + cell
		}
	}
	return strings.TrimRight(strings.Join(out, "  "), " ")
}
