package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/loramesh/loramesh/actors"
	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/lora/peft"
	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim"
	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/plan"
	"github.com/loramesh/loramesh/sim/scenario"
	"github.com/loramesh/loramesh/sim/world"
)

// engine carries out one trial. All engines write the same ledger, bit for bit.
type engine struct {
	name    string   // "actors" or "inline"
	slots   int      // how many participants work at once, in each process that works
	company *company // of the actors; nil before it is opened
}

// open readies the engine for the trials of a run, with a folder in which its workers' blobs lie on
// their way: of that nobody else may have one there.
func (e *engine) open(f *meshFlags, runDir, spool string, stock *actors.Stock, log *slog.Logger, fail func(error)) (err error) {
	if e.name == "inline" {
		return nil
	}
	e.company, err = gather(f, runDir, spool, stock, log, fail)
	return err
}

func (e *engine) close() error {
	if e.company == nil {
		return nil
	}
	return e.company.close()
}

func (e *engine) run(ctx context.Context, s sim.Setup) error {
	if e.name == "inline" {
		return sim.Run(ctx, s)
	}
	return e.company.Run(ctx, s)
}

// contract names what the numbers promise: two binaries with one contract give one hash.
func contract() string { return kernel.Contract() }

// newAssets loads what the trials of a run share: bases, tokenizers, data sets. What takes
// long, as pre-training, ends with ctx.
func newAssets(ctx context.Context, from *actors.Stock, d *display) *world.Assets {
	a := world.NewAssets(from, from, d.preparing)
	a.Until(ctx)
	return a
}

// build makes the simulated world of a trial. What is wrong in the scenario shows here at
// the latest: files that are not there, ranks above the base's width, empty shards.
func build(t plan.Trial, a *world.Assets) (*world.World, error) {
	w, problems, err := world.Build(t, a)
	if err := problemsOrNil(problems); err != nil {
		return nil, err
	}
	return w, err
}

// check sets up a run's trials and lets them go again, so that everything that is wrong is
// found before any work begins: worlds are built, plugins started, methods asked whether
// they refuse. Seeds of one arm fail alike, so where there are many trials only the first
// of each arm is set up. see, which may be nil, is told what the first line of each ledger
// would be, and is shown all of them.
func check(ctx context.Context, trials []plan.Trial, a *world.Assets, s *shelf, see func(i int, head ledger.Trial) error) (err error) {
	dir, err := os.MkdirTemp("", "simrun-check-")
	if err != nil {
		return fmt.Errorf("no temporary folder can be made (TMPDIR names where): %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	blobs, err := blob.Create(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, blobs.Close()) }()
	var problems []scenario.Problem
	arms := map[string]bool{}
	for i, t := range trials {
		if see == nil && len(trials) > 200 && arms[t.Arm] {
			continue
		}
		arms[t.Arm] = true
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		head, found, err := checkOne(ctx, t, a, s, blobs)
		if err != nil {
			return err
		}
		if see != nil && len(found) == 0 {
			if err := see(i, head); err != nil {
				return err
			}
		}
		problems = append(problems, found...)
	}
	return problemsOrNil(problems)
}

func checkOne(ctx context.Context, t plan.Trial, a *world.Assets, s *shelf, blobs *blob.Store) (head ledger.Trial, found []scenario.Problem, err error) {
	opened := s.opening(ctx, usesOf(t)) // a process is on its way up while the base is read
	w, problems, err := world.Build(t, a)
	chain, from, failed := opened()
	if err != nil || len(problems) > 0 {
		return head, problems, err
	}
	if failed != nil {
		return head, nil, failed
	}
	nobody := ledger.NewBook(func(line []byte) error {
		for l, err := range ledger.Read(bytes.NewReader(line)) {
			if err != nil {
				return err
			}
			head = l.Is.(ledger.Trial)
		}
		return nil
	})
	_, err = sim.Setup{World: w, Methods: chain, Plugins: from, Blobs: blobs, Book: nobody}.Machine(ctx)
	if found := problemsIn(err); len(found) > 0 {
		return head, found, nil
	}
	return head, nil, err
}

// problemsIn finds the problems that an error is made of.
func problemsIn(err error) (found []scenario.Problem) {
	switch e := err.(type) { //nolint:errorlint // each layer is looked at by itself
	case scenario.Problem:
		return []scenario.Problem{e}
	case interface{ Unwrap() error }:
		return problemsIn(e.Unwrap())
	case interface{ Unwrap() []error }:
		for _, part := range e.Unwrap() {
			found = append(found, problemsIn(part)...)
		}
	}
	return found
}

// peopleOf asks the world who those are that a trial's ledger names.
func peopleOf(w *world.World, t *results.Trial) []results.Participant {
	out := make([]results.Participant, 0, len(t.Whom))
	for _, who := range t.Whom {
		pool, index, _ := strings.Cut(who, "/")
		n, err := strconv.Atoi(index)
		if err != nil {
			panic(fmt.Sprintf("simrun: the ledger names a participant %q", who))
		}
		p := w.Participant(method.ID{Pool: pool, Index: n})
		out = append(out, results.Participant{Trial: t.ID, ID: who, Device: p.Tier, Rank: p.Rank, Examples: p.Examples})
	}
	return out
}

// modulesOf lists the maps of a base with their Hugging Face paths, and where the base is:
// its folder, or its name in the scenario.
func modulesOf(w *world.World, name string) (modules []lora.Module, path string, dress func(*peft.Folder) error) {
	path = name
	for _, b := range w.Trial.Scenario.Bases {
		if b.Name == name && b.HF != "" {
			path = b.HF
		}
	}
	b, err := w.Base(name)
	if err != nil {
		return nil, path, nil // a base that a method made: nothing of it can be exported
	}
	return base.Paths(b.Model.Modules()), path, b.ForPEFT
}

// cacheDir is where pre-trained bases are kept between runs: $SIMRUN_CACHE, or simrun in
// the user's cache folder.
func cacheDir() (string, error) {
	if dir := os.Getenv("SIMRUN_CACHE"); dir != "" {
		return dir, nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", misuse("no folder for caches: %v; set SIMRUN_CACHE to one", err)
	}
	return filepath.Join(dir, "simrun"), nil
}
