package data

import "github.com/loramesh/loramesh/linalg/rng"

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
