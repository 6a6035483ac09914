package data

import (
	"slices"

	"github.com/loramesh/loramesh/linalg/rng"
)

// splitIID deals shuffled rows out in runs whose lengths differ by at most one, the longer
// first.
func splitIID(rows, count int, key rng.Key) [][]int {
	order := key.At("iid").Permutation(rows)
	shards := make([][]int, count)
	next := 0
	for i := range shards {
		size := rows / count
		if i < rows%count {
			size++
		}
		for range size {
			shards[i] = append(shards[i], order.At(next))
			next++
		}
	}
	return shards
}

// Deal deals rows to so many by chance, in runs whose lengths differ by at most one, the longer
// first; each gets them in ascending order.
func Deal(rows []int, count int, key rng.Key) [][]int {
	shards := splitIID(len(rows), count, key)
	for _, shard := range shards {
		for i, place := range shard {
			shard[i] = rows[place]
		}
		slices.Sort(shard)
	}
	return shards
}
