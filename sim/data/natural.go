package data

import (
	"fmt"
	"slices"
)

// splitNatural gives each participant one of the shards that the data have by themselves: the
// rows of one value of the column, in the order in which the values first appear, or without a
// column the rows of one file. A count below their number takes the first so many.
func splitNatural(set *Set, by string, count int) ([][]int, error) {
	natural := set.Natural
	what := "files"
	if by != "" {
		natural, what = nil, fmt.Sprintf("values of %q", by)
		for _, g := range set.groupsBy(by) {
			natural = append(natural, g.rows)
		}
	}
	if natural == nil {
		return nil, fmt.Errorf("the data are one file, so they have no shards of their own; name a column: `split: {natural: COLUMN}`, one of %q", set.Names)
	}
	if count > len(natural) {
		return nil, fmt.Errorf("%d participants, but the data have %d %s; choose a count of at most %d", count, len(natural), what, len(natural))
	}
	if count == 0 {
		count = len(natural)
	}
	shards := make([][]int, count)
	for i := range shards {
		shards[i] = slices.Clone(natural[i])
	}
	return shards, nil
}
