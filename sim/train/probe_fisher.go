package train

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/base"
)

// fisher is the diagonal of the empirical Fisher matrix of an attached adapter: the mean over
// examples of g², g being the gradient of the negative log-likelihood of one example's whole
// answer (Kirkpatrick et al. 2017, as EWC uses it). Its tensors have the names and shapes of
// the adapter's: "3.q.A", "3.q.B".
type fisher struct {
	run    *nn.Runner
	params []nn.Param
	shapes [][]int
	sum    [][]float64
	count  float64 // examples that have a label
}

// fisherOf attaches the model with the one adapter open to gradients.
func (t *Trainer) fisherOf(j job, m method.Model, f method.Fisher) (*base.Base, gauge, error) {
	i := slices.IndexFunc(m.Attach, func(a method.Attach) bool { return a.Name == f.Of })
	if i < 0 {
		return nil, nil, fmt.Errorf("nothing is attached under %q", f.Of)
	}
	at := m.Attach[i]
	if at.Merge {
		return nil, nil, fmt.Errorf("attachment %q is merged into the weights: attach it beside them", f.Of)
	}
	adapter, err := openAdapter(j.sources(at.Name, at.From), at.Rank, t.blobs)
	if err != nil {
		return nil, nil, err
	}
	if len(adapter) == 0 {
		return nil, nil, fmt.Errorf("attachment %q is what %s keeps under that name, and it keeps nothing", f.Of, j.req.Whom)
	}
	if dense(adapter) {
		return nil, nil, fmt.Errorf("attachment %q is a dense change: it has no factors", f.Of)
	}
	m.Attach = slices.Delete(slices.Clone(m.Attach), i, i+1)
	b, run, err := t.raise(j, m)
	if err != nil {
		return nil, nil, err
	}
	g := &fisher{run: run}
	for _, p := range adapter {
		beside := branches(p, at.Scale)
		own := beside[0]
		own.A, own.B = slices.Clone(own.A), slices.Clone(own.B)
		own.TrainA()
		own.TrainB()
		g.params = append(g.params, own.Params()...)
		g.shapes = append(g.shapes, []int{p.Rank, p.In}, []int{p.Out, p.Rank})
		if err := run.Attach(beside...); err != nil {
			return nil, nil, err
		}
	}
	g.begin()
	return b, g, nil
}

func (g *fisher) begin() {
	g.sum, g.count = make([][]float64, len(g.params)), 0
	for i, p := range g.params {
		g.sum[i] = make([]float64, len(p.Grad))
	}
}

// calls: the square is of one example's gradient, not of a batch's.
func (g *fisher) calls() int { return 1 }

func (g *fisher) take(b nn.Batch) error {
	nn.ZeroGrads(g.params)
	total, _, err := g.run.Learn(b, []float64{1})
	if err != nil || total.Count == 0 {
		return err
	}
	for i, p := range g.params {
		for k, v := range p.Grad {
			g.sum[i][k] += float64(float64(v) * float64(v))
		}
	}
	g.count++
	return nil
}

func (g *fisher) row() (row []linalg.Tensor, count float64) {
	for i, p := range g.params {
		for k := range g.sum[i] {
			g.sum[i][k] /= max(g.count, 1)
		}
		row = append(row, named(p.Name, g.sum[i], g.shapes[i]...))
	}
	count = g.count
	g.begin()
	return row, count
}
