package coordinator

import (
	"reflect"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
)

// leaver leaves an init with its only plan, and asks for nothing.
func leaver(init ...method.InitAt) script {
	return script{plan: func(r method.PlanRequest) method.PlanResponse {
		return method.PlanResponse{State: r.State, Init: init, Finished: true}
	}}
}

// taker begins as it is told.
func taker(rank int, obey bool) script {
	s := averager(rank)
	s.plan = func(r method.PlanRequest) method.PlanResponse {
		part := method.LoRA{Rank: rank}
		if obey {
			part.Init = r.Inits(method.InitAt{Modules: "*", Init: method.Kaiming{}})
		}
		return ask(r.State, fit(r.Start, part))
	}
	return s
}

// What a member leaves reaches those after it that ask for it, also after the machine went
// through a checkpoint, and nobody else.
func TestChainLeavesAnInit(t *testing.T) {
	left := method.InitAt{Modules: "*.q", Init: method.Spectral{Pick: "minor"}}
	one := []Stage{{Name: "one", Base: "main"}}
	x := chain(1, one, []Member{{Name: "init"}, {Name: "a", Rounds: 1}, {Name: "b", Rounds: 1, FromChain: true}}, leaver(left), taker(1, true), taker(1, true)).mustRun(t)
	for i, want := range [][]method.InitAt{nil, nil, {left}} {
		if got := x.plans[i].Request.Init; !reflect.DeepEqual(got, want) {
			t.Errorf("plan %d is told to begin by %v, want %v", i, got, want)
		}
	}
	var kept keptInit
	b, err := keptInit(left).MarshalJSON()
	if err == nil {
		err = kept.UnmarshalJSON(b)
	}
	if err != nil || !reflect.DeepEqual(method.InitAt(kept), left) {
		t.Errorf("a checkpoint keeps %v of %v: %v", kept, left, err)
	}
	for want, members := range map[string][]script{
		"does not begin as the chain says": {leaver(left), taker(1, false)},
		"left a word about it":             {taker(1, true), taker(1, true)},
	} {
		x := chain(1, one, []Member{{Name: "init", Rounds: 1}, {Name: "b", Rounds: 1, FromChain: true}}, members...)
		if err := x.run(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v; want one that says %q", err, want)
		}
	}
}
