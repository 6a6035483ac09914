package train

import (
	"slices"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/metric"
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
	rows, err := t.sequences(j, b, f.Data, countsInputs(f.Objective))
	if err != nil {
		return method.Report{}, err
	}
	batches, used := draw(rows, f, rng.New(j.draw).At("batch"))
	losses, err := descend(j, f, run, params, batches)
	if err != nil {
		return method.Report{}, err
	}
	rep := method.Report{Examples: used, Values: losses}
	for _, p := range parts {
		rep.Warnings = append(rep.Warnings, p.warnings...)
		began, err := t.blobs.Put(p.began.Tensors())
		if err != nil {
			return rep, err
		}
		rep.Began = append(rep.Began, method.Named{Name: p.name, Blob: began})
		if len(j.assign.Upload) > 0 && !slices.Contains(j.assign.Upload, p.name) {
			continue
		}
		made, err := t.blobs.Put(p.pairs.Tensors())
		if err != nil {
			return rep, err
		}
		rep.Made = append(rep.Made, method.Named{Name: p.name, Blob: made})
	}
	return rep, nil
}

func countsInputs(terms []method.Term) bool {
	for _, t := range terms {
		if ce, ok := t.Loss.(method.CrossEntropy); ok && ce.Inputs {
			return true
		}
	}
	return false
}

// descend makes the updates: one per batch, the mean over the labels of the batch.
func descend(j job, f method.Fit, run *nn.Runner, params []nn.Param, batches []nn.Batch) ([]method.Value, error) {
	optimiser := optimiserOf(f.Optimiser)
	schedule := nn.Schedule{Name: f.Schedule.Name, Total: len(batches), Warmup: int(f.Schedule.Warmup * float64(len(batches)))}
	if schedule.Name == "" {
		schedule.Name = "constant"
	}
	if err := schedule.Check(); err != nil {
		return nil, err
	}
	times := 0.0
	for _, term := range f.Objective {
		times += term.Weight
	}
	dropout := rng.New(j.draw).At("dropout").Stream()
	var first, last, sum nn.Loss
	for i, b := range batches {
		if err := j.step(i, len(batches)); err != nil {
			return nil, err
		}
		b.Dropout = dropout
		if err := run.Forward(b); err != nil {
			return nil, err
		}
		nn.ZeroGrads(params)
		total, _ := run.Backward(weights(times, b))
		if f.Clip > 0 {
			nn.ClipNorm(params, f.Clip)
		}
		optimiser.Step(params, f.Optimiser.LR*schedule.Rate(i))
		if i == 0 {
			first = total
		}
		last = total
		sum.Sum += total.Sum
		sum.Count += total.Count
	}
	value := func(name string, l nn.Loss) method.Value {
		return method.Value{Name: name, Value: l.Mean(), Weight: float64(l.Count)}
	}
	return []method.Value{value(metric.Loss, sum), value("loss.first", first), value("loss.last", last)}, nil
}

// weights is nil for the plain objective; a weight on the term multiplies its mean.
func weights(times float64, b nn.Batch) []float64 {
	if times == 1 {
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
	w := make([]float64, len(b.IDs))
	for i := range w {
		w[i] = times / float64(max(n, 1))
	}
	return w
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

// draw deals the rows into batches: epoch after epoch, each in an order of its own, until
// Epochs or Steps are reached. A batch never spans two epochs. used counts the rows seen.
func draw(rows []nn.Batch, f method.Fit, key rng.Key) (batches []nn.Batch, used int) {
	n := len(rows)
	size := f.Batch
	if size == 0 {
		size = n
	}
	left := int(f.Epochs*float64(n) + 0.5)
	if f.Steps > 0 {
		left = f.Steps * size // an upper bound: short batches at the end of an epoch count as one
	}
	for epoch := 0; left > 0 && (f.Steps == 0 || len(batches) < f.Steps); epoch++ {
		order := make([]int, n)
		for i := range order {
			order[i] = i
		}
		if f.Data.Draw != method.InOrder {
			order = key.At(epoch).Stream().Perm(n)
		}
		for lo := 0; lo < n && left > 0 && (f.Steps == 0 || len(batches) < f.Steps); lo += size {
			var b nn.Batch
			for _, i := range order[lo:min(lo+size, n, lo+left)] {
				b.IDs, b.Labels = append(b.IDs, rows[i].IDs...), append(b.Labels, rows[i].Labels...)
			}
			left -= len(b.IDs)
			used += len(b.IDs)
			batches = append(batches, b)
		}
	}
	return batches, min(used, n)
}
