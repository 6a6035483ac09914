package world

import (
	"slices"

	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/ledger"
)

// Fixed says what the trial is, for its coordinator. cards and plugins are those of the
// chain, in order.
func (w *World) Fixed(cards []method.Card, plugins []string) coordinator.Fixed {
	s := w.Trial.Scenario
	f := coordinator.Fixed{Shared: w.Seed, Draws: w.Draws, Budget: coordinator.Budget{Rounds: s.Budget.Rounds, Time: method.Seconds(s.Budget.Sec), Bytes: int64(s.Budget.Bytes)}}
	for _, st := range w.stages {
		f.Stages = append(f.Stages, st.fixed())
	}
	for k, m := range s.Method {
		roles := map[method.Role]string{}
		for role, pool := range m.Roles {
			roles[method.Role(role)] = pool
		}
		f.Members = append(f.Members, coordinator.Member{Name: m.Use, Card: cards[k], Params: w.Trial.Params[k], Plugin: plugins[k],
			Roles: roles, Stages: w.stagesOf(m), Rounds: m.Rounds, FromChain: m.Init == "chain",
			Regime: coordinator.Regime{Deadline: method.Seconds(m.Regime.DeadlineSec), Over: m.Regime.Over, Flying: m.Regime.Flying, Close: m.Regime.Close}})
	}
	for _, p := range w.pools {
		f.Pools = append(f.Pools, coordinator.Pool{Name: p.name, Size: p.size, Examples: p.examples(), Held: p.ranks(), Listed: p.rule == nil, Of: p.lives(), Per: p.per, Always: p.always(), Offer: offered(p.offer)})
	}
	for _, b := range w.Bases {
		f.Bases = append(f.Bases, b.Facts())
	}
	for _, b := range w.Bases {
		if a := w.starts[b.Name]; a != nil {
			f.Starts = append(f.Starts, coordinator.Start{Base: b.Name, Tensors: a.Tensors()})
		}
	}
	for _, e := range s.Evaluate {
		ask := coordinator.Ask{At: e.At, Every: e.Every, On: e.On, Of: e.Of, Each: e.Each, By: by(e), Metrics: e.Metrics}
		if t := e.After; t != nil {
			ask.After = coordinator.Tuning{Steps: t.Steps, Batch: t.Batch, Rate: t.Rate}
		}
		f.Asks = append(f.Asks, ask)
	}
	return f
}

// Contract names what the numbers of the trial promise.
func (w *World) Contract() string {
	var formats []kernel.Format
	for _, b := range w.Bases {
		formats = append(formats, b.Model.Rounds())
	}
	return kernel.ContractWith(formats...)
}

// Head is the first line of the trial's ledger.
func (w *World) Head(f coordinator.Fixed) ledger.Trial {
	t := w.Trial
	head := ledger.Trial{Version: ledger.Version, Index: t.Index, Name: t.Name, Arm: t.Arm, Seed: t.Seed, Scenario: t.Hash, Contract: w.Contract()}
	for _, b := range w.Bases {
		head.Bases = append(head.Bases, ledger.Content{Name: b.Name, Blob: b.Blob})
	}
	for _, s := range w.sets {
		head.Data = append(head.Data, ledger.Content{Name: s.Name, Blob: method.Blob(s.hash)})
	}
	head.Devices = w.traces()
	for _, m := range f.Members {
		head.Methods = append(head.Methods, ledger.Member{Name: m.Name, Card: ledger.Digest(method.Canonical(m.Card.Binding())), Plugin: m.Plugin,
			Params: string(method.Canonical(m.Params))})
	}
	for _, p := range f.Pools {
		head.Pools = append(head.Pools, headed(p))
	}
	return head
}

// headed is a pool as the ledger has it.
func headed(p coordinator.Pool) ledger.Pool {
	out := ledger.Pool{Name: p.Name, Size: p.Size, Examples: p.Examples, Of: p.Of, Per: p.Per, Ranks: []int{}}
	if !p.Listed {
		out.Held = p.Held
		return out
	}
	for _, h := range p.Held {
		out.Ranks = append(out.Ranks, slices.Repeat([]int{h.Rank}, h.Participants)...)
	}
	return out
}
