package coordinator

import (
	"errors"
	"fmt"
	"math"

	"github.com/loramesh/loramesh/plugins/method"
)

// ErrAnswer is wrapped by every error that an answer to a lease is to blame for: it has
// another form than was asked, or names blobs that are not here. The machine is as it was
// and the lease still out, so a driver may have it done again, or give the trial up.
var ErrAnswer = errors.New("the answer to a lease cannot be taken")

func refused(id method.ID, format string, args ...any) error {
	return fmt.Errorf("%w: %s %s", ErrAnswer, id, fmt.Sprintf(format, args...))
}

// worked accepts the answer to a lease. The first answer to a key counts: late and
// repeated ones change nothing.
func (m *Machine) worked(in *Worked) ([]Effect, error) {
	id := in.Key.Whom
	m.seen = in.Seen
	if in.Key.Turn < 1 || in.Key.Turn > m.turn {
		return nil, refused(id, "answered in turn %d, which has not come", in.Key.Turn)
	}
	if f := m.air.find(in.Key); f != nil {
		return m.landing(f, in.Response)
	}
	switch present := in.Key.Turn == m.turn; {
	case present && m.phase == evaluating:
		return m.measured(id, in.Response)
	case present && m.phase == working && !m.open.asks(id):
		return nil, refused(id, "answered, and was asked nothing in turn %d", in.Key.Turn)
	}
	return nil, nil // of a turn that has closed
}

// landing takes the answer to a lease of a round: what it brings is known, and when. The
// round closes with it, or later; between rounds it only waits.
func (m *Machine) landing(f *flight, r method.WorkResponse) ([]Effect, error) {
	if f.answered {
		return nil, nil
	}
	if err := m.checkAnswer(f.lease, r); err != nil {
		return nil, err
	}
	finish, err := m.lands(f, r)
	if err != nil {
		return nil, err
	}
	m.air.answer(f, finish)
	if m.phase != working {
		return nil, nil
	}
	return m.tryClose()
}

// measured takes the answer to a lease of an evaluation.
func (m *Machine) measured(id method.ID, r method.WorkResponse) ([]Effect, error) {
	lease, asked := m.out.lease(id)
	if !asked {
		return nil, refused(id, "answered, and was asked nothing in turn %d", m.turn)
	}
	if _, twice := m.out.answers[id]; twice {
		return nil, nil
	}
	if err := m.checkAnswer(&lease, r); err != nil {
		return nil, err
	}
	m.out.answers[id] = r
	if len(m.out.answers) < len(m.out.leases) {
		return nil, nil
	}
	done := m.out
	m.out = nil
	return m.scored(done)
}

// checkAnswer insists that an answer has a report for each assignment, and that every blob
// it names is here: what is not here was not accepted.
func (m *Machine) checkAnswer(lease *Lease, r method.WorkResponse) error {
	id, asked := lease.Key.Whom, lease.Asked.Assign
	if len(r.Reports) != len(asked) {
		return refused(id, "was asked for %d assignments and answered with %d reports", len(asked), len(r.Reports))
	}
	if len(r.Kept) > 0 {
		var keeps []string
		for _, a := range asked {
			keeps = append(keeps, a.Keeps()...)
		}
		if name, _ := without(keeps, r.Kept); name != "" {
			return refused(id, "keeps %.80q, and was not asked to, or not so often", name)
		}
	}
	for _, k := range r.Kept {
		if !m.here(k.Blob) {
			return refused(id, "keeps %q, whose blob %.12q… is not stored", k.Name, k.Blob)
		}
	}
	for i := range r.Reports {
		rep := &r.Reports[i]
		if rep.Name != asked[i].Name {
			return refused(id, "was asked for %q and reported %q", asked[i].Name, rep.Name)
		}
		if err := m.checkNames(id, &asked[i], rep); err != nil {
			return err
		}
		if err := m.checkReport(id, rep); err != nil {
			return err
		}
	}
	return nil
}

func (m *Machine) checkReport(id method.ID, rep *method.Report) error {
	if rep.Examples < 0 || !(rep.Share >= 0 && rep.Share <= 1) {
		return refused(id, "reported %q on %d examples and a share of %g; at least 0, and from 0 to 1, are expected", rep.Name, rep.Examples, rep.Share)
	}
	for _, list := range [][]method.Named{rep.Made, rep.Began} {
		for _, named := range list {
			if !m.here(named.Blob) {
				return refused(id, "reported %q, whose blob %.12q… is not stored", named.Name, named.Blob)
			}
		}
	}
	for _, v := range rep.Values {
		if !isWeight(v.Weight) {
			return refused(id, "reported %q with weight %g; a finite number of at least 0 is expected", v.Name, v.Weight)
		}
	}
	return nil
}

// here says whether a blob is stored: one that was looked at is.
func (m *Machine) here(b method.Blob) bool {
	if _, seen := m.seen[b]; seen {
		return true
	}
	return m.blobs.Has(b)
}

// isWeight says whether values can be added up by a number.
func isWeight(x float64) bool { return x >= 0 && !math.IsInf(x, 1) }
