package world

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/scenario"
)

// around is the participant that the i-th of a pool lives in.
func (p *pool) around(i int) method.ID { return method.ID{Pool: p.outer.name, Index: i / p.per} }

// lives is the name of the pool that a pool lives in; "": it lives by itself.
func (p *pool) lives() string {
	if p.outer == nil {
		return ""
	}
	return p.outer.name
}

// inner are the pools that live in one and have their examples dealt out of its own.
func (w *World) inner(p scenario.Pool) (out []scenario.Pool) {
	for _, x := range w.Trial.Scenario.Population {
		if x.Of == p.Name && x.Data == p.Data && x.Split.Kind != "drawn" {
			out = append(out, x)
		}
	}
	return out
}

// share deals the rows of each participant of a pool among it and those inside it, by chance and
// evenly, its own part first; what remains of a division goes to the first of them.
func share(shards [][]int, inner []scenario.Pool, pool string, key rng.Key, dealt map[string][][]int) error {
	parts := 1
	for _, p := range inner {
		parts += p.Per.N
	}
	if parts == 1 {
		return nil
	}
	for i, shard := range shards {
		if len(shard) < parts {
			return fmt.Errorf("%s/%d has %d rows for itself and the %d inside it, and each needs one: raise the number of examples, or lower `per`", pool, i, len(shard), parts-1)
		}
		mine := data.Deal(shard, parts, key.At("inside", pool, i))
		shards[i] = mine[0]
		at := 1
		for _, p := range inner {
			dealt[p.Name] = append(dealt[p.Name], mine[at:at+p.Per.N]...)
			at += p.Per.N
		}
	}
	return nil
}

// within is what the people inside another pool are dealt: its devices, so many on each, and at
// most a rank of their own.
func (h hands) within(per, most int) (out hands) {
	for _, x := range h {
		x.places, x.rank = x.places*per, atMost(x.rank, most)
		out = append(out, x)
	}
	return out
}

// atMost is the smaller of two limits of a rank; 0 is none.
func atMost(rank, most int) int {
	if rank == 0 || most > 0 && most < rank {
		return most
	}
	return rank
}
