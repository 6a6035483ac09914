package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/plugins/builtin"
	"github.com/loramesh/loramesh/results"
)

// runBench is "simrun bench run", its flags and its parts.
type runBench struct {
	base, data, method                           string
	clients, rounds, steps, batch, rank, longest int
	output                                       string
}

// runResult is what it measured.
type runResult struct {
	Method    string  `json:"method"`
	Base      string  `json:"base"`
	Data      string  `json:"data"`
	Clients   int     `json:"clients"`
	Rounds    int     `json:"rounds"`
	Steps     int     `json:"steps"` // of a client in a round
	Batch     int     `json:"batch"`
	Rank      int     `json:"rank"`
	Tokens    int     `json:"tokens"`        // of a sequence, at most
	RunSec    float64 `json:"run_sec"`       // wall of "simrun run" as a process, from its start to its end
	TrialSec  float64 `json:"trial_sec"`     // of it, from the first round to the last checkpoint
	StepsSec  float64 `json:"steps_sec"`     // of the same steps and nothing else
	StepMs    float64 `json:"step_ms"`       // mean of these
	Times     float64 `json:"times"`         // run_sec / steps_sec
	TrialOver float64 `json:"trial_times"`   // trial_sec / steps_sec
	RunCPU    float64 `json:"run_cpu"`       // share of a core that the run had, with the method's process
	StepsCPU  float64 `json:"steps_cpu"`     // share of a core that the steps had
	Trained   int     `json:"trained_steps"` // all steps, of both
	CPU       string  `json:"cpu"`
}

func newBenchRun() *cobra.Command {
	f := &runBench{}
	c := &cobra.Command{
		Use:   "run",
		Short: "the wall of a whole run against that of its training steps alone",
		Long: `bench run carries out "simrun run" as a process of its own: clients train in turn in
one slot, the method is a process too, the ledger, checkpoints, tables and the page are
written. Beside it the same steps are made as "simrun bench engine" makes them, on the
same base, the same examples in batches as many and an adapter of the same shape, half of
them before the run and half after it. The ratio says what all else costs.

Without --base and --data a model and texts of the size of stories260K and Dolly are made.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			r, err := f.measure(c.Context())
			if err != nil {
				return err
			}
			return f.print(c.OutOrStdout(), r)
		},
	}
	c.Flags().StringVar(&f.base, "base", "", "a Hugging Face folder, as of stories260K (default: a Llama of its size is made)")
	c.Flags().StringVar(&f.data, "data", "", "folder of Dolly's shards, local_training_0.json to global_test.json (default: phrases are made)")
	c.Flags().StringVar(&f.method, "method", "flora", "a federated method")
	c.Flags().IntVar(&f.clients, "clients", 10, "clients, all in every round")
	c.Flags().IntVar(&f.rounds, "rounds", 10, "rounds")
	c.Flags().IntVar(&f.steps, "steps", 20, "updates of a client in a round")
	c.Flags().IntVar(&f.batch, "batch", 8, "examples of an update")
	c.Flags().IntVar(&f.rank, "rank", 8, "of each adapter, on q and v")
	c.Flags().IntVar(&f.longest, "tokens", 64, "of a sequence at most")
	outputFlag(c, &f.output)
	return c
}

func (f *runBench) check() error {
	if err := checkOutput(f.output); err != nil {
		return err
	}
	for _, x := range []struct {
		name string
		n    int
	}{{"clients", f.clients}, {"rounds", f.rounds}, {"steps", f.steps}, {"batch", f.batch}, {"rank", f.rank}} {
		if x.n < 1 || x.n > 1<<16 {
			return misuse("--%s %d: from 1 to 65536 was expected", x.name, x.n)
		}
	}
	if set, err := builtin.SetOf(f.method); err != nil || set != "flora" {
		return misuse("--method %s: a federated method was expected, as flora, fedit, flexlora", f.method)
	}
	return nil
}

func (f *runBench) measure(ctx context.Context) (r runResult, err error) {
	if err := f.check(); err != nil {
		return r, err
	}
	dir, err := os.MkdirTemp("", "simrun-bench-")
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	file := filepath.Join(dir, "bench.yaml")
	if err := os.WriteFile(file, f.scenario(), 0o600); err != nil {
		return r, err
	}
	work, err := f.work(ctx)
	if err != nil {
		return r, err
	}
	first, busy, err := work.time(0, (f.rounds+1)/2)
	if err != nil {
		return r, err
	}
	folder := filepath.Join(dir, "run")
	wall, used, err := runAlone(ctx, file, folder)
	if err != nil {
		return r, err
	}
	second, busyToo, err := work.time((f.rounds+1)/2, f.rounds)
	if err != nil {
		return r, err
	}
	done, err := results.Read(folder)
	if err != nil {
		return r, err
	}
	r = runResult{Method: f.method, Base: f.base, Data: f.data, Clients: f.clients, Rounds: f.rounds, Steps: f.steps, Batch: f.batch, Rank: f.rank, Tokens: f.longest, CPU: cpuName()}
	steps := (first + second).Seconds()
	r.RunSec, r.TrialSec, r.StepsSec = wall.Seconds(), done.Manifest.Trials[0].WallSec, steps
	r.Trained = f.clients * f.rounds * f.steps
	r.StepMs, r.StepsCPU = 1e3*steps/float64(r.Trained), (busy+busyToo)/steps
	r.RunCPU = used / wall.Seconds()
	r.Times, r.TrialOver = r.RunSec/steps, r.TrialSec/steps
	return r, nil
}

// runAlone carries a scenario out as a user would, and says how long it took by the wall and
// in seconds of a processor, those of the method's process included.
func runAlone(ctx context.Context, file, folder string) (wall time.Duration, used float64, err error) {
	self, err := os.Executable()
	if err != nil {
		return 0, 0, err
	}
	c := exec.CommandContext(ctx, self, "run", file, "--out", folder, "--slots", "1", "--quiet")
	var said bytes.Buffer
	c.Stderr = &said
	began := time.Now()
	if err := c.Run(); err != nil {
		return 0, 0, fmt.Errorf("simrun run: %w\n%s", err, said.Bytes())
	}
	return time.Since(began), (c.ProcessState.UserTime() + c.ProcessState.SystemTime()).Seconds(), nil
}

// scenario is the run: examples enough for one pass of so many steps, dealt evenly.
func (f *runBench) scenario() []byte {
	examples := f.clients * f.steps * f.batch
	base := fmt.Sprintf("hf: %s", strconv.Quote(f.base))
	if f.base == "" { // stories260K's shape
		base = fmt.Sprintf("recipe: {family: llama, d: 64, layers: 5, heads: 8, kv_heads: 4, hidden: 172, vocab: 512, context: %d, pretrain: {data: texts, tokens: 20000, batch: 8, lr: 1e-3}}", f.longest)
	}
	data := fmt.Sprintf("set: dolly, path: %s, limit: %d", strconv.Quote(f.data), examples)
	if f.data == "" {
		data = fmt.Sprintf("generate: phrases, with: {topics: 8, train: %d, test: 64, clauses: %d}", examples, max(1, f.longest/6))
	}
	return fmt.Appendf(nil, `version: 1
name: bench
question: What does a run cost beside its steps?
bases:
  main: {%s}
data:
  texts: {%s, valid: 0, tokens: %d}
population:
  client: {count: %d, split: iid, rank: %d}
method:
  - {use: %s, with: {epochs: 1, batch: %d, modules: "q,v"}, rounds: %d}
evaluate:
  - {at: end, on: test, limit: 32, metrics: [loss]}
`, base, data, f.longest, f.clients, f.rank, f.method, f.batch, f.rounds)
}

func (f *runBench) print(out io.Writer, r runResult) error {
	if f.output == "json" {
		return writeJSON(out, r)
	}
	made := func(name, otherwise string) string {
		if name == "" {
			return otherwise
		}
		return name
	}
	_, err := fmt.Fprintf(out, strings.Join([]string{
		"%s, %d clients × %d rounds × %d steps of %d examples, at most %d tokens each",
		"base   %s",
		"data   %s",
		"run    %.2f s, of which the trial %.2f s, %.0f %% of a core",
		"steps  %.2f s for the same %d steps alone, %.2f ms a step, %.0f %% of a core",
		"ratio  %.3f (the trial alone %.3f)   (%s)", ""}, "\n"),
		r.Method, r.Clients, r.Rounds, r.Steps, r.Batch, r.Tokens, made(r.Base, "made: a Llama of the size of stories260K"), made(r.Data, "made: phrases"),
		r.RunSec, r.TrialSec, 100*r.RunCPU, r.StepsSec, r.Trained, r.StepMs, 100*r.StepsCPU, r.Times, r.TrialOver, r.CPU)
	return err
}
