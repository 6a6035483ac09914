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
	timed  bool  // devices have hours
	outer  *pool // in which these live, per in each and of at most that rank; nil: by themselves
	per    int
	most   int
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

// always says whether everyone of a pool can be offered at any time.
func (p *pool) always() bool {
	return p.reach.always() && !p.timed && (p.outer == nil || p.outer.always())
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
	if p.outer != nil {
		rank, device = p.outer.lot(i / p.per)
		return atMost(rank, p.most), device
	}
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

// settle makes the people of a pool that divides data. dealt has the shards of those that live
// inside pools made before, and gets those of the ones that live inside this.
func (p *pool) settle(as scenario.Pool, w *World, dealt map[string][][]int) error {
	shards := dealt[p.name]
	if shards == nil {
		count := as.Count
		if count == 0 && as.Split.Kind == "natural" && as.Split.By == "" {
			count = len(p.set.Natural)
		}
		key := w.key.At("split", p.name)
		if as.Split.Kind == "users" { // who is tested is the same for all pools
			key = w.key.At("users", p.set.Name)
		}
		var err error
		if shards, err = data.Split(p.set.Set, as.Split, count, key); err != nil {
			return err
		}
	}
	if err := share(shards, w.inner(as), p.name, w.key, dealt); err != nil {
		return err
	}
	p.size, p.people = len(shards), make([]person, len(shards))
	order := p.deal(as, w)
	for i := range shards {
		if p.outer != nil {
			p.people[i].rank, p.people[i].device = p.lot(i)
			continue
		}
		x := &p.people[order.At(i)]
		x.rank, x.device = p.hands.at(i)
	}
	for i, shard := range shards {
		train, valid := data.Holdout(p.set.Set, shard, p.set.valid)
		p.people[i].train, p.people[i].valid = train, valid
	}
	return nil
}

// deal deals ranks and devices. One permutation deals both, the largest ranks to the devices with
// the most memory, so that who can hold much is also who has much to hold it in; people inside
// others have theirs.
func (p *pool) deal(as scenario.Pool, w *World) rng.Permutation {
	if p.outer != nil {
		if len(as.Ranks) > 0 {
			p.most = as.Ranks[0].Rank
		}
		p.hands = p.outer.hands.within(p.per, p.most)
	} else {
		p.hands = dealt(as, w.classes, p.size)
		p.timed = p.hands.timed()
	}
	return w.key.At("deal", p.name).Permutation(p.size)
}

// draw lists size of the pool's people in a round, ascending: a fresh draw without
// replacement from those who are not busy, or the next stretch of a sweep through one
// permutation, or through as much of it as the sweep is of. Where all are wanted it does not matter in which order they are drawn.
func (p *pool) draw(o scenario.Offer, key rng.Key, round, size int, busy func(int) bool) []int {
	n := p.size
	out := make([]int, 0, size)
	switch {
	case o.Kind == "sweep":
		order := key.Permutation(n)
		if o.Of > 0 {
			n = o.Of
		}
		for i := round * size; i < min((round+1)*size, n); i++ {
			out = append(out, order.At(i))
		}
	case size >= n: // everybody
		for i := range n {
			if !busy(i) {
				out = append(out, i)
			}
		}
	default:
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
