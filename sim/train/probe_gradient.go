package train

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/plugins/method"
)

// gradient is dL/dW of frozen modules, L being the mean of the cross-entropy over all labels
// of a row: tensors "3.q" of out×in, the count being labels, or examples that a head answers.
// Nothing is moved.
type gradient struct {
	run     *nn.Runner
	modules []nn.Module
	params  map[string]nn.Param // by the name of the tensor
	all     []nn.Param
	sum     map[string][]float64 // by module: out×in
	labels  float64
}

func gradientOf(run *nn.Runner, what method.Gradient) (gauge, error) {
	modules, err := run.Model().Config().Select(what.Modules)
	if err != nil {
		return nil, err
	}
	var wanted []string
	for _, m := range modules {
		wanted = append(wanted, weightOf(m))
	}
	g := &gradient{run: run, modules: modules, params: map[string]nn.Param{}}
	g.all = run.TrainBase(func(name string) bool { return slices.Contains(wanted, name) })
	for _, p := range g.all {
		g.params[p.Name] = p
	}
	for _, m := range modules {
		if n := len(g.params[weightOf(m)].Grad); n != m.Out*m.In && m.Of == "" {
			return nil, fmt.Errorf("module %s has no weight of its own: the model ties it to another", m.Name)
		}
	}
	g.begin()
	return g, nil
}

// weightOf is the tensor that a module, or the layer of which it is rows, lies in.
func weightOf(m nn.Module) string { return m.HF + ".weight" }

func (g *gradient) begin() {
	g.sum, g.labels = map[string][]float64{}, 0
	for _, m := range g.modules {
		g.sum[m.Name] = make([]float64, m.Out*m.In)
	}
}

func (g *gradient) calls() int { return scoreBatch }

func (g *gradient) take(b nn.Batch) error {
	nn.ZeroGrads(g.all)
	ones := make([]float64, max(len(b.IDs), len(b.Images))) // the sum over labels
	for i := range ones {
		ones[i] = 1
	}
	total, _, err := g.run.Learn(b, ones)
	if err != nil {
		return err
	}
	g.labels += float64(total.Count)
	for _, m := range g.modules {
		addGradient(g.sum[m.Name], g.params[weightOf(m)].Grad, m)
	}
	return nil
}

// addGradient adds the rows of a layer's gradient that are the module, as out×in.
func addGradient(sum []float64, grad []float32, m nn.Module) {
	if !m.Conv {
		for i, v := range grad[m.First*m.In : (m.First+m.Out)*m.In] {
			sum[i] += float64(v)
		}
		return
	}
	outs := len(grad) / m.In // of the layer, which is stored in×out
	for j := range m.In {
		for i := range m.Out {
			sum[i*m.In+j] += float64(grad[j*outs+m.First+i])
		}
	}
}

func (g *gradient) row() (row []linalg.Tensor, count float64) {
	for _, m := range g.modules {
		for i := range g.sum[m.Name] {
			g.sum[m.Name][i] /= max(g.labels, 1)
		}
		row = append(row, named(m.Name, g.sum[m.Name], m.Out, m.In))
	}
	count = g.labels
	g.begin()
	return row, count
}
