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
	counted []bool // by place of the present batch: whether it is measured; empty: all are
	x       map[string][]float64
	mean    map[string][]float64
	rows    map[string]float64 // that a mean is over: of an encoder-decoder, those of its own stack
	second  map[string]*start.Second
	count   float64 // tokens, or examples where each is scaled by its own largest input
}

func inputOf(run *nn.Runner, what method.Input) (gauge, error) {
	modules, err := run.Model().Config().Select(what.Modules)
	if err != nil {
		return nil, err
	}
	switch c := run.Model().Config(); {
	case what.Answers && c.Decoder != (nn.Decoder{}):
		return nil, fmt.Errorf("tokens of answers enter an encoder-decoder by another door than prompts: measure at all of them (answers: false)")
	case what.Answers && c.Answer.Outputs > 0:
		return nil, fmt.Errorf("a head's answers are no tokens that enter the model: measure at all places (answers: false)")
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
	g.mean, g.rows, g.second, g.count = map[string][]float64{}, map[string]float64{}, map[string]*start.Second{}, 0
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
	n, all := g.choose(b), !g.what.Answers
	if n == 0 && !all {
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
		g.rows[m.Name] += float64(x.Rows)
		for i := range x.Rows {
			for j, v := range x.Row(i) {
				mean[j] += v
			}
		}
	}
	if all {
		n = g.run.Rows()
	}
	if g.what.Scale == "max" {
		n = 1
	}
	g.count += float64(n)
	return nil
}

// choose marks the places of answers where those alone are measured, and counts them.
func (g *input) choose(b nn.Batch) (n int) {
	g.counted = g.counted[:0]
	if !g.what.Answers {
		return 0
	}
	for _, labels := range b.Labels {
		for _, y := range labels {
			g.counted = append(g.counted, y != nn.Ignore)
			if y != nn.Ignore {
				n++
			}
		}
	}
	return n
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
			mean[i] /= max(g.rows[m.Name], 1)
		}
		row = append(row, named(m.Name, mean, m.In))
	}
	count = g.count
	g.begin()
	return row, count
}
