// Package resultstest makes small run folders without running anything: for the tests of
// packages that read them.
package resultstest

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/ledger"
)

// Shape says what run is wanted.
type Shape struct {
	Arms   []string // method names
	Seeds  int
	Rounds int
	Bend   float64 // added to every score: two runs with unlike bends differ
}

// Small is three arms, two seeds, three rounds.
var Small = Shape{Arms: []string{"flora", "fedit", "<zeropad> & co"}, Seeds: 2, Rounds: 3}

// Make writes a whole run folder under a temporary folder and returns its path.
func Make(t testing.TB, s Shape) string {
	t.Helper()
	f, wall := begin(t, s)
	made := results.Made{Command: "simrun run example", Simrun: "v0.0.0-test", Go: "go1.26", OS: "linux", Arch: "amd64", CPUs: 2,
		Contract: "test", Engine: "inline", Slots: 1, Plugins: "in-process", Started: time.Unix(1_800_000_000, 0).UTC(), WallSec: 12.5}
	m, err := f.Manifest(made, wall, []string{"a warning of the host"})
	if err != nil {
		t.Fatal(err)
	}
	end := filepath.Join(f.Dir, "checkpoints", "000", "end.json")
	if err := errors.Join(os.MkdirAll(filepath.Dir(end), 0o755), os.WriteFile(end, []byte("{}\n"), 0o644)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Finish(m), f.Release()); err != nil {
		t.Fatal(err)
	}
	return f.Dir
}

// MakeIncomplete is Make without the end: what an interrupted run leaves.
func MakeIncomplete(t testing.TB, s Shape) string {
	t.Helper()
	f, _ := begin(t, s)
	if err := f.Release(); err != nil {
		t.Fatal(err)
	}
	return f.Dir
}

func begin(t testing.TB, s Shape) (*results.Folder, []time.Duration) {
	t.Helper()
	plan := results.Plan{Name: "example", Question: "Which <method> loses least?", Hash: strings.Repeat("ab", 32)}
	for _, arm := range s.Arms {
		for seed := range s.Seeds {
			plan.Trials = append(plan.Trials, results.PlanTrial{ID: results.TrialID(len(plan.Trials)), Arm: arm, Method: arm, Seed: uint64(seed + 1),
				Name: fmt.Sprintf("%s seed=%d", arm, seed+1), Settings: []results.Setting{{Path: "method.0.use", Value: arm}}})
		}
	}
	f, err := results.Create(filepath.Join(t.TempDir(), "example"), results.Contents{Scenario: []byte("name: example\n"),
		Resolved: []byte("name: example\nversion: 1\n"), Plan: plan})
	if err != nil {
		t.Fatal(err)
	}
	store, err := blob.Create(f.BlobDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	held, err := store.Put(linalg.Tensors{List: []linalg.Tensor{{Name: "0.q.A", Shape: []int{1, 2}, Data: []float32{1, 2}}}})
	if err != nil {
		t.Fatal(err)
	}
	var people []results.Participant
	for i, p := range plan.Trials {
		book, _, err := f.Book(i, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := write(book, p, s, held); err != nil {
			t.Fatal(err)
		}
		if err := book.Close(); err != nil {
			t.Fatal(err)
		}
		for k := range 3 {
			people = append(people, results.Participant{Trial: p.ID, ID: fmt.Sprintf("client/%d", k), Device: []string{"laptop", "phone", "phone"}[k], Rank: []int{8, 2, 2}[k], Examples: 40 + k})
		}
	}
	if err := f.WriteParticipants(people); err != nil {
		t.Fatal(err)
	}
	return f, make([]time.Duration, len(plan.Trials))
}

// write makes one ledger: scores fall from round to round, faster for later arms.
func write(b *results.Book, p results.PlanTrial, s Shape, held method.Blob) error {
	arm := 0
	for i, name := range s.Arms {
		if name == p.Arm {
			arm = i
		}
	}
	lines := []any{ledger.Trial{Name: p.Name, Arm: p.Arm, Seed: p.Seed, Contract: "test", Bases: []ledger.Content{{Name: "main", Blob: "aaaabbbbccccdddd"}},
		Data: []ledger.Content{{Name: "text", Blob: method.Blob(fmt.Sprintf("%016x", p.Seed*0x0123456789abcdef))}}, Methods: []ledger.Member{{Name: p.Method}},
		Pools: []ledger.Pool{{Name: "client", Size: 3, Examples: 123, Ranks: []int{8, 2, 2}}}}}
	score := func(round int) ledger.Evaluate {
		at := "round"
		switch round {
		case 0:
			at = "start"
		case s.Rounds:
			at = "end"
		}
		loss := 3.1 - 0.15*float64(arm+1)*math.Sqrt(float64(round)) + 0.02*float64(p.Seed)*float64(round) + s.Bend
		return ledger.Evaluate{Round: round, At: at, Stage: "train", On: "test", Now: method.Seconds(31 * round), Up: int64(4000 * round), Down: int64(9000 * round), Flops: 2e9 * float64(round),
			Examples: 100, Values: []ledger.Value{{Name: "loss", Value: ledger.Number(loss), Weight: 100}, {Name: "accuracy", Value: ledger.Number(1 / loss), Weight: 100},
				{Name: "loss", Group: "topic=sea", Value: ledger.Number(loss - 1), Weight: 50}, {Name: "loss", Group: "topic=air", Value: ledger.Number(loss + 1), Weight: 50}}}
	}
	lines = append(lines, score(0))
	for round := range s.Rounds {
		for k := range 3 {
			if k == 2 && round == 1 {
				lines = append(lines, ledger.Missing{Round: round, From: "client/2", Name: "fit", Why: "corrupt"})
				continue
			}
			lines = append(lines, ledger.Report{Round: round, From: fmt.Sprintf("client/%d", k), Name: "fit", Examples: 40 + k, Share: 1, Up: 1300, Down: 3000, Flops: 7e8, Spent: method.Seconds(10 * (k + 1))})
		}
		lines = append(lines, ledger.Fold{Round: round, Now: method.Seconds(31 * (round + 1)), Reports: 3, Holds: []method.Blob{held}, Warnings: []string{"rank clamped to 2"},
			Values: []ledger.Value{{Name: "rank", Value: 2, Weight: 1}, {Name: "aggregation.error", Value: ledger.Number(0.3 * float64(arm)), Weight: 1}, {Name: "aggregation.error.relative", Value: ledger.Number(0.04 * float64(arm*(round+1))), Weight: 1}}}, score(round+1))
	}
	lines = append(lines, ledger.End{Rounds: s.Rounds, Now: method.Seconds(31 * s.Rounds), Up: int64(4000 * s.Rounds), Down: int64(9000 * s.Rounds), Flops: 2e9 * float64(s.Rounds)})
	for _, l := range lines {
		if err := b.Write(l); err != nil {
			return err
		}
	}
	return nil
}
