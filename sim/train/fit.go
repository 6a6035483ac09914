package train

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/base"
)

// fit trains the parts of a Fit and stores them, with what they began from.
func (t *Trainer) fit(j job, f method.Fit) (method.Report, error) {
	b, run, err := t.raise(j, grounded(f))
	if err != nil {
		return method.Report{}, err
	}
	parts, gates, params, err := t.begin(j, b, run, f.Train)
	if err != nil {
		return method.Report{}, err
	}
	past, err := t.recall(j, f, params)
	if err != nil {
		return method.Report{}, err
	}
	order := rng.New(past.draw).At("batch")
	chosen, err := t.choose(j, f.Data)
	if err == nil {
		err = t.grouping(j, f.Data, chosen, order)
	}
	if err != nil {
		return method.Report{}, err
	}
	goal, cut, err := t.objective(j, f, b, parts, chosen)
	if err != nil {
		return method.Report{}, err
	}
	batches := draw(chosen, f, order, past.examples)
	d := descent{job: j, fit: f, run: run, params: params, goal: goal, past: past, factors: func() []Factors { return factorsOf(parts) }}
	if err := d.make(batches); err != nil {
		return method.Report{}, err
	}
	rep := method.Report{Examples: min(len(chosen.rows), drawn(batches)), Values: goal.values(), Warnings: chosen.warnings}
	past.examples += drawn(batches)
	if cut != "" {
		rep.Warnings = append(rep.Warnings, cut)
	}
	if err := t.store(j, parts, &rep); err != nil {
		return rep, err
	}
	for _, p := range gates {
		if err := t.storeKeys(j, p, &rep); err != nil {
			return rep, err
		}
	}
	if err := t.storeControl(j, goal, &rep); err != nil {
		return rep, err
	}
	return rep, t.keep(j, f, parts, past)
}

// begin readies all parts of a Fit, in their order.
func (t *Trainer) begin(j job, b *base.Base, run *nn.Runner, train []method.Part) (parts []*part, gates []*keysPart, params []nn.Param, err error) {
	for _, x := range train {
		if k, ok := x.(method.Keys); ok {
			p, own, err := t.startKeys(run, t.stands[0], k)
			if err != nil {
				return nil, nil, nil, err
			}
			gates, params = append(gates, p), append(params, own...)
			continue
		}
		var p *part
		switch x := x.(type) {
		case method.Weights:
			p, err = t.weights(j, run, x)
		case method.LoRA:
			if p, err = t.start(j, b, run.Model(), x); err == nil {
				err = run.Attach(slices.Concat(p.branches, p.beside)...)
			}
		default:
			panic(fmt.Sprintf("train: Carries let the part %T through", x))
		}
		if err != nil {
			return nil, nil, nil, err
		}
		parts, params = append(parts, p), append(params, p.params...)
	}
	return parts, gates, params, nil
}

// factorsOf are parts as they are now.
func factorsOf(parts []*part) []Factors {
	out := make([]Factors, len(parts))
	for i, p := range parts {
		out[i] = Factors{p.name, p.made().Tensors()}
	}
	return out
}

// descent is a Fit in work.
type descent struct {
	job
	fit     method.Fit
	run     *nn.Runner
	params  []nn.Param
	goal    *objective
	past    *memory
	factors func() []Factors
}

// make makes the updates: one per batch. A step of the plain objective allocates nothing once
// the first is done.
func (d *descent) make(batches [][]int) error {
	f := d.fit
	schedule, err := scheduleOf(f.Schedule, len(batches))
	if err != nil {
		return err
	}
	done := 0 // updates of the schedule that lie behind
	if f.Schedule.Total > 0 {
		done = d.past.updates
	}
	d.goal.dropout = d.past.dropout()
	for i, batch := range batches {
		if err := d.step(Step{Done: i, Of: len(batches), Loss: d.goal.last(), Factors: d.factors}); err != nil {
			return err
		}
		nn.ZeroGrads(d.params)
		total, err := d.goal.learn(d.run, batch)
		if err != nil {
			return err
		}
		if err := (Progress{i + 1, len(batches), f.Optimiser.LR}).Diverged(total, clip(d.params, f.Clip), d.params); err != nil {
			return err
		}
		rate := f.Optimiser.LR * schedule.Rate(done+i)
		d.past.optimiser.Step(d.params, rate)
		d.goal.after(rate)
		if f.Trace > 0 && (i+1)%f.Trace == 0 {
			d.goal.trace(i + 1)
		}
	}
	d.past.updates += len(batches)
	return (Progress{len(batches), len(batches), f.Optimiser.LR}).Left(d.params)
}

// clip shrinks the gradients to a norm of at most limit (0: of any), and returns the norm
// that they had.
func clip(params []nn.Param, limit float64) float64 {
	if limit > 0 {
		return nn.ClipNorm(params, limit)
	}
	return nn.GradNorm(params)
}

// optimiserOf gives what the recipe leaves open its customary value.
func optimiserOf(o method.Optimiser) nn.Optimiser {
	if o.Name == "sgd" {
		return nn.NewSGD(o.Momentum, o.Decay)
	}
	or := func(x, otherwise float64) float64 {
		if x == 0 {
			return otherwise
		}
		return x
	}
	return nn.NewAdamW(or(o.Beta1, 0.9), or(o.Beta2, 0.999), 1e-8, o.Decay)
}

// scheduleOf is the learning rate over the updates of a Fit, or over those of all that go
// on from one another where the recipe says how many they are.
func scheduleOf(s method.Schedule, updates int) (nn.Schedule, error) {
	if s.Total > 0 {
		updates = s.Total
	}
	out := nn.Schedule{Name: s.Name, Total: updates, Warmup: int(s.Warmup * float64(updates))}
	if out.Name == "" {
		out.Name = "constant"
	}
	return out, out.Check()
}
