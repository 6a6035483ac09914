package data

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg/rng"
)

// splitShards sorts the rows by the column, cuts them into each × count pieces of equal length
// and deals every participant `each` of them (McMahan et al. 2017, §3: two shards of digits
// give a client at most about two digits). Values come in the order of their first
// appearance, rows of one value in the order of the files; the rows that are left over, fewer
// than each × count, go one by one to the first pieces.
func splitShards(set *Set, by string, each, count int, key rng.Key) ([][]int, error) {
	if by == "" {
		return nil, set.needsBy()
	}
	if each < 1 {
		return nil, fmt.Errorf("each participant must get at least 1 shard, found %d", each)
	}
	if each > len(set.Train)/count {
		return nil, fmt.Errorf("%d participants with %d shards each need at least %d rows; there are %d: choose fewer shards or a smaller count", count, each, count*each, len(set.Train))
	}
	var sorted []int
	for _, g := range set.groupsBy(by) {
		sorted = append(sorted, g.rows...)
	}
	pieces := make([][]int, each*count)
	size, longer := len(sorted)/len(pieces), len(sorted)%len(pieces)
	for i := range pieces {
		n := size
		if i < longer {
			n++
		}
		pieces[i], sorted = sorted[:n], sorted[n:]
	}
	order := key.At("shards").Permutation(len(pieces))
	shards := make([][]int, count)
	for k := range pieces {
		shards[k/each] = append(shards[k/each], pieces[order.At(k)]...)
	}
	return shards, nil
}
