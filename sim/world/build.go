package world

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/plan"
	"github.com/loramesh/loramesh/sim/scenario"
	"github.com/loramesh/loramesh/sim/suggest"
)

// Build makes the world of a trial. What is wrong in the scenario is returned as problems
// with their places; an error means that something else went wrong on the way.
func Build(t plan.Trial, a *Assets) (*World, []scenario.Problem, error) {
	w := &World{Trial: t, assets: a, key: rng.New(t.Seed), starts: map[string]lora.Adapter{}}
	var problems []scenario.Problem
	accuse := func(path, format string, args ...any) {
		problems = append(problems, t.Document.Problem(path, format, args...))
	}
	s := t.Scenario
	for _, d := range s.Data {
		x, err := a.set(d)
		if err != nil {
			accuse("data."+d.Name, "%v", err)
			continue
		}
		w.sets = append(w.sets, &set{named: x, tokens: d.Tokens, valid: d.Valid})
	}
	problems = append(problems, w.loadDevices(s.Devices)...)
	if len(problems) > 0 {
		return nil, problems, nil
	}
	for _, b := range s.Bases {
		x, err := a.base(b, w.named)
		if a.ground(err) {
			return nil, nil, err
		}
		if err != nil {
			accuse("bases."+b.Name, "%v", err)
			continue
		}
		w.Bases = append(w.Bases, x)
		if b.Adapter == "" {
			continue
		}
		if w.starts[b.Name], err = a.start(b.Adapter, x); err != nil {
			accuse("bases."+b.Name+".adapter", "%v", err)
		}
	}
	if len(problems) > 0 {
		return nil, problems, nil
	}
	w.populate(accuse)
	if len(problems) > 0 {
		return nil, problems, nil
	}
	if w.setTheStages(accuse); len(problems) > 0 {
		return nil, problems, nil
	}
	w.check(accuse)
	w.checkGrants(accuse)
	for i, e := range s.Evaluate {
		if e.Of != "" && w.pool(e.Of).size > mostOffered {
			accuse(fmt.Sprintf("evaluate.%d.of", i), "each of %d participants cannot be asked by itself, at most %d", w.pool(e.Of).size, mostOffered)
			return nil, problems, nil
		}
		w.ask(e)
		w.checkEvaluation(i, e, accuse)
	}
	if len(problems) > 0 {
		return nil, problems, nil
	}
	return w, nil, nil
}

type accusation = func(path, format string, args ...any)

// named finds a set by its name in the scenario; no name is the only one.
func (w *World) named(name string) (*set, error) {
	for _, s := range w.sets {
		if s.Name == name || name == "" && len(w.sets) == 1 {
			return s, nil
		}
	}
	return nil, fmt.Errorf("there is no data set %q", name)
}

// check holds ranks against the bases and memory against the devices.
func (w *World) check(accuse accusation) {
	for _, st := range w.stages {
		b, err := w.Base(st.Base)
		if err != nil {
			accuse("stages", "%v", err)
			return
		}
		w.checkRanks(b, accuse)
		w.checkTokens(b, accuse)
	}
}

func (w *World) checkRanks(b *base.Base, accuse accusation) {
	c := b.Model.Config()
	for _, p := range plan.CheckRanks(w.Trial, c.Width) {
		accuse(p.Path, "%s", p.Text)
	}
	for _, p := range w.pools {
		for _, x := range p.hands {
			if need := float64(memoryBytes(c, x.rank)); x.device.MemoryBytes > 0 && need > x.device.MemoryBytes {
				accuse("population."+p.name+".device", "%d of %d at rank %d need at least %.3g MB for weights and optimiser, and their device %q has %.3g MB: lower the rank, or give the class more `memory`",
					x.places, p.size, x.rank, need/1e6, x.device.Name, x.device.MemoryBytes/1e6)
				break
			}
		}
	}
}

func (w *World) checkTokens(b *base.Base, accuse accusation) {
	for _, s := range w.sets {
		e, err := b.Reader(s.tokens)
		if err != nil {
			accuse("data."+s.Name+".tokens", "%v", err)
			continue
		}
		for i, x := range slices.Concat(s.Train, s.Test) {
			if err := e.Check(x); err != nil {
				accuse("data."+s.Name, "example %d for base %q: %v", i+1, b.Name, err)
				break
			}
		}
	}
}

// cures are what helps where there is nothing to evaluate on.
var cures = map[string]string{
	"test":  "give the data a `test` file, or write on: valid, which is a share that is kept of each shard",
	"valid": "give the data more rows, or a larger `valid` share",
	"train": "give the data more rows, or a smaller `valid` share",
}

func (w *World) checkEvaluation(i int, e scenario.Evaluation, accuse accusation) {
	at := fmt.Sprintf("evaluate.%d", i)
	if e.After != nil && e.Of == "" {
		accuse(at+".after", "steps of whom? Give it `of`, the pool whose participants take them before they are asked")
		return
	}
	if len(w.asks[i]) == 0 {
		accuse(at+".on", "there are no %q examples to evaluate on: %s", e.On, cures[e.On])
		return
	}
	if e.Each == coordinator.EachTask {
		if task, has := w.untested(w.asks[i]); !has {
			accuse(at+".each", "task %q has no %q example, so that what is kept of it could not be told: give each task some, or keep more rows (limit)", task, e.On)
			return
		}
	}
	for _, by := range by(e) {
		lacks := slices.IndexFunc(w.asks[i], func(r Row) bool { _, ok := r.Cell(by); return !ok })
		if lacks >= 0 {
			names := w.asks[i][lacks].set.Names
			accuse(at+".by", "example %d has no column %q; its data have %q%s", lacks, by, names, suggest.DidYouMean(by, names))
			return
		}
	}
	for j, name := range e.Metrics {
		if why := w.unfit(w.asks[i], by(e), name); why != "" {
			accuse(fmt.Sprintf("%s.metrics.%d", at, j), "metric %q cannot be had here: %s", name, why)
		}
	}
}

// untested is a task of which none of the rows is; has is false where there is one.
func (w *World) untested(rows []Row) (task string, has bool) {
	seen := map[*set]map[int]bool{}
	for _, r := range rows {
		if seen[r.set] == nil {
			seen[r.set] = map[int]bool{}
		}
		seen[r.set][r.Example().Task] = true
	}
	for _, st := range w.stages {
		if tasks := seen[st.set]; tasks != nil && !tasks[st.task] {
			return st.set.Tasks[st.task].Name, false
		}
	}
	return "", true
}

// examples are those that a pool trains on; of people who draw for themselves all that they
// draw, since which of them are kept for validation is known of those alone who are asked for.
func (p *pool) examples() (n int) {
	if p.rule != nil {
		return p.size * p.rule.each
	}
	for _, x := range p.people {
		n += len(x.train)
	}
	return n
}

// ranks are a pool's ranks, largest first, each with how many hold it; none where there are
// no limits.
func (p *pool) ranks() (out []ledger.Held) {
	for _, h := range p.hands {
		switch last := len(out) - 1; {
		case h.rank == 0:
		case last >= 0 && out[last].Rank == h.rank:
			out[last].Participants += h.places
		default:
			out = append(out, ledger.Held{Rank: h.rank, Participants: h.places})
		}
	}
	return out
}
