package start

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg"
)

// EVA begins with A at the leading principal directions of the layer's inputs and B = 0
// (Paischer et al. 2024). It centres: these are not the singular vectors of the inputs. Out
// is the layer's.
func EVA(p *PCA, out, rank int) (Start, error) {
	if rank < 1 || rank > p.Axes.Rows {
		return Start{}, fmt.Errorf("start: rank %d of inputs in which %d directions were found: lower the rank, follow more directions, or bring more tokens", rank, p.Axes.Rows)
	}
	return Start{A: linalg.Dense{Rows: rank, Cols: p.Axes.Cols, Data: slices.Clone(p.Axes.Data[:rank*p.Axes.Cols])}, B: linalg.NewDense(out, rank)}, nil
}

// Share gives a budget of ranks to layers by how much their directions explain: all
// directions of all layers together, largest first, equals to the layer that comes first.
// So PCA(r·ρ) in every layer and a budget of r times the number of layers is EVA's ρ. A
// layer may come out with 0. Scales stay: alpha of a layer goes with its rank.
func Share(explained [][]float64, budget int) (ranks []int) {
	type direction struct {
		layer int
		share float64
	}
	var all []direction
	for layer, shares := range explained {
		for _, s := range shares {
			all = append(all, direction{layer, s})
		}
	}
	slices.SortStableFunc(all, func(x, y direction) int { return cmp.Compare(y.share, x.share) })
	ranks = make([]int, len(explained))
	for _, d := range all[:max(0, min(budget, len(all)))] {
		ranks[d.layer]++
	}
	return ranks
}
