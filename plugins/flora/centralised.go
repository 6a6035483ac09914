package flora

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
)

// Centralised is a bound: what all clients train on lies in one place, where one adapter is
// trained with as many updates a round as those offered would make between them. Nothing is
// averaged, the optimiser goes on, and the rate falls once over all rounds of a stage. The
// place is a participant that reads the set "pool", which the scenario has to grant.
func Centralised() method.Method { return centralised{checked{noServer: onePlace}} }

const onePlace = "all data are in one place, so there are no clients whose changes a server could average or that could drift"

type centralised struct{ checked }

func (centralised) Describe() method.Card {
	c := withRank(card("centralised", "Bound: all clients' data in one place, as many updates as they would make", ""))
	c.Needs = []method.Need{method.NeedOnePlace}
	for i, p := range c.Params {
		switch p.Name {
		case "epochs":
			c.Params[i].Doc = "passes that clients would make over their data in a round; the place makes as many updates as all of them"
		case "optimiser":
			c.Params[i].Doc = "of the updates; it goes on from round to round"
		case "schedule":
			c.Params[i].Doc = "of the learning rate over all rounds of a stage; constant does nothing"
		case "warmup":
			c.Params[i].Doc = "share of a stage's updates over which the rate rises; 0 does nothing"
		case "rank":
			c.Params[i].Doc = "of the adapter, which the place must hold; 0 takes all that it can hold: the place is the first of those offered that can hold most"
		}
	}
	return c
}

// Plan asks the place alone. How long a schedule is that has only been asked for in part is
// told by the rounds so far: it is exact where rounds are alike, and in the last round.
func (centralised) Plan(_ context.Context, r method.PlanRequest) (out method.PlanResponse, err error) {
	was, err := remembered(r.State)
	if err != nil {
		return out, err
	}
	if was.Place == nil {
		if err := settle(&was, r); err != nil {
			return out, err
		}
	}
	if r.Stage.Round == 0 {
		was.Begun, was.Updates = false, 0
	}
	part := adapter(r.Scene)
	part.Rank, part.Shared = was.Rank, true
	if len(r.State.Holds) > 0 {
		part.From.Blob = r.State.Holds[0]
	}
	f := fit(r.Params, r.Start, part)
	f.Data.From = []method.Source{{Name: "pool"}}
	f.Epochs, f.Steps, f.Resume = 0, 0, was.Begun
	for _, p := range r.Offered {
		f.Steps += updates(r.Params, p.Examples)
	}
	was.Updates += f.Steps
	f.Schedule.Total = int(math.Round(float64(was.Updates) / float64(r.Stage.Round+1) * float64(max(r.Stage.Rounds, r.Stage.Round+1))))
	state, err := was.state(r.State.Holds)
	if err != nil {
		return out, err
	}
	out = ask(state, f)
	out.Assign[0].To, out.Assign[0].Keep = []method.ID{*was.Place}, []string{method.KeptOptimiser}
	return out, nil
}

// settle finds the place and its rank.
func settle(m *memory, r method.PlanRequest) error {
	most := slices.MaxFunc(r.Offered, func(a, b method.Participant) int {
		return cmp.Or(cmp.Compare(uint(a.Rank-1), uint(b.Rank-1)), b.ID.Compare(a.ID)) // 0 is no limit
	})
	rank := r.Params.Int("rank")
	switch {
	case rank == 0 && most.Rank == 0:
		return fmt.Errorf("flora: %s has no limit on its rank, so there is no largest one: set `rank`, or give pool %q a rank", most.ID, most.ID.Pool)
	case rank == 0:
		rank = most.Rank
	case most.Rank > 0 && rank > most.Rank:
		return fmt.Errorf("flora: rank %d is asked for, and none of the %d offered can hold more than %d: lower `rank`, leave it out, or raise the rank of pool %q", rank, len(r.Offered), most.Rank, most.ID.Pool)
	}
	m.Place, m.Rank = &most.ID, rank
	return nil
}

// updates are those that a client of so many examples makes in a round: a batch never spans
// two passes.
func updates(p method.Values, examples int) int {
	batch := p.Int("batch")
	if batch == 0 || batch > examples {
		batch = examples
	}
	all := max(1, int(float64(p.Float("epochs")*float64(examples))+0.5))
	return all/examples*((examples+batch-1)/batch) + (all%examples+batch-1)/batch
}

func (centralised) Fold(_ context.Context, r method.FoldRequest) (method.FoldResponse, error) {
	out, err := serve(r, upload)
	if err != nil {
		return out, err
	}
	was, err := remembered(r.State)
	if err != nil {
		return out, err
	}
	was.Begun = true
	out.State, err = was.state(out.State.Holds)
	return out, err
}
