package world

import (
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/scenario"
)

// rule says who somebody is once he is asked for.
type rule struct {
	set   *set
	each  int // rows
	hands hands
	order rng.Permutation // of the places at which hands are dealt
	drawn *data.Drawn
}

// unsettled makes a pool of people who draw for themselves.
func unsettled(p scenario.Pool, s *set, devices []scenario.Device, key rng.Key) (*pool, error) {
	drawn, err := data.NewDrawn(s.Set, p.Split, key.At("split", p.Name))
	if err != nil {
		return nil, err
	}
	r := &rule{set: s, each: p.Split.Each, hands: dealt(p, devices, p.Count), order: key.At("deal", p.Name).Permutation(p.Count), drawn: drawn}
	return &pool{name: p.Name, set: s, offer: p.Offer, faults: p.Faults, reach: reach(p.Reach), size: p.Count, hands: r.hands, rule: r}, nil
}

func (r *rule) person(i int) (x person) {
	x.rank, x.device = r.hands.at(r.order.At(i))
	x.train, x.valid = data.Holdout(r.set.Set, r.drawn.Shard(i), r.set.valid)
	return x
}
