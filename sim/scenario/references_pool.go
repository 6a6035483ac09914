package scenario

import "slices"

// nested checks a pool that lives inside another, and says what it shares with that.
func (f finisher) nested(at string, p *Pool) {
	if p.Of == "" && !f.given(at+"of") {
		if p.Per.N > 0 {
			f.accuse(at+"per", `"of" was expected beside it, the pool inside whose participants these live; or write count: %d`, p.Per.N)
		}
		return
	}
	pools := namesOf(f.s.Population, func(p Pool) string { return p.Name })
	f.defined(at+"of", "pool", p.Of, pools)
	if p.Per.N == 0 && !f.given(at+"per") {
		f.accuse(at+"of", `"per" was expected beside it: how many live inside each participant of pool %q`, p.Of)
	} else if p.Per.Kind != "" {
		f.accuse(at+"per", `a whole number was expected beside "of", found %q; leave one of them out`, p.Per.Kind)
	}
	if f.given(at + "count") {
		f.accuse(at+"count", `a pool inside another has "per" participants for each of that; leave "count" out`)
	}
	if f.given(at + "device") {
		f.accuse(at+"device", "those inside pool %q work on its devices; leave \"device\" out, or write it at population.%s", p.Of, p.Of)
	}
	if len(p.Ranks) > 1 {
		f.accuse(at+"rank", "one rank was expected, at most which each holds of what its device's owner in pool %q can: ranks are dealt there", p.Of)
	}
	if f.circle(p.Name) {
		f.accuse(at+"of", "pool %q would live inside itself", p.Name)
		return
	}
	if i := slices.Index(pools, p.Of); i >= 0 {
		f.divided(at, p, &f.s.Population[i])
	}
}

// circle says whether a pool lives, by some way, inside itself.
func (f finisher) circle(name string) bool {
	of := map[string]string{}
	for _, p := range f.s.Population {
		of[p.Name] = p.Of
	}
	next := of[name]
	for range f.s.Population {
		if next == name {
			return true
		}
		next = of[next]
	}
	return false
}

// divided checks how data are divided that a pool has in common with the one that it lives in.
func (f finisher) divided(at string, p, outer *Pool) {
	if p.Data != "" && outer.Data != "" && p.Data != outer.Data {
		return
	}
	switch {
	case outer.Split.Kind == "drawn" && p.Split.Kind != "drawn":
		f.accuse(at+"split", `{drawn: n} was expected: the participants of pool %q draw from all the data, and so must those inside them; or give this pool "data" of its own`, outer.Name)
	case outer.Split.Kind != "drawn" && p.Split.Kind != "iid":
		f.accuse(at+"split", `iid was expected: each participant's examples of pool %q are dealt by chance among it and those inside it; leave "split" out, or give this pool "data" of its own`, outer.Name)
	}
}
