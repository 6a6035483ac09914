package data

import (
	"fmt"
	"math"
	"slices"

	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/sim/scenario"
)

// splitUsers gives each participant the rows of one user of a part: of the test, or of the pool
// to learn from. key draws who is tested, so that all pools of the data that have the same key
// have the same parts. A count below the number of a part's users takes the first so many.
func splitUsers(set *Set, s scenario.Split, count int, key rng.Key) ([][]int, error) {
	users := set.groupsBy(s.By)
	n := len(users)
	if n < 2 {
		return nil, fmt.Errorf("the column %q has %d value; at least 2 users were expected, one for each part", s.By, n)
	}
	tested := min(max(1, int(math.Round(s.Test*float64(n)))), n-1)
	order := key.Permutation(n)
	in := make([]bool, n)
	for i := range tested {
		in[order.At(i)] = true
	}
	var shards [][]int
	for i, u := range users {
		if in[i] == (s.Part == "test") {
			shards = append(shards, slices.Clone(u.rows))
		}
	}
	if count > len(shards) {
		return nil, fmt.Errorf("%d participants, but %d of the %d users are in the part %q; choose a count of at most %d, or another share", count, len(shards), n, s.Part, len(shards))
	}
	if count > 0 {
		shards = shards[:count]
	}
	return shards, nil
}
