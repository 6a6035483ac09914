package train

import (
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/metric"
	"github.com/loramesh/loramesh/sim/world"
)

// fit trains the parts of a Fit and stores them, with what they began from.
func (t *Trainer) fit(j job, f method.Fit) (method.Report, error) {
	b, run, err := t.raise(j, f.Model)
	if err != nil {
		return method.Report{}, err
	}
	var parts []*part
	var params []nn.Param
	for _, x := range f.Train {
		p, err := t.start(j, b, x.(method.LoRA))
		if err != nil {
			return method.Report{}, err
		}
		if err := run.Attach(p.branches...); err != nil {
			return method.Report{}, err
		}
		parts, params = append(parts, p), append(params, p.params...)
	}
	rows, err := t.rows(j, f.Data)
	if err != nil {
		return method.Report{}, err
	}
	goal := objectiveOf(f.Objective)
	all, cut, err := t.encode(b, rows, goal.inputs)
	if err != nil {
		return method.Report{}, err
	}
	past, err := t.recall(j, f, params)
	if err != nil {
		return method.Report{}, err
	}
	batches := draw(all, f, rng.New(past.draw).At("batch"), past.examples)
	losses, err := descend(j, f, run, params, batches, goal.weight, past, func() []Factors { return factorsOf(parts) })
	if err != nil {
		return method.Report{}, err
	}
	rep := method.Report{Examples: min(len(rows), world.Examples(f, len(rows))), Values: losses}
	past.examples += drawn(batches)
	if cut != "" {
		rep.Warnings = append(rep.Warnings, cut)
	}
	if err := t.store(j, parts, &rep); err != nil {
		return rep, err
	}
	return rep, t.keep(j, f, parts, past)
}

// factorsOf are parts as they are now.
func factorsOf(parts []*part) []Factors {
	out := make([]Factors, len(parts))
	for i, p := range parts {
		out[i] = Factors{p.name, p.pairs.Tensors()}
	}
	return out
}

// objective is the terms of a Fit as one: cross-entropy of the answers, or of the prompts
// too, times the sum of the weights. [Carries] lets no others through.
type objective struct {
	weight float64
	inputs bool
}

func objectiveOf(terms []method.Term) (o objective) {
	for _, t := range terms {
		o.weight += t.Weight
		if ce, ok := t.Loss.(method.CrossEntropy); ok && t.Weight != 0 {
			o.inputs = ce.Inputs
		}
	}
	return o
}

// descend makes the updates: one per batch, of the mean over the labels of the batch, times
// the weight of the objective. A step allocates nothing once the first is done.
func descend(j job, f method.Fit, run *nn.Runner, params []nn.Param, batches []nn.Batch, weight float64, past *memory, factors func() []Factors) ([]method.Value, error) {
	optimiser := past.optimiser
	schedule, err := scheduleOf(f.Schedule, len(batches))
	if err != nil {
		return nil, err
	}
	done := 0 // updates of the schedule that lie behind
	if f.Schedule.Total > 0 {
		done = past.updates
	}
	dropout := past.dropout()
	var first, last, sum nn.Loss
	var each []float64
	for i, b := range batches {
		if err := j.step(Step{Done: i, Of: len(batches), Loss: last.Mean(), Factors: factors}); err != nil {
			return nil, err
		}
		b.Dropout = dropout
		nn.ZeroGrads(params)
		each = weights(each, weight, b)
		total, _, err := run.Learn(b, each)
		if err != nil {
			return nil, err
		}
		if err := (Progress{i + 1, len(batches), f.Optimiser.LR}).Diverged(total, clip(params, f.Clip), params); err != nil {
			return nil, err
		}
		optimiser.Step(params, f.Optimiser.LR*schedule.Rate(done+i))
		if i == 0 {
			first = total
		}
		last = total
		sum.Sum += total.Sum
		sum.Count += total.Count
	}
	past.updates += len(batches)
	if err := (Progress{len(batches), len(batches), f.Optimiser.LR}).Left(params); err != nil {
		return nil, err
	}
	value := func(name string, l nn.Loss) method.Value {
		return method.Value{Name: name, Value: l.Mean(), Weight: float64(l.Count)}
	}
	return []method.Value{value(metric.Loss, sum), value("loss.first", first), value("loss.last", last)}, nil
}

// clip shrinks the gradients to a norm of at most limit (0: of any), and returns the norm
// that they had.
func clip(params []nn.Param, limit float64) float64 {
	if limit > 0 {
		return nn.ClipNorm(params, limit)
	}
	return nn.GradNorm(params)
}

// weights are those of the sequences of a batch, in the memory of the last: nil for the plain
// objective, else what makes the mean over its labels count weight times.
func weights(each []float64, weight float64, b nn.Batch) []float64 {
	if weight == 1 {
		return nil
	}
	n := 0
	for _, labels := range b.Labels {
		for _, y := range labels[1:] {
			if y != nn.Ignore {
				n++
			}
		}
	}
	each = each[:0]
	for range b.IDs {
		each = append(each, weight/float64(max(n, 1)))
	}
	return each
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
