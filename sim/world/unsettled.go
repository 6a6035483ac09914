package world

import (
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/scenario"
)

// rule says who somebody is once he is asked for.
type rule struct {
	each  int             // rows
	order rng.Permutation // of the places at which hands are dealt
	drawn *data.Drawn
}

// unsettled makes a pool of people who draw for themselves.
func unsettled(p scenario.Pool, s *set, devices []scenario.Device, key rng.Key) (*pool, error) {
	drawn, err := data.NewDrawn(s.Set, p.Split, key.At("split", p.Name))
	if err != nil {
		return nil, err
	}
	return &pool{name: p.Name, set: s, offer: p.Offer, faults: p.Faults, upload: p.Upload, reach: reach(p.Reach), size: p.Count, hands: dealt(p, devices, p.Count),
		rule: &rule{each: p.Split.Each, order: key.At("deal", p.Name).Permutation(p.Count), drawn: drawn}}, nil
}
