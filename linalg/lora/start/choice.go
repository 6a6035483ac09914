package start

import (
	"slices"

	"github.com/loramesh/loramesh/linalg/rng"
)

// Choice says which of q singular triples, 0 being the largest, a start of some rank takes.
// The index is ascending.
type Choice func(q, rank int) []int

// Largest takes the first triples: the principal ones.
func Largest(_, rank int) []int { return from(0, rank) }

// Smallest takes the last triples: the minor ones.
func Smallest(q, rank int) []int { return from(q-rank, rank) }

// Middle takes those from ⌊(q−rank)/2⌋ on, as MiLoRA's release does.
func Middle(q, rank int) []int { return from((q-rank)/2, rank) }

// Any takes triples by a draw of the key, without putting any back.
func Any(key rng.Key) Choice {
	return func(q, rank int) []int {
		index := key.At("triples", q).Stream().Perm(q)[:rank]
		slices.Sort(index)
		return index
	}
}

func from(first, n int) []int {
	index := make([]int, n)
	for i := range index {
		index[i] = first + i
	}
	return index
}
