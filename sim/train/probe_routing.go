package train

import (
	"fmt"
	"strconv"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/nn"
)

// routing is the mean weight that each router gave to each expert in each module, over
// tokens: a tensor for each router and module, named "0.3.q" for module 3.q of router 0.
type routing struct {
	run     *nn.Runner
	routers [][]*nn.Router
	sums    [][]float64 // by router and module, flat
	tokens  float64
}

func routingOf(run *nn.Runner, b *beside) (gauge, error) {
	if len(b.routers) == 0 {
		return nil, fmt.Errorf("the model has no router whose weights could be measured")
	}
	g := &routing{run: run, routers: b.routers}
	for _, own := range b.routers {
		for _, q := range own {
			g.sums = append(g.sums, make([]float64, len(q.Experts)))
		}
	}
	return g, nil
}

func (g *routing) calls() int { return scoreBatch }

func (g *routing) take(b nn.Batch) error {
	if err := g.run.Forward(b); err != nil {
		return err
	}
	at := 0
	for _, own := range g.routers {
		for _, q := range own {
			did := g.run.Routed(q)
			for i, mass := range did.Mass {
				g.sums[at][i%did.Experts] += mass
			}
			at++
		}
	}
	g.tokens += float64(g.run.Rows())
	return nil
}

func (g *routing) row() (list []linalg.Tensor, count float64) {
	at := 0
	for i, own := range g.routers {
		for _, q := range own {
			mean := make([]float64, len(g.sums[at]))
			for e, x := range g.sums[at] {
				mean[e] = x / g.tokens
			}
			list = append(list, named(strconv.Itoa(i)+"."+q.Module, mean, len(mean)))
			clear(g.sums[at])
			at++
		}
	}
	count, g.tokens = g.tokens, 0
	return list, count
}
