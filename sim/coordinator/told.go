package coordinator

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
)

// reports are a round's, in order, those that can be used; see [method.Reports]. Each pass brings
// copies.
type reports struct {
	flights []tale
	usable  int
	taught  taught
	folded  int // rounds, when the round closed
}

func (r reports) Len() int { return r.usable }

func (r reports) All() iter.Seq2[method.Report, error] {
	return func(yield func(method.Report, error) bool) {
		for o := range r.outcomes() {
			if o.unusable == "" && !yield(o.Report, nil) {
				return
			}
		}
	}
}

// outcomes are all of them, those too that cannot be used.
func (r reports) outcomes() iter.Seq[outcome] {
	return func(yield func(outcome) bool) {
		var t teller
		for _, t.rest = range r.flights {
			for {
				o, more := t.next()
				if !more {
					break
				}
				if o.Age = r.folded - o.folded; !yield(o) {
					return
				}
			}
		}
	}
}

// taught counts what brings an adapter.
type taught struct{ reports, examples int }

// lands completes the reports of a flight, notes them in order of their names, and says when it
// finishes.
func (m *Machine) lands(f *flight, r method.WorkResponse) (finish method.Seconds, err error) {
	clear(m.brought)
	finish = f.opened
	all := slices.Grow(m.outcomes[:0], len(r.Reports))[:len(r.Reports)]
	defer func() { m.outcomes = all[:0] }()
	defer clear(all) // what it points to is the answer's
	for i := range r.Reports {
		a, p, o := &f.lease.Asked.Assign[i], &f.prices[i], &all[i]
		*o = outcome{Report: r.Reports[i], folded: f.folded, flops: p.Flops}
		o.claimed = o.Share
		o.From, o.Round, o.Down, o.Up = f.lease.Key.Whom, f.round, p.down, 0
		if _, fit := a.Recipe.(method.Fit); fit && f.fate.Share > 0 {
			o.Share = f.fate.Share
		}
		if len(r.Kept) > 0 {
			o.kept = slices.DeleteFunc(method.Keeping(nil, r.Kept), func(n method.Named) bool { return !slices.Contains(a.Keeps(), n.Name) })
		}
		if err := m.weigh(a, o); err != nil {
			return 0, err
		}
		spent := p.spent(o.Up)
		o.Spent, o.energy = spent.Time, spent.Energy
		f.up += o.Up
		finish += spent.Time
		switch {
		case o.unusable != "":
			o.kept = nil
			f.spoiled = true
		case f.fate.Lost:
			o.unusable = whyLost
		case f.fate.Corrupt: // on its way: what stayed is whole
			o.unusable = whyCorrupt
		}
		if o.unusable != "" {
			f.unusable++
		} else if o.adapter {
			f.taught.reports++
			f.taught.examples += o.Examples
		}
	}
	if len(all) > 1 {
		slices.SortFunc(all, func(a, b outcome) int { return strings.Compare(a.Name, b.Name) })
	}
	f.kept, f.tale = r.Kept, m.tales.add(all)
	return finish, nil
}

// weigh looks at what a report brings: how much of it travels, and whether it can be used.
func (m *Machine) weigh(a *method.Assignment, o *outcome) error {
	for i, list := range [][]method.Named{o.Made, o.kept} {
		for _, n := range list {
			x, err := m.look(n.Blob, m.brought, m.seen, m.contents)
			if err != nil {
				return err
			}
			if uploaded := i == 0; uploaded {
				o.Up += x.bytes
				o.adapter = o.adapter || x.adapter
			}
			if o.unusable != "" {
				continue
			}
			if o.unusable, err = m.corrupt(a, n, x); err != nil {
				return err
			}
		}
	}
	return nil
}

// corrupt says why something of a report, or kept, cannot be used: there is a number in it that
// is none, or it is an adapter that does not fit the base it was trained on.
func (m *Machine) corrupt(a *method.Assignment, n method.Named, x content) (string, error) {
	if !x.whole {
		return fmt.Sprintf("corrupt: %s of %q is not finite", x.corrupt, n.Name), nil
	}
	if !x.factors {
		return "", nil
	}
	defer m.blobs.Hold()()
	t, err := m.blobs.Open(n.Blob)
	if err != nil {
		return "", err
	}
	adapter, err := lora.ParseFactors(t)
	if err == nil {
		model, _ := ModelOf(a.Recipe)
		err = m.fit(adapter, model.Base)
	}
	if err != nil {
		return fmt.Sprintf("corrupt: %q: %v", n.Name, err), nil
	}
	return "", nil
}

// claimed are the reports of a flight as its worker made them, in the order of its assignments.
func (f *flight) claimed() (all []method.Report) {
	t := teller{rest: f.tale}
	var told []outcome
	for o, more := t.next(); more; o, more = t.next() {
		o.Up, o.Down, o.Spent, o.Share = 0, 0, 0, o.claimed
		told = append(told, o)
	}
	for _, a := range f.lease.Asked.Assign {
		i := slices.IndexFunc(told, func(o outcome) bool { return o.Name == a.Name })
		all = append(all, told[i].Report)
		told = slices.Delete(told, i, i+1)
	}
	return all
}
