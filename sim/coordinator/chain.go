package coordinator

import (
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/ledger"
)

// place is where the trial stands.
type place struct {
	stage, member int
	round         int // over all stages and members: plans asked so far
	local         int // rounds that this member has had in this stage
	folded        int // rounds folded so far
}

// standing is what a member of the chain has come to. It lives across stages.
type standing struct {
	state    method.State
	deployed *deployment     // its last; nil: none yet
	init     []method.InitAt // how those after it may begin; nil: it leaves nothing
}

// deployment is a model that a member put before users.
type deployment struct {
	model method.Model
	start method.Model // what it was built on
	base  string       // of the stage then
}

func (m *Machine) member() Member      { return m.fixed.Members[m.place.member] }
func (m *Machine) stage() Stage        { return m.fixed.Stages[m.place.stage] }
func (m *Machine) standing() *standing { return &m.chain[m.place.member] }

func (m *Machine) begin() ([]Effect, error) {
	if err := m.enter(0, 0); err != nil {
		return nil, err
	}
	return m.evaluate(atStart)
}

// enter moves to a member of a stage and finds what it builds on: what the nearest member
// before it in the chain deployed last for a stage with this base, else the stage's base
// itself. What later members made of it in an earlier stage is not in it: they have it in
// their states, and would add it a second time. What is deployed stays until a member
// deploys something else, or the base changes under it. A stage that has a time waits for it.
func (m *Machine) enter(stage, member int) (err error) {
	m.place.stage, m.place.member, m.place.local = stage, member, 0
	m.now = max(m.now, m.stage().At)
	base := m.stage().Base
	if m.start, err = m.startOf(base); err != nil {
		return err
	}
	if member == 0 && (stage == 0 || m.fixed.Stages[stage-1].Base != base) {
		m.deploy = m.start
	}
	for _, before := range slices.Backward(m.chain[:member]) {
		if d := before.deployed; d != nil && d.base == base {
			m.start = givenWay(d.model)
			return nil
		}
	}
	return nil
}

// startOf is the model that the first member of a stage builds on: the base, with the adapter
// that was there before the trial.
func (m *Machine) startOf(base string) (method.Model, error) {
	model := method.Model{Base: base}
	for _, s := range m.fixed.Starts {
		if s.Base != base {
			continue
		}
		b, err := m.blobs.Put(s.Tensors) // again in each stage: a base that was not in use let go of it
		if err != nil {
			return model, err
		}
		model.Attach = []method.Attach{{Name: "start", From: method.From{Blob: b}, Merge: true, Scale: 1}}
	}
	return model, nil
}

// deploys takes what a member deploys, if it does.
func (m *Machine) deploys(model *method.Model) {
	if model == nil {
		return
	}
	m.deploy = *model
	m.standing().deployed = &deployment{model: *model, start: m.start, base: m.stage().Base}
}

// works says whether a member works in a stage.
func (m *Machine) works(stage, member int) bool {
	return m.fixed.Members[member].Works(m.fixed.Stages[stage].Name)
}

// play begins the rounds of the member whose place it is, or passes it by.
func (m *Machine) play() ([]Effect, error) {
	if m.works(m.place.stage, m.place.member) {
		return m.openRound()
	}
	return m.next()
}

// next goes on after the present member has had its rounds: to the next member, the next
// stage, or the end. What still flies is cut.
func (m *Machine) next() ([]Effect, error) {
	if err := m.cut(); err != nil {
		return nil, err
	}
	for member := m.place.member + 1; member < len(m.fixed.Members); member++ {
		if m.works(m.place.stage, member) {
			if err := m.enter(m.place.stage, member); err != nil {
				return nil, err
			}
			return m.openRound()
		}
	}
	if m.place.stage+1 < len(m.fixed.Stages) {
		return m.evaluate(atStageEnd)
	}
	return m.evaluate(atEnd)
}

func (m *Machine) nextStage() ([]Effect, error) {
	if err := m.enter(m.place.stage+1, 0); err != nil {
		return nil, err
	}
	return m.play()
}

// over says that the budget is spent.
func (m *Machine) over() bool {
	b := m.fixed.Budget
	return b.Rounds > 0 && m.place.folded >= b.Rounds || b.Time > 0 && m.now >= b.Time ||
		b.Bytes > 0 && m.spent.up+m.spent.down >= b.Bytes
}

// hadItsRounds says that the present member may not plan again in this stage.
func (m *Machine) hadItsRounds() bool {
	n := m.member().Rounds
	return n > 0 && m.place.local >= n
}

// ending says that no member will plan again, so that the end follows at once. A member
// that will turn out to have finished is not foreseen.
func (m *Machine) ending() bool {
	if m.over() {
		return true
	}
	if !m.hadItsRounds() {
		return false
	}
	for stage := m.place.stage; stage < len(m.fixed.Stages); stage++ {
		for member := range m.fixed.Members {
			if (stage > m.place.stage || member > m.place.member) && m.works(stage, member) {
				return false
			}
		}
	}
	return true
}

func (m *Machine) end() ([]Effect, error) {
	m.phase = ended
	err := m.book.Write(ledger.End{Rounds: m.place.folded, Now: m.now, Up: m.spent.up, Down: m.spent.down,
		Flops: m.spent.flops, Deploy: digest(m.deploy)})
	if err != nil {
		return nil, err
	}
	return m.resting(Finished{}), nil
}
