package claims

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/plugins/builtin"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/world"
)

// only lends the weights of one base, and takes nothing.
type only struct {
	blob    method.Blob
	tensors method.Tensors
}

func (o only) Open(b method.Blob) (method.Tensors, error) {
	if b != o.blob {
		return method.Tensors{}, fmt.Errorf("claims: blob %.12s… is not that of the base", b)
	}
	return o.tensors, nil
}

func (o only) Put(method.Tensors) (method.Blob, error) {
	return "", fmt.Errorf("claims: nothing is stored while a plan is looked at")
}

// equalCost asks every arm of AILoRA for its plan and holds what is trained, and what a round
// costs a participant, against plain LoRA.
func equalCost(ctx context.Context, w *world.World) (m measured, err error) {
	ailora, err := builtin.Open("ailora")
	if err != nil {
		return m, err
	}
	base, pool := w.Bases[0], w.Trial.Scenario.Population[0].Name
	arm, _ := ailora.Describe().Param("arm")
	cost := func(name string) (floats, flops float64, err error) {
		params := ailora.Describe().Defaults()
		params["arm"], params["rank"] = name, 4
		out, err := ailora.Plan(ctx, method.PlanRequest{Scene: method.Scene{Params: params, Bases: []method.Base{base.Facts()},
			Start: method.Model{Base: base.Name}, Blobs: only{base.Blob, base.Tensors()}, Stage: method.Stage{Rounds: 5}}})
		if err != nil {
			return 0, 0, err
		}
		fit := out.Assign[0].Recipe.(method.Fit)
		part := fit.Train[0].(method.LoRA)
		modules, err := base.Model.Config().Select(part.Modules)
		for _, x := range modules {
			floats += float64((x.Out + x.In) * min(part.Rank, x.Out, x.In))
		}
		return floats, w.Price(0, fit)(method.ID{Pool: pool}, 0).Flops, err
	}
	floats, flops, err := cost("vanilla")
	if err != nil {
		return m, err
	}
	for _, name := range arm.OneOf {
		n, f, err := cost(name)
		if err != nil {
			return m, err
		}
		m.errors = append(m.errors, off(name+", trained numbers", math.Abs(n-floats), 0), off(name+", FLOPs of a round", math.Abs(f-flops), 0))
	}
	return m, nil
}

// fullTuning is full fine-tuning as A2 and its like look at it.
type fullTuning struct {
	steps, batch int
	rate         float64 // of AdamW
}

// moves trains all weights on each participant's own examples and shows how far the weights of
// queries and of values move, each relative to its own norm, block by block.
func (f fullTuning) moves(ctx context.Context, w *world.World) (m measured, err error) {
	base, pool := w.Bases[0], w.Trial.Scenario.Population[0]
	moved := map[string][]float64{}
	var names []string
	for _, x := range base.Model.Modules() {
		if strings.HasSuffix(x.Name, ".q") || strings.HasSuffix(x.Name, ".v") {
			names = append(names, x.Name)
		}
	}
	for i := range pool.Count {
		tuned, err := f.all(ctx, w, method.ID{Pool: pool.Name, Index: i})
		if err != nil {
			return m, err
		}
		for _, name := range names {
			was, err := base.Model.Weight(name)
			if err != nil {
				return m, err
			}
			is, err := tuned.Weight(name)
			if err != nil {
				return m, err
			}
			before, after := linalg.Widen(1, len(was), was), linalg.Widen(1, len(is), is)
			moved[name] = append(moved[name], apart(after, before))
		}
	}
	sum := map[byte]float64{}
	for _, name := range names {
		s := results.NewSpread(moved[name])
		sum[name[len(name)-1]] += s.Mean / float64(len(names)/2)
		m.points = append(m.points, Point{At: name, Value: ledger.Number(s.Mean), SD: ledger.Number(s.SD), N: s.N})
	}
	m.why = fmt.Sprintf("‖ΔW‖/‖W‖ after %d updates of AdamW at %g on each of %d participants: %.4f of queries, %.4f of values, a ratio of %.2f",
		f.steps, f.rate, pool.Count, sum['q'], sum['v'], sum['q']/sum['v'])
	return m, nil
}

// all is the base after full fine-tuning on what one participant has.
func (f fullTuning) all(ctx context.Context, w *world.World, id method.ID) (*nn.Model, error) {
	base := w.Bases[0]
	rows, err := w.Rows(0, id, "train")
	if err != nil {
		return nil, err
	}
	var all nn.Batch
	for _, r := range rows {
		s, _, err := w.Sequence(base, r, false)
		if err != nil {
			return nil, err
		}
		all.IDs, all.Labels = append(all.IDs, s.IDs), append(all.Labels, s.Labels)
	}
	run := nn.NewRunner(base.Model)
	params := run.TrainBase(nil)
	adam := nn.NewAdamW(0.9, 0.999, 1e-8, 0)
	for step := range f.steps {
		if err := ctx.Err(); err != nil {
			return nil, context.Cause(ctx)
		}
		var b nn.Batch
		for k := range f.batch { // in turn: every example equally often
			i := (step*f.batch + k) % len(all.IDs)
			b.IDs, b.Labels = append(b.IDs, all.IDs[i]), append(b.Labels, all.Labels[i])
		}
		nn.ZeroGrads(params)
		if _, _, err := run.Learn(b, nil); err != nil {
			return nil, err
		}
		nn.ClipNorm(params, 1)
		adam.Step(params, f.rate)
	}
	return run.Model(), nil
}
