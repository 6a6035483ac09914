package rng

import (
	"fmt"
	"math/bits"
)

// Permutation is a fixed shuffle of 0…n−1 that can be asked for any place without
// holding the others: a sampler walks through a million clients in random order with a
// hundred bytes. It is a value and safe for concurrent use.
type Permutation struct {
	n     int
	half  uint // bits in each half of a Feistel block
	round [feistelRounds]uint64
	small []uint8 // the whole shuffle where n is at most smallest
}

// Eight rounds: four make a Feistel network a pseudorandom permutation for an ideal
// round function (Luby and Rackoff 1988); ours is a mixer of 64 bits, and rounds are cheap.
const feistelRounds = 8

// Up to here the shuffle is drawn and held: a network over a few bits reaches only some
// of the permutations, a drawn shuffle all of them equally often.
const smallest = 256

// Permutation is the shuffle of 0…n−1 that this key names. It panics where n < 0.
func (k Key) Permutation(n int) Permutation {
	if n < 0 {
		panic(fmt.Sprintf("rng: permutation of %d things", n))
	}
	p := Permutation{n: n}
	s := k.At("permutation", n).Stream()
	if n <= smallest {
		p.small = make([]uint8, n)
		for i, x := range s.Perm(n) {
			p.small[i] = uint8(x)
		}
		return p
	}
	p.half = uint(bits.Len(uint(n-1))+1) / 2
	for i := range p.round {
		p.round[i] = s.Uint64()
	}
	return p
}

// Len is n.
func (p Permutation) Len() int { return p.n }

// At is the i-th of the shuffled numbers, 0 ≤ i < n. A Feistel network permutes a block
// of 2·half bits, which has fewer than 4n numbers; what falls outside n is sent round
// again until it falls inside (cycle walking: Black and Rogaway 2002), under four times
// on average.
func (p Permutation) At(i int) int {
	if i < 0 || i >= p.n {
		panic(fmt.Sprintf("rng: place %d of a permutation of %d", i, p.n))
	}
	if p.small != nil {
		return int(p.small[i])
	}
	x := uint64(i)
	for {
		x = p.feistel(x)
		if x < uint64(p.n) {
			return int(x)
		}
	}
}

func (p Permutation) feistel(x uint64) uint64 {
	mask := uint64(1)<<p.half - 1
	left, right := x>>p.half, x&mask
	for _, k := range p.round {
		left, right = right, left^(mix(right^k)&mask)
	}
	return left<<p.half | right
}

// mix is the finaliser of SplitMix64 (Steele, Lea and Flood 2014).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
