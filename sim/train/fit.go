package train

import (
	"cmp"
	"slices"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/metric"
	"github.com/loramesh/loramesh/sim/world"
)

// fit trains the parts of a Fit and stores them, with what they began from.
func (t *Trainer) fit(j job, f method.Fit) (method.Report, error) {
	b, run, err := t.raise(f.Model)
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
	batches := draw(all, f, rng.New(j.draw).At("batch"))
	losses, err := descend(j, f, run, params, batches, goal.weight, func() []Factors { return factorsOf(parts) })
	if err != nil {
		return method.Report{}, err
	}
	rep := method.Report{Examples: min(len(rows), world.Examples(f, len(rows))), Values: losses}
	if cut != "" {
		rep.Warnings = append(rep.Warnings, cut)
	}
	err = t.store(j, parts, &rep)
	return rep, err
}

// factorsOf are parts as they are now.
func factorsOf(parts []*part) []Factors {
	out := make([]Factors, len(parts))
	for i, p := range parts {
		out[i] = Factors{p.name, p.pairs.Tensors()}
	}
	return out
}

// store puts the parts that are to be uploaded, and what they began from, into blobs.
func (t *Trainer) store(j job, parts []*part, rep *method.Report) error {
	for _, p := range parts {
		rep.Warnings = append(rep.Warnings, p.warnings...)
		if len(j.assign.Upload) > 0 && !slices.Contains(j.assign.Upload, p.name) {
			continue
		}
		began, err := t.blobs.Put(p.began.Tensors())
		if err != nil {
			return err
		}
		rep.Began = append(rep.Began, method.Named{Name: p.name, Blob: began})
		made, err := t.blobs.Put(p.pairs.Tensors())
		if err != nil {
			return err
		}
		rep.Made = append(rep.Made, method.Named{Name: p.name, Blob: made})
	}
	return nil
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
func descend(j job, f method.Fit, run *nn.Runner, params []nn.Param, batches []nn.Batch, weight float64, factors func() []Factors) ([]method.Value, error) {
	optimiser := optimiserOf(f.Optimiser)
	updates := cmp.Or(f.Schedule.Total, len(batches)) // of all the Fits that share the schedule
	schedule := nn.Schedule{Name: f.Schedule.Name, Total: updates, Warmup: int(f.Schedule.Warmup * float64(updates))}
	if schedule.Name == "" {
		schedule.Name = "constant"
	}
	if err := schedule.Check(); err != nil {
		return nil, err
	}
	dropout := rng.New(j.draw).At("dropout").Stream()
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
		optimiser.Step(params, f.Optimiser.LR*schedule.Rate(i))
		if i == 0 {
			first = total
		}
		last = total
		sum.Sum += total.Sum
		sum.Count += total.Count
	}
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

// draw deals examples into batches: epoch after epoch, each in an order of its own, until
// so many have come as [world.Examples] says. A batch never spans two epochs.
func draw(all nn.Batch, f method.Fit, key rng.Key) (batches []nn.Batch) {
	n := len(all.IDs)
	size := f.Batch
	if size == 0 {
		size = n
	}
	left := world.Examples(f, n)
	for epoch := 0; left > 0; epoch++ {
		order := make([]int, n)
		for i := range order {
			order[i] = i
		}
		if f.Data.Draw != method.InOrder {
			order = key.At(epoch).Stream().Perm(n)
		}
		for lo := 0; lo < n && left > 0; lo += size {
			var b nn.Batch
			for _, i := range order[lo:min(lo+size, n, lo+left)] {
				b.IDs, b.Labels = append(b.IDs, all.IDs[i]), append(b.Labels, all.Labels[i])
			}
			left -= len(b.IDs)
			batches = append(batches, b)
		}
	}
	return batches
}
