package results

import (
	"bytes"
	"encoding/csv"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/loramesh/loramesh/sim/ledger"
)

// Rewrite makes metrics.csv and trials.csv again from the ledgers.
func (r *Run) Rewrite() error {
	if err := WriteFile(filepath.Join(r.Dir, metricsFile), r.metricsCSV()); err != nil {
		return err
	}
	return WriteFile(filepath.Join(r.Dir, trialsFile), r.trialsCSV())
}

// metricsCSV has a row for every number that was measured: those of evaluations, with the
// set they were measured on, and those of folds, with none.
func (r *Run) metricsCSV() []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	row := func(cells ...string) { _ = w.Write(cells) } // a buffer takes everything
	row("trial", "arm", "method", "seed", "at", "round", "time_seconds", "up_bytes", "down_bytes", "flops",
		"on", "metric", "group", "value", "weight")
	for _, t := range r.Trials {
		values := func(at string, round int, time float64, c Cost, on string, vs []ledger.Value) {
			for _, v := range vs {
				row(t.ID, t.Head.Arm, t.Method(), strconv.FormatUint(t.Head.Seed, 10), at, strconv.Itoa(round), exact(time),
					strconv.FormatInt(c.Up, 10), strconv.FormatInt(c.Down, 10), exact(c.Flops),
					on, v.Name, v.Group, exact(float64(v.Value)), exact(v.Weight))
			}
		}
		for _, e := range t.Evaluations {
			values(e.At, e.Round, float64(e.Now), Cost{e.Up, e.Down, e.Flops}, e.On, e.Values)
		}
		for i, f := range t.Folds {
			values("fold", f.Round, float64(f.Now), t.FoldCosts[i], "", f.Values)
		}
	}
	w.Flush()
	return b.Bytes()
}

// trialsCSV has a row for every trial, and a column for every number that any has.
func (r *Run) trialsCSV() []byte {
	var names []string
	for _, t := range r.Trials {
		for _, m := range t.Measures() {
			if !slices.Contains(names, m.Name) {
				names = append(names, m.Name)
			}
		}
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(append([]string{"trial", "name", "arm", "method", "ranks", "seed", "hash"}, names...))
	for _, t := range r.Trials {
		row := []string{t.ID, t.Head.Name, t.Head.Arm, t.Method(), t.Ranks(), strconv.FormatUint(t.Head.Seed, 10), t.Hash}
		for _, name := range names {
			cell := ""
			if v, ok := t.Measure(name); ok {
				cell = exact(v)
			}
			row = append(row, cell)
		}
		_ = w.Write(row)
	}
	w.Flush()
	return b.Bytes()
}

// exact writes the shortest decimal that reads back to the same bits.
func exact(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
