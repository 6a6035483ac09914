package rng

import (
	"fmt"
	"math/rand/v2"
)

// Stream is a sequence of draws: ChaCha8, whose output Go fixes for all time. Draws
// depend on those before them in the same stream, and on nothing else.
type Stream struct {
	r    *rand.Rand // which remembers nothing itself
	from *rand.ChaCha8
}

func newStream(from *rand.ChaCha8) *Stream { return &Stream{rand.New(from), from} }

// State is where the stream stands, for [GoOn]: a few dozen bytes.
func (s *Stream) State() []byte {
	state, err := s.from.MarshalBinary()
	if err != nil {
		panic("rng: a generator has no state: " + err.Error())
	}
	return state
}

// GoOn is the stream that stood at a state: its next draws are those that would have
// followed there. Bytes that are no state are an error.
func GoOn(state []byte) (*Stream, error) {
	from := new(rand.ChaCha8)
	if err := from.UnmarshalBinary(state); err != nil {
		return nil, fmt.Errorf("state of a random stream: %w", err)
	}
	return newStream(from), nil
}

// Uint64 is uniform over all 64-bit numbers.
func (s *Stream) Uint64() uint64 { return s.r.Uint64() }

// Float64 is uniform in [0, 1), in steps of 2⁻⁵³.
func (s *Stream) Float64() float64 { return s.r.Float64() }

// Uniform is uniform in [low, high).
func (s *Stream) Uniform(low, high float64) float64 {
	return low + float64((high-low)*s.r.Float64())
}

// Norm is normal with mean 0 and deviation 1.
func (s *Stream) Norm() float64 { return s.r.NormFloat64() }

// IntN is uniform in 0…n−1. It panics unless n > 0.
func (s *Stream) IntN(n int) int { return s.r.IntN(n) }

// Perm is a uniform permutation of 0…n−1, held in memory; see [Key.Permutation] for
// large n.
func (s *Stream) Perm(n int) []int { return s.r.Perm(n) }

// Shuffle puts n things into uniform order by swaps.
func (s *Stream) Shuffle(n int, swap func(i, j int)) { s.r.Shuffle(n, swap) }
