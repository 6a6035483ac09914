package sim

import (
	"context"
	"errors"
	"fmt"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/plan"
	"github.com/loramesh/loramesh/sim/train"
	"github.com/loramesh/loramesh/sim/world"
)

// ErrInput is wrapped by errors that are the scenario's fault and only came to light once
// a trial was set up.
var ErrInput = errors.New("the scenario cannot be run")

// Setup is all that one trial needs.
type Setup struct {
	World   *world.World
	Methods []method.Method // the chain, in this process or another
	Plugins []string        // where each came from: "builtin", or the hash of the program
	Blobs   *blob.Store     // of the run folder
	Book    *ledger.Book    // writes the ledger of this trial; empty, unless From is given
	Watch   func(Progress)  // told of every step of the way, from one goroutine at a time; nil: nobody

	Keeper coordinator.Keeper      // keeps checkpoints; nil: nobody does
	From   *coordinator.Checkpoint // goes on from here, and Book has what was written so far; nil: from the start
	Fork   *ledger.Fork            // for the first line, where the trial goes on with another's; nil: it does not
}

// Progress says where a trial is.
type Progress struct {
	Stage      string
	Round      int    // from 1
	Rounds     int    // 0: not known
	Done, Of   int    // work items of the round
	What       string // "plan", "fit", "fold" or "evaluate"
	ClientRuns int    // leases of participants done since the trial began
	Failures   int
}

// Machine returns the trial's coordinator, which has written the first line of the ledger,
// or goes on from a checkpoint.
// The bases are put where methods can open them, and the methods are asked whether they
// refuse the scenario.
func (s Setup) Machine(ctx context.Context) (*coordinator.Machine, error) {
	if n := len(s.World.Trial.Scenario.Method); len(s.Methods) != n || len(s.Plugins) != n {
		panic(fmt.Sprintf("sim: a chain of %d with %d methods and %d origins", n, len(s.Methods), len(s.Plugins)))
	}
	cards := make([]method.Card, len(s.Methods))
	for i, m := range s.Methods {
		cards[i] = m.Describe()
	}
	f := s.World.Fixed(cards, s.Plugins)
	f.Carries = train.Carries
	for i, m := range s.Methods {
		_, f.Members[i].Sequels = m.(method.MethodWithSequel)
	}
	if err := s.lend(); err != nil {
		return nil, err
	}
	if err := s.check(ctx, f); err != nil {
		return nil, err
	}
	var m *coordinator.Machine
	var err error
	if s.From != nil {
		m, err = coordinator.Resume(f, s.World, s.Blobs, s.Book, *s.From)
	} else {
		head := s.World.Head(f)
		head.Fork = s.Fork
		m, err = coordinator.New(f, s.World, s.Blobs, s.Book, head)
	}
	if err != nil {
		return nil, err
	}
	m.KeepWith(s.Keeper)
	return m, nil
}

// lend stores the bases' weights, which a method may open by name; see [method.Base]. Those that
// are there are of an earlier trial, the end of which may be letting go of them right now.
func (s Setup) lend() error {
	for _, b := range s.World.Bases {
		if s.Blobs.Again(b.Blob) {
			continue
		}
		stored, err := s.Blobs.Put(b.Tensors())
		if err != nil {
			return fmt.Errorf("storing base %q: %w", b.Name, err)
		}
		if stored != b.Blob {
			panic(fmt.Sprintf("sim: base %q is %s, and was stored as %s", b.Name, b.Blob, stored))
		}
	}
	return nil
}

// check asks those methods that have an opinion about scenarios for it.
func (s Setup) check(ctx context.Context, f coordinator.Fixed) error {
	var problems []error
	for i, m := range s.Methods {
		checker, ok := m.(method.MethodWithCheck)
		if !ok {
			continue
		}
		found, err := checker.Check(ctx, method.Scene{Params: f.Members[i].Params, Bases: f.Bases, Blobs: s.Blobs, Followed: s.followed(f, i),
			Start: method.Model{Base: f.Stages[0].Base}, Stage: method.Stage{Name: f.Stages[0].Name, Count: len(f.Stages), Rounds: f.Members[i].Rounds}})
		if err != nil {
			return called(s, i, "check", err)
		}
		for _, p := range found {
			problems = append(problems, s.World.Trial.MethodProblem(i, p))
		}
	}
	if len(problems) > 0 {
		return fmt.Errorf("%w:\n%w", ErrInput, errors.Join(problems...))
	}
	return nil
}

// followed says whether a later member of the chain trains over what member i deploys.
func (s Setup) followed(f coordinator.Fixed, i int) bool {
	chain := s.World.Trial.Scenario.Method
	for k := i + 1; k < len(chain); k++ {
		card := f.Members[k].Card
		if (card.Weights || len(card.Trains) > 0) && plan.Meet(s.World.Trial.Scenario.Stages, chain[i], chain[k]) {
			return true
		}
	}
	return false
}

// Trainer returns a trainer for one slot. Slots of one process share merged.
func (s Setup) Trainer(merged *train.Merged) *train.Trainer {
	return train.New(s.World, s.Blobs, merged)
}
