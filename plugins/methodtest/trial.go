package methodtest

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
)

// trial is a host that is as simple as can be.
type trial struct {
	script
	record
	card  method.Card
	base  method.Base
	round int
	state method.State
	notes map[method.ID][]byte
	kept  map[method.ID][]method.Named
	made  []method.Report
	out   int // reports that are held back
	over  bool
}

// begin prepares a trial of the examined method.
func (e *exam) begin(s script) (*trial, error) {
	if s.open == nil {
		m, err := e.open()
		if err != nil {
			return nil, err
		}
		s.open = always(m)
	}
	if s.params == nil {
		s.params = e.values()
	}
	if s.seed == 0 {
		s.seed = seed
	}
	if s.store == nil {
		s.store = newMemory()
	}
	if s.rounds == 0 {
		s.rounds = 3
	}
	if s.offer == nil {
		s.offer = func(int) []method.Participant { return cohort(e.card, 4) }
	}
	t := &trial{script: s, card: e.card, notes: map[method.ID][]byte{}, kept: map[method.ID][]method.Named{}}
	t.record.blobs = s.store
	var err error
	t.base, err = newBase(s.store)
	return t, err
}

// values are the defaults and what [With] sets.
func (e *exam) values() method.Values {
	v := e.card.Defaults()
	for name, x := range e.params {
		v[name] = x
	}
	return v
}

// play runs a trial to its end.
func (e *exam) play(s script) (*record, error) {
	t, err := e.begin(s)
	if err != nil {
		return nil, err
	}
	for t.round < t.rounds && !t.over {
		if err := t.plan(e.ctx); err != nil {
			return &t.record, err
		}
		if err := t.fold(e.ctx); err != nil {
			return &t.record, err
		}
	}
	return &t.record, nil
}

// scene has room behind the ends of its lists, as a host's may have: a method that appends
// to what it was given writes there.
func (t *trial) scene() method.Scene {
	state := method.State{Bytes: roomy(t.state.Bytes), Holds: roomy(t.state.Holds)}
	return method.Scene{
		Params: t.params, Round: t.round, Now: method.Seconds(60 * t.round), Seed: t.seed + uint64(t.round),
		Stage: method.Stage{Name: "only", Count: 1, Round: t.round, Rounds: t.rounds},
		Bases: []method.Base{t.base}, Start: method.Model{Base: t.base.Name, Attach: roomy[method.Attach](nil)}, State: state, Blobs: t.store, Init: t.init,
	}
}

func roomy[T any](x []T) []T { return append(make([]T, 0, len(x)+4), x...) }

// plan asks what to do and has it done.
func (t *trial) plan(ctx context.Context) error {
	r := method.PlanRequest{Scene: t.scene(), Pools: pools(t.card), Offered: t.offer(t.round), Flying: t.out}
	for i, p := range r.Offered {
		r.Offered[i].Note = t.notes[p.ID]
		r.Offered[i].Kept = nil
		for _, n := range t.kept[p.ID] {
			r.Offered[i].Kept = append(r.Offered[i].Kept, n.Name)
		}
	}
	out, err := ask(t, "plan", func(m method.Method) (method.PlanResponse, error) { return m.Plan(ctx, r) })
	if err != nil {
		return err
	}
	if err := method.ValidatePlan(r, out, t.store.Has); err != nil {
		return fmt.Errorf("plan of round %d: %w", t.round, err)
	}
	t.record.left = t.record.left || out.Init != nil
	t.plans, t.scenes = append(t.plans, out), append(t.scenes, r)
	t.state, t.made, t.over = out.State, nil, out.Finished && len(out.Assign) == 0
	if out.Deploy != nil {
		t.deploy = out.Deploy
	}
	for _, a := range out.Assign {
		for _, p := range addressed(a, r.Offered) {
			report, err := t.work(p, a)
			if err != nil {
				return err
			}
			t.made = append(t.made, report)
		}
	}
	return nil
}

// addressed are those that an assignment is for, also where they are not offered now.
func addressed(a method.Assignment, offered []method.Participant) []method.Participant {
	if len(a.To) == 0 {
		return offered
	}
	var list []method.Participant
	for _, id := range a.To {
		i := slices.IndexFunc(offered, func(p method.Participant) bool { return p.ID == id })
		if i < 0 {
			list = append(list, method.Participant{ID: id, Examples: 10, Rank: 4})
		} else {
			list = append(list, offered[i])
		}
	}
	return list
}

// fold tells the method what came of it, if anything did.
func (t *trial) fold(ctx context.Context) error {
	defer func() { t.round++ }()
	arrived := t.made
	if t.arrive != nil {
		arrived = t.arrive(t.round, t.made)
		t.out += len(t.made) - len(arrived)
	}
	if len(arrived) == 0 {
		return nil
	}
	arrived = slices.SortedStableFunc(slices.Values(arrived), func(a, b method.Report) int {
		return cmp.Or(cmp.Compare(a.Round, b.Round), a.From.Compare(b.From), cmp.Compare(a.Name, b.Name))
	})
	r := method.FoldRequest{Scene: t.scene(), Reports: t.lend(arrived), Missing: t.missing(arrived)}
	r.Now += 30
	out, err := ask(t, "fold", func(m method.Method) (method.FoldResponse, error) { return m.Fold(ctx, r) })
	if err != nil {
		return err
	}
	if err := method.ValidateFold(r, out, t.store.Has); err != nil {
		return fmt.Errorf("fold of round %d: %w", t.round, err)
	}
	t.record.left = t.record.left || out.Init != nil
	t.folds, t.asked = append(t.folds, out), append(t.asked, r)
	t.state = out.State
	for _, n := range out.Notes {
		t.notes[n.About] = n.Text
	}
	if out.Deploy != nil {
		t.deploy = out.Deploy
	}
	return nil
}

// missing are those of this round whose report has not come. (Those held back are out,
// not missing, where the card says Stale.)
func (t *trial) missing(arrived []method.Report) []method.Missing {
	var list []method.Missing
	for _, r := range t.made {
		came := slices.ContainsFunc(arrived, func(x method.Report) bool { return x.From == r.From && x.Name == r.Name && x.Round == r.Round })
		if !came && !t.card.Stale {
			list = append(list, method.Missing{To: r.From, Name: r.Name, Why: "dropped"})
		}
	}
	return list
}

// ask makes a call, on a method that is opened for it, and writes down the answer.
func ask[A any](t *trial, call string, do func(method.Method) (A, error)) (A, error) {
	var first A
	for again := range 2 {
		m, err := t.open()
		if err != nil {
			return first, err
		}
		out, err := do(m)
		if err != nil {
			return out, fmt.Errorf("%s of round %d failed: %w", call, t.round, err)
		}
		said := fmt.Sprintf("%s of round %d: %s", call, t.round, method.Canonical(out))
		if again == 1 {
			if last := t.calls[len(t.calls)-1]; last != said {
				return out, fmt.Errorf("the same request was answered in two ways: %s", difference(last, said))
			}
			break
		}
		first, t.calls = out, append(t.calls, said)
		if !t.twice {
			break
		}
	}
	return first, nil
}
