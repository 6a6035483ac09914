package coordinator

import (
	"fmt"
	"maps"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/ledger"
)

// Keeper keeps checkpoints, or does not: nothing of a trial depends on it.
type Keeper interface {
	// Keep is told that the machine stands between two rounds, before it takes the next plan,
	// or has ended: now [Machine.Checkpoint] can be called, and only now. The book has
	// all lines up to here. An error ends the trial.
	Keep(m *Machine) error
}

// KeepWith has a keeper told of each round that has closed.
func (m *Machine) KeepWith(k Keeper) { m.keeper = k }

// Rest does what was put off, as a [Rest] wants it to be done: the rest of a plan's leases are
// made, the book is told of the reports that are being folded and these are measured, or a keeper
// is told of a round that has closed. What follows from it is to be carried out like what follows from a step.
func (m *Machine) Rest() ([]Effect, error) {
	switch m.phase {
	case working:
		return m.recalling(m.leaseRest())
	case folding:
		if err := m.write(); err != nil {
			return nil, err
		}
		m.open.brought = m.measure(m.open.fold.Reports.(reports))
		return nil, nil
	}
	return nil, m.keeper.Keep(m)
}

// resting is an effect with a rest before it, where somebody keeps checkpoints.
func (m *Machine) resting(e Effect) []Effect {
	if m.keeper == nil {
		return []Effect{e}
	}
	return []Effect{Rest{}, e}
}

// Round is the number of plans that have been asked and answered.
func (m *Machine) Round() int { return m.place.round }

// Turn is that of the leases given out last.
func (m *Machine) Turn() int { return m.turn }

// Awaited is the first turn of which a lease has not been answered; with none it is the turn
// to come. What work makes for leases of this turn or later may be in the store already.
func (m *Machine) Awaited() int {
	for _, f := range m.air.all {
		if !f.answered {
			return f.lease.Key.Turn
		}
	}
	return m.turn + 1
}

// Ended says whether the last line is written.
func (m *Machine) Ended() bool { return m.phase == ended }

// Checkpoint is the machine as a value; see [Keeper].
func (m *Machine) Checkpoint() Checkpoint {
	if m.phase != planning && m.phase != ended {
		panic(fmt.Sprintf("coordinator: a checkpoint while %s", m.phase))
	}
	c := Checkpoint{Version: checkpointVersion, Ended: m.phase == ended,
		Stage: m.place.stage, Member: m.place.member, Round: m.place.round, Local: m.place.local, Folded: m.place.folded,
		Now: m.now, Turn: m.turn, Empty: m.empty, Up: m.spent.up, Down: m.spent.down, Flops: m.spent.flops,
		Start: keptModel(m.start), Deploy: keptModel(m.deploy)}
	for _, s := range m.chain {
		k := keptMember{State: s.state}
		for _, i := range s.init {
			k.Init = append(k.Init, keptInit(i))
		}
		if d := s.deployed; d != nil {
			k.Deployed = &keptDeployment{Model: keptModel(d.model), Start: keptModel(d.start), Base: d.base}
		}
		c.Chain = append(c.Chain, k)
	}
	for _, ask := range slices.Sorted(maps.Keys(m.drawn)) {
		c.Drawn = append(c.Drawn, keptPoint{Ask: ask, Folded: m.drawn[ask].folded, Model: m.drawn[ask].model})
	}
	c.Book = slices.Grow(c.Book, m.about.Len())
	for id, k := range m.about.All() {
		c.Book = append(c.Book, k.page(id))
	}
	for _, f := range m.air.all {
		c.Flying = append(c.Flying, f.page())
	}
	return c
}

func (k *known) page(id method.ID) keptPerson {
	p := keptPerson{Pool: id.Pool, Index: id.Index, Past: k.Past}
	if p.Past == nil {
		p.Past = &Past{}
	}
	if k.Owned != nil { // which may change before the checkpoint is written
		p.Owned = &Owned{Note: k.Owned.Note, Kept: k.Owned.Kept}
	}
	return p
}

func (f *flight) page() keptFlight {
	lease := f.lease.Work()
	lease.Bases = nil
	k := keptFlight{Turn: f.lease.Key.Turn, Round: f.round, Folded: f.folded, Given: f.given, Opened: f.opened, Lease: keptLease(lease)}
	for _, p := range f.prices {
		k.Down = append(k.Down, p.down)
	}
	if f.answered {
		k.Answer = &keptAnswer{Reports: f.claimed(), Kept: f.kept}
	}
	return k
}

// Resume returns a machine that goes on from a checkpoint once it is told to [Begin]. The
// trial may have changed since, but in its world, stages and chain. book has the lines up to
// the checkpoint already.
func Resume(f Fixed, w World, blobs Store, book *ledger.Book, c Checkpoint) (*Machine, error) {
	m, err := bare(f, w, blobs, book)
	if err != nil {
		return nil, err
	}
	if len(c.Chain) != len(f.Members) || c.Stage < 0 || c.Stage >= len(f.Stages) || c.Member < 0 || c.Member >= len(f.Members) {
		return nil, fmt.Errorf("the checkpoint is of another trial: it stands at member %d of %d in stage %d, and there are %d members and %d stages",
			c.Member, len(c.Chain), c.Stage, len(f.Members), len(f.Stages))
	}
	for _, b := range c.Names() {
		if !blobs.Has(b) {
			return nil, fmt.Errorf("the checkpoint names blob %.12s…, which is not stored: an adapter, a key or what a participant keeps is gone; bring the folder's blobs back, or run the scenario anew", b)
		}
	}
	m.resumed = true
	m.place = place{stage: c.Stage, member: c.Member, round: c.Round, local: c.Local, folded: c.Folded}
	m.now, m.turn, m.empty = c.Now, c.Turn, c.Empty
	m.spent = totals{up: c.Up, down: c.Down, flops: c.Flops}
	m.start, m.deploy = method.Model(c.Start), method.Model(c.Deploy)
	for i, k := range c.Chain {
		m.chain[i].state = k.State
		for _, x := range k.Init {
			m.chain[i].init = append(m.chain[i].init, method.InitAt(x))
		}
		if d := k.Deployed; d != nil {
			m.chain[i].deployed = &deployment{model: method.Model(d.Model), start: method.Model(d.Start), base: d.Base}
		}
	}
	for _, p := range c.Drawn {
		m.drawn[p.Ask] = scored{folded: p.Folded, model: p.Model}
	}
	pasts := map[string]*Past{}
	for _, p := range c.Book {
		if p.Owned != nil {
			p.Owned = &Owned{Note: p.Note, Kept: p.Kept} // the checkpoint stays as it is
		}
		if name := digest(p.Past); pasts[name] == nil {
			pasts[name] = p.Past
		} else {
			p.Past = pasts[name]
		}
		*m.about.At(method.ID{Pool: p.Pool, Index: p.Index}) = known{p.Owned, p.Past}
	}
	if c.Ended {
		m.phase = ended
	}
	return m, m.takeOff(c.Flying)
}

// takeOff has the leases that flew fly again, those that were answered with their answers.
func (m *Machine) takeOff(flying []keptFlight) error {
	for _, k := range flying {
		work := method.WorkRequest(k.Lease)
		work.Bases = m.fixed.Bases
		if !m.exists(work.Whom) || len(k.Down) != len(work.Assign) {
			return fmt.Errorf("the checkpoint is of another trial: a lease of %s flies, with %d assignments and %d prices", work.Whom, len(work.Assign), len(k.Down))
		}
		lease := newLease(k.Turn, work)
		f := &flight{lease: &lease, round: k.Round, folded: k.Folded,
			given: k.Given, opened: k.Opened, soonest: k.Opened, fate: m.world.Fate(work.Whom, k.Given)}
		for i, a := range work.Assign {
			p := priced{m.world.Price(m.place.stage, a.Recipe)(work.Whom, k.Given+i), k.Down[i]}
			f.prices = append(f.prices, p)
			f.soonest += p.spent(0).Time
		}
		m.air.add([]*flight{f})
		if k.Answer == nil {
			continue
		}
		if _, err := m.landing(f, method.WorkResponse(*k.Answer)); err != nil {
			return err
		}
	}
	return nil
}

// goOn asks for the next plan, and for what was out and had not been answered.
func (m *Machine) goOn() ([]Effect, error) {
	var effects []Effect
	if leases := m.air.unanswered(); len(leases) > 0 {
		effects = []Effect{DoWork{Leases: leases}}
	}
	more, err := m.openRound()
	return append(effects, more...), err
}
