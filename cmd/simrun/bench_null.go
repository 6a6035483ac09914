package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/actors"
	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/builtin"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/remote"
	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim"
	"github.com/loramesh/loramesh/sim/plan"
	"github.com/loramesh/loramesh/sim/scenario"
	"github.com/loramesh/loramesh/sim/world"
)

// nullFlags are those of "simrun bench null".
type nullFlags struct {
	clients, rounds, floats, workers, slots int
	output                                  string
}

// nullResult is what it measured.
type nullResult struct {
	Clients       int     `json:"clients"`
	Rounds        int     `json:"rounds"`
	Floats        int     `json:"floats"`
	Workers       int     `json:"workers"`
	Slots         int     `json:"slots"`
	SetupSec      float64 `json:"setup_sec"`
	WallSec       float64 `json:"wall_sec"`
	ClientRunUsec float64 `json:"client_run_usec"` // wall, over all that work at once
	ClientRuns    float64 `json:"client_runs_per_sec"`
	PlanSec       float64 `json:"plan_sec"`          // a call
	FoldSec       float64 `json:"fold_sec"`          // a call, over all clients of a round
	PluginPeak    int64   `json:"plugin_peak_bytes"` // resident, of the method's process; 0: nobody knows
	Peak          int64   `json:"peak_bytes"`        // resident, of this process, which coordinates and without workers works too; 0: nobody knows
	PluginOwn     int64   `json:"plugin_own_bytes"`  // of them its own, not of mapped files, at the end of the last fold; 0: nobody knows
	Own           int64   `json:"own_bytes"`         // the same of this process
	Held          int64   `json:"held_bytes"`        // by the heap of this process when the last fold is asked: what is kept of clients is in it
	CPU           string  `json:"cpu"`
}

func newBenchNull() *cobra.Command {
	f := &nullFlags{}
	c := &cobra.Command{
		Use:   "null",
		Short: "what a client-run costs in which nothing is trained",
		Long: `Run a method that learns nothing with clients that train nothing: each is handed
numbers and hands back as many. All else is as in any run: the method is a process of
its own, participants are actors, a ledger is written, and at the end of each round a
checkpoint is written and synced, of which the newest stays ("run --keep each"). So what a client-run takes is the machinery.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			r, err := f.measure(c.Context())
			if err != nil {
				return err
			}
			return f.print(c.OutOrStdout(), r)
		},
	}
	c.Flags().IntVar(&f.clients, "clients", 256, "clients of a round")
	c.Flags().IntVar(&f.rounds, "rounds", 60, "rounds")
	c.Flags().IntVar(&f.floats, "floats", 1024, "numbers of 4 bytes that go down to each client and up again")
	c.Flags().IntVar(&f.workers, "workers", 0, "worker processes; 0: this one works")
	c.Flags().IntVar(&f.slots, "slots", 2, "clients that work at once, in each process that works")
	outputFlag(c, &f.output)
	return c
}

// nullScenario is the smallest world with so many clients.
const nullScenario = `
version: 1
name: nothing
question: What does the machinery cost?
bases:
  main:
    recipe: {family: llama, d: 16, layers: 1, heads: 2, context: 16, pretrain: {data: phrases, tokens: 400, batch: 4, lr: 1e-2}}
data:
  phrases: {generate: phrases, with: {topics: 4, train: %d, test: 8, clauses: 2}}
population:
  client: {count: %d, split: %s}
method:
  - {use: idle, with: {floats: %d}, rounds: %d}
evaluate:
  - {at: end, on: test, metrics: [loss]}
seed: 1
`

func (f *nullFlags) measure(ctx context.Context) (r nullResult, err error) {
	if err := checkOutput(f.output); err != nil {
		return r, err
	}
	if f.clients < 1 || f.rounds < 1 || f.floats < 1 {
		return r, misuse("--clients, --rounds and --floats are at least 1")
	}
	if err := checkHands(f.slots, 0, f.workers); err != nil {
		return r, err
	}
	began := time.Now()
	dir, err := os.MkdirTemp("", "simrun-bench-")
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	m, stop, err := nullMethod(ctx, f.rounds)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	stock := actors.NewStock(newFiles(), &memoryCache{saved: map[string][]byte{}})
	w, err := f.world(m.Describe(), stock)
	if err != nil {
		return r, err
	}
	folder, err := results.Create(filepath.Join(dir, "run"), results.Contents{Plan: planOf([]plan.Trial{w.Trial})})
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, folder.Release()) }()
	blobs, err := blob.Open(folder.BlobDir())
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, blobs.Close()) }()
	ctx, fail := failing(ctx)
	defer fail(nil)
	team, err := gather(&meshFlags{slots: f.slots, workers: f.workers, null: true}, dir, results.SpoolDir(dir), stock, slog.New(slog.DiscardHandler), fail)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, team.close()) }()
	if err := team.await(ctx, f.workers); err != nil {
		return r, err
	}
	keeping, err := folder.Keeping(blobs, results.Keep{Each: true})
	if err != nil {
		return r, err
	}
	book, _, err := folder.Book(0, nil)
	if err != nil {
		return r, err
	}
	keeper := keeping.Trial(0, book, nil, basesOf(w))
	setup := time.Since(began)
	began = time.Now()
	err = team.Run(ctx, sim.Setup{World: w, Methods: []method.Method{m}, Plugins: []string{fromHere}, Blobs: blobs, Book: book.Book, Keeper: keeper})
	err = errors.Join(err, keeper.Close(), keeping.Wait())
	wall := time.Since(began) - m.looked
	n := float64(f.clients * f.rounds)
	return nullResult{Clients: f.clients, Rounds: f.rounds, Floats: f.floats, Workers: f.workers, Slots: f.slots, SetupSec: setup.Seconds(),
		WallSec: wall.Seconds(), ClientRunUsec: wall.Seconds() * 1e6 / n, ClientRuns: n / wall.Seconds(), CPU: cpuName(),
		PlanSec: m.plan.Seconds() / float64(max(1, m.plans)), FoldSec: m.fold.Seconds() / float64(max(1, m.folds)), PluginPeak: m.peak(), Peak: peakResident(),
		PluginOwn: m.pluginOwn, Own: m.own, Held: m.held}, because(ctx, err)
}

// nullMethod starts the method in a process of its own.
func nullMethod(ctx context.Context, rounds int) (*timed, func() error, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	name := builtin.Null().Name
	p, err := remote.Open(ctx, remote.Options{Command: []string{self, "plugin", "serve", name}, Name: name, Env: pluginEnv(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, nil, err
	}
	return &timed{Method: pick(p, name), plugin: p, last: rounds}, p.Close, nil
}

// nullExamples is how many examples there are at most. Where they are too few to be divided, clients
// draw theirs.
const nullExamples = 2048

func (f *nullFlags) world(card method.Card, stock *actors.Stock) (*world.World, error) {
	examples, split := max(16, 2*f.clients), "iid"
	if examples > nullExamples { // what memory grows by with more clients is then the machinery's alone
		examples, split = nullExamples, "{drawn: 2}"
	}
	text := fmt.Sprintf(nullScenario, examples, f.clients, split, f.floats, f.rounds)
	trial, err := benchTrial("nothing.yaml", []byte(text), card)
	if err != nil {
		return nil, err
	}
	return build(trial, world.NewAssets(stock, stock, nil))
}

// benchTrial is the first trial of a scenario that a benchmark has written itself, for one method.
func benchTrial(name string, text []byte, card method.Card) (t plan.Trial, err error) {
	doc, problems := scenario.Parse(name, text)
	if err := problemsOrNil(problems); err != nil {
		return t, err
	}
	trials, problems := plan.Expand(doc)
	if err := problemsOrNil(problems); err != nil {
		return t, err
	}
	trials, problems = plan.CheckMethods(trials, map[string]method.Card{card.Name: card})
	if err := problemsOrNil(problems); err != nil {
		return t, err
	}
	return trials[0], nil
}

// memoryCache is a cache of bases that nobody else shares.
type memoryCache struct {
	mu    sync.Mutex
	saved map[string][]byte
}

// Load finds an entry.
func (c *memoryCache) Load(key string) ([]byte, bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b, ok := c.saved[key]
	return b, ok, nil
}

// Save keeps an entry.
func (c *memoryCache) Save(key string, content []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.saved[key] = content
	return nil
}

func (f *nullFlags) print(out io.Writer, r nullResult) error {
	if f.output == "json" {
		return json.NewEncoder(out).Encode(r)
	}
	_, err := fmt.Fprintf(out, "%d clients × %d rounds, %s down and up, %d workers, %d slots each\n%.1f µs a client-run, %.0f client-runs/s; a fold %.4f s\nresident, at most: the method's process %s (its own %s, the rest of files), this one %s (%s; %s held) (%s)\n",
		r.Clients, r.Rounds, results.Bytes(float64(4*r.Floats)), r.Workers, r.Slots, r.ClientRunUsec, r.ClientRuns, r.FoldSec, results.Bytes(float64(r.PluginPeak)), results.Bytes(float64(r.PluginOwn)),
		results.Bytes(float64(r.Peak)), results.Bytes(float64(r.Own)), results.Bytes(float64(r.Held)), r.CPU)
	return err
}
