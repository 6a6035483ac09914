package coordinator

import (
	"fmt"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/ledger"
)

// crowded has client/1 score, in round 1, a model with so many adapters beside its weights and as many
// merged into them.
func crowded(t *testing.T, n int) (*trial, int64) {
	t.Helper()
	x := one(2, 2, script{})
	var beside, into []method.Blob
	for i := range n {
		beside, into = append(beside, x.store.put(t, random(uint64(1+i), 1))), append(into, x.store.put(t, random(uint64(1001+i), 1)))
	}
	x.methods[0] = script{
		plan: func(r method.PlanRequest) method.PlanResponse {
			out := ask(r.State, method.Score{Model: r.Start, Metrics: []string{"loss"}})
			if r.Round == 1 {
				out = ask(r.State, method.Score{Model: with(with(r.Start, false, beside...), true, into...), Metrics: []string{"loss"}})
				out.Assign[0].To = []method.ID{{Pool: "client", Index: 1}}
			}
			return out
		},
		fold: func(r method.FoldRequest) method.FoldResponse { return method.FoldResponse{State: r.State} },
	}
	return x, int64(n) * perRank
}

// A lease takes every frozen expert that it names by the wire, and into memory those that are not
// merged.
func TestLeasesHoldFrozenExperts(t *testing.T) {
	const experts = 32
	x, bytes := crowded(t, experts)
	x.world.room = map[method.ID]float64{{Pool: "client", Index: 1}: float64(bytes)}
	x.mustRun(t)
	reports := lines[ledger.Report](t, x)
	if last := reports[len(reports)-1]; last.From != "client/1" || last.Down != 2*bytes {
		t.Errorf("%s downloads %d bytes; %d experts beside the weights and as many in them are %d", last.From, last.Down, experts, 2*bytes)
	}

	x, _ = crowded(t, experts)
	x.world.room = map[method.ID]float64{{Pool: "client", Index: 1}: float64(bytes) - 1}
	err := x.run()
	for _, part := range []string{"client/1", fmt.Sprint(experts, " frozen adapters"), "`memory`"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("a device a byte too small: %v; expected it to name %q", err, part)
		}
	}
}
