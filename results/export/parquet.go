package export

import (
	"bytes"
	"path/filepath"

	"github.com/parquet-go/parquet-go"

	"github.com/loramesh/loramesh/results"
)

// metricRow is a row of metrics.parquet: the columns of metrics.csv, typed.
type metricRow struct {
	Trial    string  `parquet:"trial,dict"`
	Arm      string  `parquet:"arm,dict"`
	Method   string  `parquet:"method,dict"`
	Seed     uint64  `parquet:"seed"`
	At       string  `parquet:"at,dict"`
	Round    int64   `parquet:"round"`
	TimeSec  float64 `parquet:"time_seconds"`
	Up       int64   `parquet:"up_bytes"`
	Down     int64   `parquet:"down_bytes"`
	Flops    float64 `parquet:"flops"`
	Examples int64   `parquet:"examples"`
	Energy   float64 `parquet:"energy_joules"`
	On       string  `parquet:"on,dict"`
	Metric   string  `parquet:"metric,dict"`
	Group    string  `parquet:"group,dict"`
	Value    float64 `parquet:"value"`
	Weight   float64 `parquet:"weight"`
}

// trialRow is a row of trials.parquet: one number of one trial, so that runs that measure
// other things have the same columns.
type trialRow struct {
	Trial  string  `parquet:"trial,dict"`
	Name   string  `parquet:"name,dict"`
	Arm    string  `parquet:"arm,dict"`
	Method string  `parquet:"method,dict"`
	Ranks  string  `parquet:"ranks,dict"`
	Seed   uint64  `parquet:"seed"`
	Hash   string  `parquet:"hash,dict"`
	Number string  `parquet:"number,dict"`
	Value  float64 `parquet:"value"`
}

func toParquet(r *results.Run, dir string) error {
	var numbers []metricRow
	for n := range r.Numbers() {
		numbers = append(numbers, metricRow{n.Trial, n.Arm, n.Method, n.Seed, n.At, int64(n.Round), n.TimeSec,
			n.Cost.Up, n.Cost.Down, n.Cost.Flops, n.Cost.Examples, n.Cost.Energy, n.On, n.Metric, n.Group, n.Value, n.Weight})
	}
	var trials []trialRow
	for _, t := range r.Trials {
		for _, m := range t.Measures() {
			trials = append(trials, trialRow{t.ID, t.Head.Name, t.Head.Arm, t.Method(), t.Ranks(), t.Head.Seed, t.Hash, m.Name, m.Value})
		}
	}
	if err := writeParquet(filepath.Join(dir, "metrics.parquet"), numbers); err != nil {
		return err
	}
	return writeParquet(filepath.Join(dir, "trials.parquet"), trials)
}

func writeParquet[T any](path string, rows []T) error {
	var b bytes.Buffer
	w := parquet.NewGenericWriter[T](&b, parquet.Compression(&parquet.Snappy))
	if _, err := w.Write(rows); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return results.WriteFile(path, b.Bytes())
}
