package train

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/lora/start"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/plugins/method"
)

// input is what enters modules, as its mean over tokens or its second moment E[xxᵀ]: tensors
// "3.q" of in numbers, or in×in.
type input struct {
	run     *nn.Runner
	what    method.Input
	modules []nn.Module
	counted []bool // by place of the present batch: whether it is measured
	x       map[string][]float64
	mean    map[string][]float64
	second  map[string]*start.Second
	count   float64 // tokens, or examples where each is scaled by its own largest input
}

func inputOf(run *nn.Runner, what method.Input) (gauge, error) {
	modules, err := run.Model().Config().Select(what.Modules)
	if err != nil {
		return nil, err
	}
	if what.Answers && run.Model().Config().Decoder != (nn.Decoder{}) {
		return nil, fmt.Errorf("tokens of answers enter an encoder-decoder by another door than prompts: leave Input.Answers out")
	}
	g := &input{run: run, what: what, modules: modules, x: map[string][]float64{}}
	names := make([]string, len(modules))
	for i, m := range modules {
		names[i] = m.Name
	}
	g.begin()
	return g, run.TapInputs(names, g.see)
}

// begin is an empty row.
func (g *input) begin() {
	g.mean, g.second, g.count = map[string][]float64{}, map[string]*start.Second{}, 0
	for _, m := range g.modules {
		g.mean[m.Name] = make([]float64, m.In)
		g.second[m.Name] = &start.Second{PerCall: g.what.Scale == "max"}
	}
}

// calls: what is scaled by the largest input of a call is scaled example by example, so that
// the result does not depend on how examples are packed into batches.
func (g *input) calls() int {
	if g.what.Scale == "max" {
		return 1
	}
	return scoreBatch
}

func (g *input) take(b nn.Batch) error {
	g.counted = g.counted[:0]
	n := 0
	for i, ids := range b.IDs {
		for t := range ids {
			counts := !g.what.Answers || b.Labels[i][t] != nn.Ignore
			g.counted = append(g.counted, counts)
			if counts {
				n++
			}
		}
	}
	if n == 0 {
		return nil // not a token of these is measured
	}
	for name := range g.x {
		g.x[name] = g.x[name][:0]
	}
	if err := g.run.Forward(b); err != nil {
		return err
	}
	for _, m := range g.modules {
		x := linalg.Dense{Rows: len(g.x[m.Name]) / m.In, Cols: m.In, Data: g.x[m.Name]}
		if g.what.Second {
			if err := g.second[m.Name].Add(x); err != nil {
				return fmt.Errorf("module %s: %w", m.Name, err)
			}
			continue
		}
		mean := g.mean[m.Name]
		for i := range x.Rows {
			for j, v := range x.Row(i) {
				mean[j] += v
			}
		}
	}
	if g.what.Scale == "max" {
		n = 1
	}
	g.count += float64(n)
	return nil
}

// see keeps what enters a module at the places that count. Of an encoder-decoder all do.
func (g *input) see(module string, at int, x kernel.Matrix) {
	to := g.x[module]
	for i := range x.Rows {
		if at+i < len(g.counted) && !g.counted[at+i] {
			continue
		}
		for _, v := range x.Row(i) {
			to = append(to, float64(v))
		}
	}
	g.x[module] = to
}

func (g *input) row() (row []linalg.Tensor, count float64) {
	for _, m := range g.modules {
		if g.what.Second {
			moment := make([]float64, m.In*m.In)
			if g.count > 0 {
				moment = g.second[m.Name].Mean().Data
			}
			row = append(row, named(m.Name, moment, m.In, m.In))
			continue
		}
		mean := g.mean[m.Name]
		for i := range mean {
			mean[i] /= max(g.count, 1)
		}
		row = append(row, named(m.Name, mean, m.In))
	}
	count = g.count
	g.begin()
	return row, count
}
