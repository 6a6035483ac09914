package data

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/loramesh/loramesh/linalg/rng"
)

// dirichletTries is how often a split is drawn before it is given up.
const dirichletTries = 200

// splitDirichlet draws, for each value of the column, the participants' shares of its rows
// from a symmetric Dirichlet(α) (Yurochkin et al. 2019, §4; Li et al. 2022, §4.1). Small α
// gives each participant few values and unequal amounts, large α approaches iid.
//
// A participant without a row is avoided as in those studies, by drawing the whole split anew,
// each time from its own named stream, until every shard has a row. What is left after
// dirichletTries draws is an error that names α, count and the cure.
func splitDirichlet(set *Set, by string, alpha float64, count int, key rng.Key) ([][]int, error) {
	if by == "" {
		return nil, set.needsBy()
	}
	if !(alpha > 0) || math.IsInf(alpha, 1) {
		return nil, fmt.Errorf("alpha must be a number above 0, found %v", alpha)
	}
	groups := set.groupsBy(by)
	empty := 0
	for try := range dirichletTries {
		shards := dealDirichlet(groups, alpha, count, key.At("dirichlet", try))
		empty = slices.IndexFunc(shards, func(shard []int) bool { return len(shard) == 0 })
		if empty < 0 {
			return shards, nil
		}
	}
	return nil, fmt.Errorf("alpha %v leaves participant %d of %d without a row in each of %d draws from %d rows of %d values of %q; choose a larger alpha, a smaller count or more rows",
		alpha, empty, count, dirichletTries, len(set.Train), len(groups), by)
}

func dealDirichlet(groups []group, alpha float64, count int, key rng.Key) [][]int {
	concentration := make([]float64, count)
	for i := range concentration {
		concentration[i] = alpha
	}
	shards := make([][]int, count)
	for _, g := range groups {
		draws := key.At(g.value)
		order := draws.At("order").Permutation(len(g.rows))
		next := 0
		for i, n := range deal(draws.At("shares").Stream().Dirichlet(concentration), len(g.rows)) {
			for range n {
				shards[i] = append(shards[i], g.rows[order.At(next)])
				next++
			}
		}
	}
	return shards
}

// deal turns shares that sum to 1 into whole numbers that sum to n, by largest remainder; of
// equal remainders the first gets the unit.
func deal(shares []float64, n int) []int {
	counts := make([]int, len(shares))
	rest := make([]float64, len(shares))
	order := make([]int, len(shares))
	left := n
	for i, share := range shares {
		exact := share * float64(n)
		counts[i] = min(int(exact), left)
		rest[i], order[i] = exact-float64(counts[i]), i
		left -= counts[i]
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rest[b], rest[a]) })
	for k := 0; left > 0; k++ {
		counts[order[k%len(order)]]++
		left--
	}
	return counts
}
