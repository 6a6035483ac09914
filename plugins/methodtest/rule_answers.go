package methodtest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
)

func ruleCard(e *exam) error {
	m, err := e.open()
	if err != nil {
		return err
	}
	e.card = m.Describe()
	if err := method.ValidateCard(e.card); err != nil {
		return err
	}
	for name, x := range e.params {
		p, ok := e.card.Param(name)
		if !ok {
			return fmt.Errorf("the exam is to set %q, which is no parameter", name)
		}
		if why := p.Takes(x); why != "" {
			return fmt.Errorf("the exam is to set %s to %v: %s", name, x, why)
		}
	}
	if again := m.Describe(); string(method.Canonical(again)) != string(method.Canonical(e.card)) {
		return fmt.Errorf("described twice, it differs: %s", difference(string(method.Canonical(e.card)), string(method.Canonical(again))))
	}
	return nil
}

func rulePlays(e *exam) (err error) {
	if e.reference, err = e.play(script{}); err != nil {
		return err
	}
	if len(e.reference.folds) == 0 && e.reference.deploy == nil && !e.reference.left {
		return fmt.Errorf("in three rounds it asked for nothing and deployed nothing")
	}
	return nil
}

// sameAs compares a trial with the plain one.
func (e *exam) sameAs(how string, s script) error {
	got, err := e.play(s)
	if err != nil {
		return fmt.Errorf("%s: %w", how, err)
	}
	return compare(how, e.reference.calls, got.calls)
}

func compare(how string, want, got []string) error {
	for i := range max(len(want), len(got)) {
		switch {
		case i >= len(want) || i >= len(got):
			return fmt.Errorf("%s there are %d calls, plainly %d", how, len(got), len(want))
		case want[i] != got[i]:
			return fmt.Errorf("%s an answer differs: %s", how, difference(want[i], got[i]))
		}
	}
	return nil
}

// difference shows two texts around the place where they part.
func difference(a, b string) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	cut := func(s string) string { return s[max(0, i-60):min(len(s), i+60)] }
	head := ""
	if i > 60 {
		head = a[:min(20, i-60)] + " … "
	}
	return fmt.Sprintf("%s\n\t%q\nagainst\n\t%q", head, cut(a), cut(b))
}

func ruleSameBits(e *exam) error {
	return e.sameAs("with every call made twice", script{twice: true})
}

func always(m method.Method) Opener { return func() (method.Method, error) { return m, nil } }

func ruleRestart(e *exam) error {
	open := e.elsewhere
	if open == nil {
		open = e.open
	}
	return e.sameAs("started again before every call", script{open: open})
}

// ruleInterleaved runs two trials with other seeds, cohorts and lengths at once.
func ruleInterleaved(e *exam) error {
	m, err := e.open()
	if err != nil {
		return err
	}
	other := script{seed: 7, open: always(m), offer: func(int) []method.Participant { return cohort(e.card, 2) }}
	a, err := e.begin(script{open: always(m)})
	if err != nil {
		return err
	}
	b, err := e.begin(other)
	if err != nil {
		return err
	}
	for range 3 {
		for _, step := range []func() error{
			func() error { return a.plan(e.ctx) }, func() error { return b.plan(e.ctx) },
			func() error { return b.fold(e.ctx) }, func() error { return a.fold(e.ctx) },
		} {
			if err := step(); err != nil {
				return err
			}
		}
		if a.over || b.over {
			break
		}
	}
	n := min(len(a.calls), len(e.reference.calls))
	return compare("while another trial runs,", e.reference.calls[:n], a.calls[:n])
}

func ruleElsewhere(e *exam) error {
	if e.elsewhere == nil {
		return nil
	}
	m, err := e.elsewhere()
	if err != nil {
		return err
	}
	if err := compare("in a process of its own", []string{string(method.Canonical(e.card))}, []string{string(method.Canonical(m.Describe()))}); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "methodtest-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	store, err := blob.Create(filepath.Join(dir, "blobs")) // which a process can map
	if err != nil {
		return err
	}
	defer store.Close()
	return e.sameAs("in a process of its own", script{open: always(m), store: store})
}

func ruleInput(e *exam) error {
	m, err := e.open()
	if err != nil {
		return err
	}
	store := newMemory()
	if err := e.sameAs("while its input is watched,", script{open: always(watch{m}), store: store}); err != nil {
		return err
	}
	return store.verify()
}

func ruleBorrowed(e *exam) error {
	store := newMemory()
	store.reported = map[method.Blob]bool{}
	return e.sameAs("with borrowed tensors spoilt in time", script{store: store})
}

func ruleCheck(e *exam) error {
	m, err := e.open()
	if err != nil {
		return err
	}
	c, ok := m.(method.MethodWithCheck)
	if !ok {
		return nil
	}
	t, err := e.begin(script{})
	if err != nil {
		return err
	}
	var said []string
	for range 2 {
		problems, err := c.Check(e.ctx, t.scene())
		if err != nil {
			return err
		}
		for _, p := range problems {
			return fmt.Errorf("it finds fault with a plain scene: %s: %s", p.Path, p.Text)
		}
		problems, err = c.Check(e.ctx, method.Scene{Params: e.values()})
		said = append(said, fmt.Sprintf("%s %v", method.Canonical(problems), err))
		if slices.ContainsFunc(problems, func(p method.Problem) bool { return p.Path == "" || p.Text == "" }) {
			return fmt.Errorf("a problem needs a path and a text: %s", method.Canonical(problems))
		}
	}
	return compare("asked again,", said[:1], said[1:])
}
