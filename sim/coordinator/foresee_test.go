package coordinator

import (
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
)

// With each fold but the last of a member comes what the plan after it is asked with, whatever the
// regime, and where the clock has to go on until somebody is there. (Every trial of this package's
// tests compares the two.)
func TestPlansAreForeseen(t *testing.T) {
	for name, x := range map[string]*trial{
		"all":    one(4, 5, averager(1)),
		"flying": under(Regime{Flying: 4, Close: 2}),
		"over":   under(Regime{Deadline: 40, Over: 2}),
	} {
		x.mustRun(t)
		if x.told != len(x.folds)-1 || len(x.folds) < 4 {
			t.Errorf("%s: %d plans are foreseen after %d folds", name, x.told, len(x.folds))
		}
	}
}

// Of more than so many nothing is foreseen, and nobody is looked for in vain: once in each round.
func TestTooManyAreNotForeseen(t *testing.T) {
	x := one(maxForeseen+1, 2, script{
		plan: func(r method.PlanRequest) method.PlanResponse {
			return method.PlanResponse{Assign: []method.Assignment{{Name: "fit", To: []method.ID{r.Offered[0].ID}, Recipe: fit(r.Start, method.LoRA{Rank: 1})}}}
		},
		fold: func(method.FoldRequest) method.FoldResponse { return method.FoldResponse{} },
	}).mustRun(t)
	if x.told != 0 || len(x.folds) != 2 || len(x.world.offers) != 2 {
		t.Errorf("of %d, %d plans are foreseen, and %d times somebody was looked for in %d rounds", maxForeseen+1, x.told, len(x.world.offers), len(x.folds))
	}
}

// A method that could not be told of a plan has none made for it, whoever else is in the chain.
func TestNothingIsForeseenForWhoCannotBeTold(t *testing.T) {
	x := chain(3, []Stage{{Name: "one", Base: "main"}}, []Member{{Name: "a", Rounds: 3}, {Name: "b", Rounds: 3}}, averager(1), averager(1))
	x.fixed.Members[1].Sequels = false
	if x.mustRun(t); x.told != 2 || len(x.folds) != 6 || len(x.world.offers) != 6 {
		t.Errorf("%d plans are foreseen, and %d times somebody was looked for, in %d rounds of which one half can be told", x.told, len(x.world.offers), len(x.folds))
	}
}

// Notes are told with who is offered: after a fold that notes something nothing is known.
func TestNotesAreNotForeseen(t *testing.T) {
	s := averager(1)
	fold := s.fold
	s.fold = func(r method.FoldRequest) method.FoldResponse {
		out := fold(r)
		out.Notes = []method.Note{{About: method.ID{Pool: "client", Index: 1}, Text: []byte{byte(r.Round)}}}
		return out
	}
	x := one(4, 3, s).mustRun(t)
	for i, p := range x.plans[1:] {
		if n := p.Request.Offered[1].Note; len(n) != 1 || n[0] != byte(i) {
			t.Errorf("plan %d is told the note %v", i+1, n)
		}
	}
}
