package scenario

// faults lays the world's faults under those of each pool, word by word. A scenario as resolved
// has them at the pools alone.
func (f finisher) faults() {
	n := f.root.get(worldFaults)
	if n == nil || n.broken {
		return
	}
	var world Faults
	faultsTable.read(f.in(worldFaults, f.root.at(worldFaults)), n, &world)
	for i := range f.s.Population {
		p := &f.s.Population[i]
		if p.Faults.Times == 0 {
			p.Faults.Times = world.Times // its default, where the pool says nothing of faults
		}
		for _, word := range faultsTable.fields {
			if n.get(word.key) != nil && !f.given("population."+p.Name+".faults."+word.key) {
				*word.to(&p.Faults).(*float64) = *word.to(&world).(*float64)
			}
		}
	}
}

// worldFaults is the word that is laid out so.
const worldFaults = "faults"
