package coordinator

import (
	"fmt"
	"math"

	"github.com/loramesh/loramesh/plugins/method"
)

// worked accepts the answer to a lease. The first answer to a key counts: late and
// repeated ones change nothing.
func (m *Machine) worked(in Worked) ([]Effect, error) {
	if in.Key.Turn != m.turn {
		return nil, nil // of a turn that has closed
	}
	if m.phase == evaluating {
		return m.scored(in)
	}
	if err := m.expect(working); err != nil {
		return nil, err
	}
	id := in.Key.Whom
	if _, asked := m.open.prices[id]; !asked {
		return nil, fmt.Errorf("coordinator: %s answered, and was asked nothing in turn %d", id, in.Key.Turn)
	}
	if _, twice := m.open.answers[id]; twice {
		return nil, nil
	}
	if err := m.checkAnswer(id, in.Response); err != nil {
		return nil, err
	}
	m.open.answers[id] = in.Response
	m.open.pending--
	if m.open.pending > 0 {
		return nil, nil
	}
	return m.close()
}

// checkAnswer insists that an answer has a report for each assignment, and that every blob
// it names is here: what is not here was not accepted.
func (m *Machine) checkAnswer(id method.ID, r method.WorkResponse) error {
	lease := m.leaseOf(id)
	if len(r.Reports) != len(lease.Work.Assign) {
		return fmt.Errorf("%s was asked for %d assignments and answered with %d reports", id, len(lease.Work.Assign), len(r.Reports))
	}
	for i, rep := range r.Reports {
		if want := lease.Work.Assign[i].Name; rep.Name != want {
			return fmt.Errorf("%s was asked for %q and reported %q", id, want, rep.Name)
		}
		for _, named := range append(append([]method.Named{}, rep.Made...), rep.Began...) {
			if !m.blobs.Has(named.Blob) {
				return fmt.Errorf("%s reported %q, whose blob %.12s… is not stored", id, named.Name, named.Blob)
			}
		}
	}
	return nil
}

func (m *Machine) leaseOf(id method.ID) Lease {
	for _, l := range m.open.leases {
		if l.Key.Whom == id {
			return l
		}
	}
	panic(fmt.Sprintf("coordinator: no lease for %s", id))
}

// corrupt says why a report cannot be used: an upload with a number in it that is none.
func (m *Machine) corrupt(r method.Report) (string, error) {
	for _, made := range r.Made {
		t, err := m.blobs.Open(made.Blob)
		if err != nil {
			return "", err
		}
		for _, x := range t.List {
			for _, v := range x.Data {
				if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
					return fmt.Sprintf("corrupt: %s of %q is not finite", x.Name, made.Name), nil
				}
			}
		}
	}
	return "", nil
}
