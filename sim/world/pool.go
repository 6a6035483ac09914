package world

import (
	"cmp"
	"math"
	"slices"

	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/scenario"
)

// pool is one pool of the population.
type pool struct {
	name   string
	set    *set
	offer  scenario.Offer
	faults scenario.Faults
	people []person
}

// person is one participant: what it holds, and what it holds it on.
type person struct {
	rank   int // 0: no limit
	device scenario.Device
	train  []int // rows of the set, ascending
	valid  []int
}

// server is the device of pools that name none: fast enough never to be waited for long.
var server = scenario.Device{Name: "server", FlopsPerSec: 1e12, MemoryBytes: 64e9, UpPerSec: 125e6, DownPerSec: 125e6, LatencySec: 1e-3}

// settle makes the people of a pool. One permutation deals both ranks and devices, the
// largest ranks to the devices with the most memory, so that who can hold much is also who
// has much to hold it in.
func settle(p scenario.Pool, s *set, devices []scenario.Device, key rng.Key) (*pool, error) {
	count := p.Count
	if count == 0 && p.Split.Kind == "natural" && p.Split.By == "" {
		count = len(s.Natural)
	}
	shards, err := data.Split(s.Set, p.Split, count, key.At("split", p.Name))
	if err != nil {
		return nil, err
	}
	out := &pool{name: p.Name, set: s, offer: p.Offer, faults: p.Faults, people: make([]person, len(shards))}
	order := key.At("deal", p.Name).Permutation(len(shards))
	ranks := slices.Clone(p.Ranks)
	slices.SortFunc(ranks, func(a, b scenario.Share) int { return cmp.Compare(b.Rank, a.Rank) })
	classes := classesOf(p, devices)
	rankAt, classAt := parts(ranks, len(shards)), parts(classes, len(shards))
	for i := range shards {
		x := &out.people[order.At(i)]
		x.device = server
		if len(ranks) > 0 {
			x.rank = ranks[rankAt[i]].Rank
		}
		if len(classes) > 0 {
			x.device = deviceOf(classes[classAt[i]].Name, devices)
		}
	}
	for i, shard := range shards {
		train, valid := data.Holdout(s.Set, shard, s.valid)
		out.people[i].train, out.people[i].valid = train, valid
	}
	return out, nil
}

// classesOf are a pool's device classes, most memory first, then by name. Memory of 0 is
// not bounded, so it is the most.
func classesOf(p scenario.Pool, devices []scenario.Device) []scenario.Share {
	memory := func(s scenario.Share) float64 {
		if m := deviceOf(s.Name, devices).MemoryBytes; m > 0 {
			return m
		}
		return math.Inf(1)
	}
	classes := slices.Clone(p.Device)
	slices.SortFunc(classes, func(a, b scenario.Share) int {
		return cmp.Or(cmp.Compare(memory(b), memory(a)), cmp.Compare(a.Name, b.Name))
	})
	return classes
}

func deviceOf(name string, devices []scenario.Device) scenario.Device {
	for _, d := range devices {
		if d.Name == name {
			return d
		}
	}
	panic("world: no device is called " + name)
}

// parts divides n places by shares, exactly, by largest remainder; a tie goes to the
// earlier share. It returns the share that each place belongs to, ascending.
func parts(shares []scenario.Share, n int) []int {
	if len(shares) == 0 {
		return nil
	}
	total := 0.0
	for _, s := range shares {
		total += s.Share
	}
	type part struct {
		share, count int
		rest         float64
	}
	all := make([]part, len(shares))
	left := n
	for i, s := range shares {
		exact := float64(n) * s.Share / total
		all[i] = part{i, int(exact), exact - float64(int(exact))}
		left -= all[i].count
	}
	byRest := slices.Clone(all)
	slices.SortStableFunc(byRest, func(a, b part) int { return cmp.Compare(b.rest, a.rest) })
	for i := range left {
		all[byRest[i].share].count++
	}
	var out []int
	for _, p := range all {
		for range p.count {
			out = append(out, p.share)
		}
	}
	return out
}

// draw lists size of the pool's people in a round, ascending: a fresh draw without
// replacement from those who are not busy, or the next stretch of a sweep through one
// permutation. Where all are wanted it does not matter in which order they are drawn.
func (p *pool) draw(key rng.Key, round, size int, busy func(int) bool) []int {
	n := len(p.people)
	out := make([]int, 0, size)
	if p.offer.Kind == "sweep" {
		order := key.Permutation(n)
		for i := round * size; i < min((round+1)*size, n); i++ {
			out = append(out, order.At(i))
		}
	} else {
		order := key.At(round).Permutation(n)
		for i := 0; i < n && len(out) < size; i++ {
			if k := order.At(i); !busy(k) {
				out = append(out, k)
			}
		}
	}
	slices.Sort(out)
	return out
}
