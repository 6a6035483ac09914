package results

import (
	"bytes"
	"encoding/csv"
	"path/filepath"
	"slices"
	"strconv"
)

// Rewrite makes metrics.csv and trials.csv again from the ledgers.
func (r *Run) Rewrite() error { return r.WriteTables(r.Dir) }

// WriteTables writes metrics.csv and trials.csv into a folder.
func (r *Run) WriteTables(dir string) error {
	if err := WriteFile(filepath.Join(dir, metricsFile), r.metricsCSV()); err != nil {
		return err
	}
	return WriteFile(filepath.Join(dir, trialsFile), r.trialsCSV())
}

// metricsCSV has a row for every number that was measured: those of evaluations, with the
// set they were measured on, and those of folds, with none.
func (r *Run) metricsCSV() []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	row := func(cells ...string) { _ = w.Write(cells) } // a buffer takes everything
	row("trial", "arm", "method", "seed", "at", "round", "time_seconds", "up_bytes", "down_bytes", "flops",
		"on", "metric", "group", "value", "weight", "energy_joules")
	for n := range r.Numbers() {
		row(n.Trial, n.Arm, n.Method, strconv.FormatUint(n.Seed, 10), n.At, strconv.Itoa(n.Round), exact(n.TimeSec),
			strconv.FormatInt(n.Cost.Up, 10), strconv.FormatInt(n.Cost.Down, 10), exact(n.Cost.Flops),
			n.On, n.Metric, n.Group, exact(n.Value), exact(n.Weight), exact(n.Cost.Energy))
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
