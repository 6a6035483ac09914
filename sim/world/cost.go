package world

import (
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// Price is the cost model. Work is nominal: a forward pass takes 2 operations a weight and
// token, and 4·T·Width a block and token for attention over T tokens; the way back through
// frozen weights takes as much again; an adapter's own weights take 2 forward and 4 back.
// Time is latency and jitter, download, work, upload, one after the other. A device field
// that is 0 costs nothing.
func (w *World) Price(id method.ID, r method.Recipe, times int) coordinator.Price {
	if id.Pool == coordinator.EvaluationPool {
		return coordinator.Price{Spent: func(float64, int64, int64) method.Seconds { return 0 }}
	}
	d := w.person(id).device
	jitter := w.key.At("jitter", id.Pool, id.Index, times).Stream().Float64() * d.JitterSec
	return coordinator.Price{Flops: w.flops(id, r), Spent: func(flops float64, down, up int64) method.Seconds {
		sec := d.LatencySec + jitter + per(float64(down), d.DownPerSec) + per(flops, d.FlopsPerSec) + per(float64(up), d.UpPerSec)
		return method.Seconds(sec)
	}}
}

func per(amount, rate float64) float64 {
	if rate == 0 {
		return 0
	}
	return amount / rate
}

// flops is the nominal work of a recipe on a participant's rows.
func (w *World) flops(id method.ID, r method.Recipe) float64 {
	switch r := r.(type) {
	case method.Fit:
		b, tokens, squares := w.load(id, r.Model.Base, r.Data)
		if b == nil || tokens == 0 {
			return 0
		}
		passes := r.Epochs
		if r.Steps > 0 {
			n := float64(len(w.person(id).train))
			passes = float64(r.Steps) * float64(max(r.Batch, 1)) / max(n, 1)
		}
		forward := forwardFlops(b.Model.Config(), tokens, squares)
		return passes * float64(2*forward+6*float64(w.adapterParams(b, r))*tokens)
	case method.Score:
		b, tokens, squares := w.load(id, r.Model.Base, r.Data)
		if b == nil {
			return 0
		}
		return forwardFlops(b.Model.Config(), tokens, squares)
	}
	return 0
}

// load sums the tokens of the rows that a recipe names, and their lengths squared.
func (w *World) load(id method.ID, baseName string, d method.Data) (b *base.Base, tokens, squares float64) {
	b, err := w.Base(baseName)
	if err != nil {
		return nil, 0, 0
	}
	name := "train"
	if len(d.From) > 0 {
		name = d.From[0].Name
	}
	rows, err := w.Rows(id, name)
	if err != nil {
		return nil, 0, 0
	}
	for _, row := range rows {
		s, err := w.Sequence(b, row, false)
		if err != nil {
			return nil, 0, 0
		}
		n := float64(len(s.IDs))
		tokens += n
		squares += float64(n * n)
	}
	return b, tokens, squares
}

func forwardFlops(c nn.Config, tokens, squares float64) float64 {
	return float64(2*float64(c.Params())*tokens) + float64(4*float64(c.Layers*c.Heads*c.HeadDim)*squares)
}

// adapterParams counts the numbers that a Fit trains.
func (w *World) adapterParams(b *base.Base, f method.Fit) int {
	n := 0
	for _, p := range f.Train {
		l, ok := p.(method.LoRA)
		if !ok {
			continue
		}
		modules, err := b.Model.Config().Select(l.Modules)
		if err != nil {
			continue // the trainer refuses it by name
		}
		for _, m := range modules {
			n += (m.Out + m.In) * min(l.Rank, m.Out, m.In)
		}
	}
	return n
}

// memoryBytes is the least that training at a rank takes on a device: the frozen weights,
// and value, gradient and two moments of an adapter on q and v, all in float32.
// Activations depend on the batch and are left out.
func memoryBytes(c nn.Config, rank int) float64 {
	n := 0
	for _, pattern := range []string{"*.q", "*.v"} {
		modules, err := c.Select([]string{pattern})
		if err != nil {
			panic("world: " + err.Error())
		}
		for _, m := range modules {
			n += (m.Out + m.In) * min(rank, m.Out, m.In)
		}
	}
	return 4*float64(c.Params()) + float64(16*float64(n))
}
