package world

import (
	"slices"

	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/scenario"
)

// pool is one pool of the population: one whose people divide the data is settled, person
// by person, before a trial begins; one whose people draw for themselves is a rule and a
// number, and costs the same for eight and for a million.
type pool struct {
	name   string
	set    *set
	offer  scenario.Offer
	faults scenario.Faults
	upload scenario.Upload
	reach  reach
	size   int
	hands  hands
	people []person // settled; nil: by the rule
	rule   *rule
}

// at is the i-th of a pool.
func (p *pool) at(i int) (x person) {
	if p.rule == nil {
		return p.people[i]
	}
	x.rank, x.device = p.lot(i)
	x.train, x.valid = data.Holdout(p.set.Set, p.rule.drawn.Shard(i), p.set.valid)
	return x
}

// union is what all of a pool train on, ascending and each row once.
func (p *pool) union() (rows []int) {
	for i := range p.size {
		rows = append(rows, p.at(i).train...)
	}
	slices.Sort(rows)
	return slices.Compact(rows)
}

// lot is what the i-th can hold, and on what, for those who need not know its rows.
func (p *pool) lot(i int) (rank int, device scenario.Device) {
	if p.rule == nil {
		return p.people[i].rank, p.people[i].device
	}
	return p.hands.at(p.rule.order.At(i))
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
	if p.Split.Kind == "drawn" {
		return unsettled(p, s, devices, key)
	}
	if count == 0 && p.Split.Kind == "natural" && p.Split.By == "" {
		count = len(s.Natural)
	}
	shards, err := data.Split(s.Set, p.Split, count, key.At("split", p.Name))
	if err != nil {
		return nil, err
	}
	out := &pool{name: p.Name, set: s, offer: p.Offer, faults: p.Faults, upload: p.Upload, reach: reach(p.Reach), size: len(shards), people: make([]person, len(shards))}
	order := key.At("deal", p.Name).Permutation(len(shards))
	out.hands = dealt(p, devices, len(shards))
	for i := range shards {
		x := &out.people[order.At(i)]
		x.rank, x.device = out.hands.at(i)
	}
	for i, shard := range shards {
		train, valid := data.Holdout(s.Set, shard, s.valid)
		out.people[i].train, out.people[i].valid = train, valid
	}
	return out, nil
}

// draw lists size of the pool's people in a round, ascending: a fresh draw without
// replacement from those who are not busy, or the next stretch of a sweep through one
// permutation, or through as much of it as the sweep is of. Where all are wanted it does not matter in which order they are drawn.
func (p *pool) draw(o scenario.Offer, key rng.Key, round, size int, busy func(int) bool) []int {
	n := p.size
	out := make([]int, 0, size)
	if o.Kind == "sweep" {
		order := key.Permutation(n)
		if o.Of > 0 {
			n = o.Of
		}
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
