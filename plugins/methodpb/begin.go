package methodpb

import (
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/loramesh/loramesh/plugins/method"
)

// The numbers of the fields on the way from the host to those offered.
const (
	hostBegin   = 1
	hostSequel  = 6
	beginMethod = 1
	beginPlan   = 2
	planOffered = 3
)

// MarshalPlan is a message from the host that begins a Plan: what marshalling a [FromHost]
// gives, without a message for each who is offered.
func MarshalPlan(name string, x method.PlanRequest) ([]byte, error) {
	return marshalPlan(hostBegin, name, x)
}

// MarshalSequel is the same of the plan that follows a Fold.
func MarshalSequel(name string, x method.PlanRequest) ([]byte, error) {
	return marshalPlan(hostSequel, name, x)
}

func marshalPlan(kind protowire.Number, name string, x method.PlanRequest) ([]byte, error) {
	offered := x.Offered
	x.Offered = nil
	rest, err := proto.Marshal(FromPlanRequest(x))
	if err != nil {
		return nil, err
	}
	w := writer(make([]byte, 0, 64+len(rest)+64*len(offered)))
	begin := w.open(kind)
	w.text(beginMethod, name)
	plan := w.open(beginPlan)
	w = append(w, rest...)
	for i := range offered {
		w.participant(planOffered, &offered[i])
	}
	w.close(plan)
	w.close(begin)
	return w, nil
}

// UnmarshalBegin is a message from the host that begins a call, with those offered apart, if
// it is a Plan; they are not in begin. Another message is no error and begins nothing.
func UnmarshalBegin(wire string) (begin *Begin, offered []method.Participant, err error) {
	m, offered, err := unmarshalPlan(hostBegin, wire)
	return m.GetBegin(), offered, err
}

// UnmarshalSequel is the same of the plan that follows a Fold.
func UnmarshalSequel(wire string) (begin *Begin, offered []method.Participant, err error) {
	m, offered, err := unmarshalPlan(hostSequel, wire)
	return m.GetSequel(), offered, err
}

func unmarshalPlan(kind protowire.Number, wire string) (m *FromHost, offered []method.Participant, err error) {
	if !begins(wire, kind) {
		return nil, nil, nil
	}
	s := scanner{text: wire}
	rest := make(writer, 0, 1024)
	s.pick(&rest, []protowire.Number{kind, beginPlan, planOffered}, func() {
		offered = more(&s, offered)
		s.participant(protowire.BytesType, &offered[len(offered)-1])
	})
	if s.bad != nil {
		return nil, nil, s.bad
	}
	m = &FromHost{}
	if err := proto.Unmarshal(rest, m); err != nil {
		return nil, nil, err
	}
	return m, offered, nil
}

// pick copies a message but for those fields that a path of numbers leads to, which are
// found.
func (s *scanner) pick(rest *writer, path []protowire.Number, found func()) {
	for s.bad == nil {
		before := s.text
		field, form, ok := s.next()
		switch {
		case !ok:
			return
		case field != path[0] || form != protowire.BytesType:
			s.skip(form)
			*rest = append(*rest, before[:len(before)-len(s.text)]...)
		case len(path) == 1:
			found()
		default:
			from := rest.open(field)
			after := s.enter(form)
			s.pick(rest, path[1:], found)
			s.leave(after)
			rest.close(from)
		}
	}
}

func (s *scanner) participant(form protowire.Type, x *method.Participant) {
	after := s.enter(form)
	for field, form, ok := s.next(); ok; field, form, ok = s.next() {
		switch field {
		case 1:
			x.ID = s.id(form)
		case 2:
			x.Role = method.Role(s.string(form))
		case 3:
			x.Examples = int(s.number(form))
		case 4:
			x.Rank = int(s.number(form))
		case 5:
			x.Tier = s.string(form)
		case 6:
			x.Kept = append(x.Kept, s.string(form))
		case 7:
			x.Note = []byte(s.raw(form))
		default:
			s.skip(form)
		}
	}
	s.leave(after)
}
