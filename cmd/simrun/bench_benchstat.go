package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// benchUnit is how a number of a bench reads in Go's benchmark format.
type benchUnit struct {
	unit  string
	times float64 // what the number is multiplied by, to be of that unit
}

// benchUnits by the keys of what the benches print.
var benchUnits = map[string]benchUnit{
	"ms": {"ns/op", 1e6}, "best_ms": {"best-ns/op", 1e6}, "median_s": {"ns/op", 1e9}, "best_s": {"best-ns/op", 1e9},
	"client_run_usec": {"ns/op", 1e3}, "client_runs_per_sec": {"clients/s", 1}, "plan_sec": {"plan-ns/op", 1e9}, "fold_sec": {"fold-ns/op", 1e9},
	"plain_ms": {"plain-ns/op", 1e6}, "mixed_ms": {"mixed-ns/op", 1e6}, "times": {"times", 1}, "best": {"best-times", 1},
	"run_sec": {"run-ns/op", 1e9}, "trial_sec": {"trial-ns/op", 1e9}, "steps_sec": {"steps-ns/op", 1e9}, "step_ms": {"step-ns/op", 1e6}, "trial_times": {"trial-times", 1},
	"tokens_per_s": {"tokens/s", 1}, "mb_per_s": {"MB/s", 1}, "gflops": {"GFLOP/s", 1}, "peak_gflops": {"peak-GFLOP/s", 1},
	"peak_bytes": {"peak-B", 1}, "resident_bytes": {"resident-B", 1}, "plugin_peak_bytes": {"plugin-peak-B", 1},
}

// unnamed are the other numbers that differ from one run to the next, or say how it was measured.
// What is left was asked for, and names the bench.
var unnamed = []string{"secs", "cpu", "kernels", "loss", "residual", "nominal", "setup_sec", "wall_sec", "run_cpu", "steps_cpu", "steps", "passes", "trained_steps"}

func newBenchBenchstat() *cobra.Command {
	return &cobra.Command{
		Use:   "benchstat [FILE...]",
		Short: "what benches printed as JSON, as lines that benchstat compares",
		Long: `bench benchstat reads what the other benches print with -o json, from files or stdin, and
prints it in the format of Go's benchmarks, which golang.org/x/perf/cmd/benchstat compares.
Several objects, one behind the other, are several measurements of the same:

  for i in 1 2 3 4 5 6; do simrun bench engine -o json; done >old.json
  (the other build) …                                        >new.json
  simrun bench benchstat old.json >old.txt
  simrun bench benchstat new.json >new.txt
  benchstat old.txt new.txt`,
		RunE: func(c *cobra.Command, files []string) error {
			if len(files) == 0 {
				return benchstat(c.OutOrStdout(), "stdin", c.InOrStdin())
			}
			for _, name := range files {
				f, err := os.Open(name)
				if err != nil {
					return misuse("%v", err)
				}
				if err := errors.Join(benchstat(c.OutOrStdout(), name, f), f.Close()); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// benchstat writes the benches of a file, of which each is an object, or has several as results.
func benchstat(out io.Writer, name string, in io.Reader) error {
	d := json.NewDecoder(in)
	d.UseNumber()
	for n := 1; ; n++ {
		var of map[string]any
		switch err := d.Decode(&of); {
		case errors.Is(err, io.EOF) && n > 1:
			return nil
		case errors.Is(err, io.EOF):
			return misuse("%s is empty; expected what a bench prints with -o json", name)
		case err != nil:
			return misuse("%s: object %d: %v; expected what a bench prints with -o json", name, n, err)
		}
		rows := []any{of}
		if all, ok := of["results"].([]any); ok {
			rows = all
		}
		for _, key := range []string{"cpu", "kernels"} {
			if text, ok := of[key].(string); ok {
				if _, err := fmt.Fprintf(out, "%s: %s\n", key, text); err != nil {
					return err
				}
			}
		}
		for _, row := range rows {
			line, err := benchLine(row)
			if err != nil {
				return misuse("%s: object %d: %v", name, n, err)
			}
			if _, err := fmt.Fprintln(out, line); err != nil {
				return err
			}
		}
	}
}

// benchLine names a bench by what was asked for, and tells what was measured.
func benchLine(row any) (string, error) {
	of, ok := row.(map[string]any)
	if !ok {
		return "", fmt.Errorf("%v is no bench", row)
	}
	name, values := "BenchmarkSimrun", ""
	for _, key := range slices.Sorted(maps.Keys(of)) {
		text := fmt.Sprint(of[key])
		u, measured := benchUnits[key]
		switch {
		case measured:
			x, err := strconv.ParseFloat(text, 64)
			if err != nil {
				return "", fmt.Errorf("%s is %q; expected a number", key, text)
			}
			values += " " + strconv.FormatFloat(x*u.times, 'g', 12, 64) + " " + u.unit
		case !slices.Contains(unnamed, key):
			name += "/" + key + "=" + strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '/' }), "_")
		}
	}
	if values == "" {
		return "", errors.New("nothing in it was measured that can be compared")
	}
	return name + " 1" + values, nil
}
