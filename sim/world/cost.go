package world

import (
	"slices"
	"strings"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/metric"
)

// Fate says what becomes of a lease; see [coordinator.World].
func (w *World) Fate(id method.ID, times int) coordinator.Fate {
	f := w.pool(id.Pool).faults
	fate := coordinator.Fate{Dropped: w.strikes(f.DropOut, "drop-out", id, times), Lost: w.strikes(f.Lost, "lost-upload", id, times),
		Corrupt: w.strikes(f.Corrupt, "corrupt", id, times)}
	if w.strikes(f.Partial, "partial", id, times) {
		fate.Share = w.key.At("partial", id.Pool, id.Index, times).Stream().Uniform(0.1, 0.9)
	}
	return fate
}

// Shorten cuts a Fit to a share of its examples, its learning rate going as if the rest
// came too; see [coordinator.World].
func (w *World) Shorten(stage int, id method.ID, f method.Fit, share float64) method.Fit {
	rows, err := w.Choose(stage, id, f.Data)
	if err != nil || len(rows) == 0 {
		return f // the trainer refuses what it names
	}
	if f.Schedule.Total == 0 {
		f.Schedule.Total = Updates(f, len(rows))
	}
	if f.Steps > 0 {
		f.Steps = max(1, int(float64(f.Steps)*share))
	} else {
		f.Epochs = float64(f.Epochs * share)
	}
	return f
}

// Updates is how many updates a Fit makes on so many rows: a batch never spans two passes.
func Updates(f method.Fit, rows int) int {
	if f.Steps > 0 {
		return f.Steps
	}
	batch := PerUpdate(f, rows)
	n := Examples(f, rows)
	return n/rows*((rows+batch-1)/batch) + (n%rows+batch-1)/batch
}

// strikes says whether a fault of that share befalls a participant that has been given work
// so many times before.
func (w *World) strikes(share float64, fault string, id method.ID, times int) bool {
	return share > 0 && w.key.At("fault", fault, id.Pool, id.Index, times).Stream().Float64() < share
}

// sampleFlops is the work of drawing examples: none, or where logits are kept with them a forward
// pass over as many as the set can take in.
func (w *World) sampleFlops(stage int, id method.ID, s method.Sample) float64 {
	if !s.Logits {
		return 0
	}
	l, ok := w.load(stage, id, s.Model.Base, s.Data)
	if !ok || l.rows == 0 {
		return 0
	}
	return l.forward() * float64(min(s.Count, l.rows)) / float64(l.rows)
}

// scoreFlops is a forward pass over the rows, and where classes are judged one over each row
// with each of the classes that are compared in the place of its answer; a head says them all at
// once.
func (w *World) scoreFlops(stage int, id method.ID, s method.Score) float64 {
	b, err := w.Base(s.Model.Base)
	if err != nil {
		return 0
	}
	rows, err := w.Choose(stage, id, s.Data)
	if err != nil {
		return 0
	}
	plain, told := metric.Untold(s.Metrics)
	var passes []Row
	if len(plain) > 0 || len(told) == 0 {
		passes = w.asking(stage, b, rows, plain)
	}
	if len(told) > 0 {
		passes = slices.Concat(passes, w.asking(stage, b, rows, told))
	}
	l, _ := w.read(b, passes)
	return l.forward()
}

// asking are the rows that metrics take through a base, each as often as it goes.
func (w *World) asking(stage int, b *base.Base, rows []Row, metrics []string) (passes []Row) {
	if len(metrics) == 0 || slices.ContainsFunc(metrics, func(n string) bool { return !metric.Classifies([]string{n}) }) {
		passes = slices.Clone(rows)
	}
	if !metric.Classifies(metrics) {
		return passes
	}
	for _, r := range rows {
		seen, _ := w.Classes(stage, r)
		each := len(seen)
		if b.Answers() {
			each = 1
		}
		passes = append(passes, slices.Repeat([]Row{r}, each)...)
	}
	return passes
}

// Examples is how many examples a Fit goes through, each as often as it comes, on rows of
// them: Epochs to the nearest example and at least one, or Steps batches, of which the last
// in each pass over the rows may be short. What is drawn (see sim/train) and what is charged
// are this one number.
func Examples(f method.Fit, rows int) int {
	if f.Steps == 0 {
		return max(1, int(float64(f.Epochs*float64(rows))+0.5))
	}
	batch := PerUpdate(f, rows)
	each := (rows + batch - 1) / batch // batches a pass
	return f.Steps/each*rows + f.Steps%each*batch
}

// PerUpdate is how many examples go into one update: all, or a batch, or so many batches as
// are piled up. Piled batches are one batch, of which the engine sees a part at a time.
func PerUpdate(f method.Fit, rows int) int {
	if f.Batch == 0 {
		return rows
	}
	return f.Batch * max(1, f.Pile)
}

// load is what a recipe has to read: rows of data as tokens of a base.
type load struct {
	base            *base.Base
	params          int // of the base
	rows            int
	tokens, squares float64  // Σ lengths, Σ lengths²
	pair            pairLoad // of an encoder-decoder, instead of the squares
}

// load finds the rows that a recipe names. ok is false where it names what is not there,
// which the trainer refuses by name.
func (w *World) load(stage int, id method.ID, baseName string, d method.Data) (l load, ok bool) {
	b, err := w.Base(baseName)
	if err != nil {
		return l, false
	}
	rows, err := w.Choose(stage, id, d)
	if err != nil {
		return l, false
	}
	return w.read(b, rows)
}

// read is the work of rows as tokens of a base.
func (w *World) read(b *base.Base, rows []Row) (l load, ok bool) {
	l = load{base: b, params: w.params(b), rows: len(rows)}
	c := b.Model.Config()
	for _, row := range rows {
		s, _, err := w.Sequence(b, row, false)
		if err != nil {
			return l, false
		}
		n := float64(s.Places(c))
		l.tokens += n
		l.squares += float64(n * n)
		l.pair.add(s)
	}
	return l, true
}

// forward is the work of one forward pass over all rows.
func (l load) forward() float64 {
	c := l.base.Model.Config()
	if c.Decoder != (nn.Decoder{}) {
		return l.pair.forward(l.base)
	}
	return float64(2*float64(l.params)*l.tokens) + float64(4*float64(c.Layers*c.Heads*c.HeadDim)*l.squares)
}

// params counts the weights of a base, once: every lease is priced.
func (w *World) params(b *base.Base) int {
	if known, ok := w.counted.Load(b.Name); ok {
		return known.(int)
	}
	n := b.Model.Config().Params()
	w.counted.Store(b.Name, n)
	return n
}

// adapterParams counts the numbers of the adapters that a Fit trains.
func (w *World) adapterParams(b *base.Base, f method.Fit) int {
	n := 0
	for _, p := range f.Train {
		l, ok := p.(method.LoRA)
		if !ok {
			continue
		}
		for _, m := range w.modules(b, l.Modules) {
			n += (m.Out + m.In) * min(l.Rank, m.Out, m.In)
			if l.Form == "dora" {
				n += m.Out
			}
		}
	}
	return n
}

// learningPasses is how often an objective goes there and back: once for the answers' tokens
// and once more for terms that count the prompts' too, if there are both kinds.
func learningPasses(terms []method.Term) float64 {
	over := map[bool]bool{}
	for _, t := range terms {
		switch l := t.Loss.(type) {
		case method.CrossEntropy:
			over[l.Inputs] = over[l.Inputs] || t.Weight != 0
		case method.Distill, method.Recall:
			over[false] = over[false] || t.Weight != 0
		}
	}
	if over[true] && over[false] {
		return 2
	}
	return 1
}

// teaching is the work of those models that a Fit learns from, one pass of each over its rows.
func (w *World) teaching(stage int, id method.ID, f method.Fit) (sum float64) {
	for _, t := range f.Objective {
		if d, ok := t.Loss.(method.Distill); ok && t.Weight != 0 {
			if l, ok := w.load(stage, id, d.Teacher.Base, f.Data); ok {
				sum += l.forward()
			}
		}
	}
	return sum
}

// adapterFlops is the work of the adapters, or of the weights, that a Fit trains, per token.
func (w *World) adapterFlops(b *base.Base, f method.Fit) float64 {
	// Of weights it is the gradient alone; they are passed through anyway.
	ops := float64(6*float64(w.adapterParams(b, f))) + float64(2*float64(w.weightParams(b, f)))
	for _, p := range f.Train {
		l, ok := p.(method.LoRA)
		if !ok || l.Freeze == "" {
			continue
		}
		for _, m := range w.modules(b, l.Modules) {
			side := m.In
			if l.Freeze == "B" {
				side = m.Out
			}
			ops -= float64(2 * side * min(l.Rank, m.Out, m.In)) // no gradient of it
		}
	}
	return ops
}

// weightParams counts the numbers of the base's own weights that a Fit trains.
func (w *World) weightParams(b *base.Base, f method.Fit) (n int) {
	for _, p := range f.Train {
		if x, ok := p.(method.Weights); ok {
			n += w.sizeOf(b, x)
		}
	}
	return n
}

// sizeOf counts the numbers of one such part.
func (w *World) sizeOf(b *base.Base, x method.Weights) (n int) {
	for _, m := range w.trained(b, x) {
		n += m.Out * m.In
	}
	return n
}

// trained are the modules whose weights a Fit trains: those named, or all whole layers.
// A table that is the head's weight too is counted once, as the head, which is what is trained.
func (w *World) trained(b *base.Base, x method.Weights) []nn.Module {
	if len(x.Modules) > 0 {
		return w.modules(b, x.Modules)
	}
	c := b.Model.Config()
	all := c.Modules()
	table := all[0].HF
	return slices.DeleteFunc(all, func(m nn.Module) bool { return m.Of != "" || c.Tied && m.HF == table })
}

// modules are those of a base that patterns name, looked up once: every lease is priced.
// None where they name nothing, which the trainer refuses by name.
func (w *World) modules(b *base.Base, patterns []string) []nn.Module {
	key := b.Name + "\x00" + strings.Join(patterns, "\x00")
	if known, ok := w.selected.Load(key); ok {
		return known.([]nn.Module)
	}
	modules, err := b.Model.Config().Select(patterns)
	if err != nil {
		modules = nil
	}
	w.selected.Store(key, modules)
	return modules
}

// memoryBytes is what training an adapter on q and v at a rank takes on a device, by [trainingBytes].
func memoryBytes(c nn.Config, rank int) int64 {
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
	return trainingBytes(c.Params(), n)
}
