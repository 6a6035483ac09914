package world

import (
	"fmt"

	"github.com/loramesh/loramesh/sim/scenario"
)

// mostOffered is how many may be offered in one round: what a method is told of them is one
// message.
const mostOffered = 65536

// mostPeople bounds a pool, as `count` does.
const mostPeople = 1 << 30

// populate makes the pools, those that others live in before those.
func (w *World) populate(accuse accusation) {
	made, dealt := map[string]*pool{}, map[string][][]int{}
	all := w.Trial.Scenario.Population
	for len(made) < len(all) {
		for _, p := range all {
			if made[p.Name] != nil || p.Of != "" && made[p.Of] == nil {
				continue
			}
			x := w.people(p, made[p.Of], dealt, accuse)
			if x == nil {
				return
			}
			made[p.Name] = x
		}
	}
	for _, p := range all {
		w.pools = append(w.pools, made[p.Name])
	}
}

// people makes one pool. dealt has the shards of those that live inside pools made before.
func (w *World) people(p scenario.Pool, outer *pool, dealt map[string][][]int, accuse accusation) *pool {
	at := "population." + p.Name
	s, err := w.named(p.Data)
	if err != nil {
		accuse(at+".data", "%v", err)
		return nil
	}
	if outer != nil {
		if p.Count = outer.size * p.Per.N; p.Count > mostPeople {
			accuse(at+".per", "at most %d participants were expected, found %d in each of the %d of pool %q", mostPeople, p.Per.N, outer.size, p.Of)
			return nil
		}
	}
	x := &pool{name: p.Name, set: s, offer: p.Offer, faults: p.Faults, upload: p.Upload, reach: reach(p.Reach), size: p.Count, outer: outer, per: p.Per.N}
	if p.Split.Kind == "drawn" {
		err = x.unsettled(p, w)
	} else {
		err = x.settle(p, w, dealt)
	}
	if err != nil {
		accuse(at+".split", "%v", err)
		return nil
	}
	if w.checkPool(x, accuse) {
		return x
	}
	return nil
}

// checkPool accuses a pool that cannot be offered as it says, or has somebody without examples.
func (w *World) checkPool(x *pool, accuse accusation) (ok bool) {
	at := "population." + x.name
	if x.offer.Of > x.size {
		accuse(at+".offer.of", "at most %d was expected, as many as pool %q has, found %d", x.size, x.name, x.offer.Of)
		return false
	}
	if x.size > mostOffered && (x.offer.Kind == "all" || x.offer.Kind == "") {
		accuse(at+".offer", "%d participants cannot all be offered in one round, at most %d: write {draw: n} or {sweep: n}", x.size, mostOffered)
		return false
	}
	for i, one := range x.people {
		if len(one.train) == 0 {
			accuse(at+".split", "%s/%d has no training example left of its %d: raise the number of examples, lower %s (%d), or lower `valid` (%g)",
				x.name, i, len(one.train)+len(one.valid), x.counted(), x.size, x.set.valid)
			return false
		}
	}
	if x.reach.always() && !x.always() {
		for i, st := range w.Trial.Scenario.Stages {
			if o := st.Offer[x.name]; o.Kind == "sweep" {
				accuse(fmt.Sprintf("stages.%d.offer.%s", i, x.name), "pool %q is swept here, and everyone has his turn whether his device can be reached or not; write all or {draw: %d}, or a trace without hours", x.name, o.N)
				return false
			}
		}
		if x.offer.Kind == "sweep" {
			accuse(at+".offer", "pool %q is swept, and everyone has his turn whether his device can be reached or not; write all or {draw: %d}, or a trace without hours", x.name, x.offer.N)
			return false
		}
	}
	return true
}

// counted is the word that says how many are in a pool.
func (p *pool) counted() string {
	if p.outer != nil {
		return "`per`"
	}
	return "`count`"
}
