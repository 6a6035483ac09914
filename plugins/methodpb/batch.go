package methodpb

import (
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/loramesh/loramesh/plugins/method"
)

// Reports is a [Batch] as both ends have it.
type Reports struct {
	Pass   uint32
	List   []method.Report
	Last   bool
	Places []Spot // as [Batch.Places]
	Paths  []string
}

// Spot is a [Place].
type Spot struct {
	Path           int // from 1; 0: not known
	Offset, Length int64
}

// The numbers of the fields on the way from the host to reports and to those offered.
const (
	hostBegin    = 1
	hostBatch    = 2
	beginMethod  = 1
	beginPlan    = 2
	planOffered  = 3
	batchReports = 2
	batchPlaces  = 4
)

// MarshalBatch is a message from the host that brings reports: what marshalling a [FromHost]
// gives, without making one.
func MarshalBatch(x Reports) []byte {
	w := writer(make([]byte, 0, 64+192*len(x.List)))
	from := w.open(hostBatch)
	w.number(1, int64(x.Pass))
	for _, r := range x.List {
		w.report(batchReports, r)
	}
	if x.Last {
		w.number(3, 1)
	}
	for _, p := range x.Places {
		at := w.open(batchPlaces)
		w.number(1, int64(p.Path))
		w.number(2, p.Offset)
		w.number(3, p.Length)
		w.close(at)
	}
	for _, p := range x.Paths {
		w.item(5, p)
	}
	w.close(from)
	return w
}

// UnmarshalBatch is the way back; is says whether the message brings reports at all.
func UnmarshalBatch(wire []byte) (x Reports, is bool, err error) {
	if !begins(wire, hostBatch) {
		return x, false, nil
	}
	s := scanner{text: string(wire)}
	for {
		field, form, ok := s.next()
		switch {
		case !ok:
			return x, true, s.bad
		case field == hostBatch:
			in := s.inner(form)
			in.batch(&x)
			s.join(in)
		default:
			s.skip(form)
		}
	}
}

// begins says whether the first field of a message has that number.
func begins(wire []byte, number protowire.Number) bool {
	field, _, n := protowire.ConsumeTag(wire)
	return n > 0 && field == number
}

func (s *scanner) batch(x *Reports) {
	for {
		field, form, ok := s.next()
		switch {
		case !ok:
			return
		case field == 1:
			x.Pass = uint32(s.number(form))
		case field == batchReports:
			x.List = append(x.List, s.report(form))
		case field == 3:
			x.Last = s.number(form) != 0
		case field == batchPlaces:
			x.Places = append(x.Places, s.spot(form))
		case field == 5:
			x.Paths = append(x.Paths, s.string(form))
		default:
			s.skip(form)
		}
	}
}

func (s *scanner) spot(form protowire.Type) (x Spot) {
	in := s.inner(form)
	for {
		field, form, ok := in.next()
		switch {
		case !ok:
			s.join(in)
			return x
		case field == 1:
			x.Path = int(in.number(form))
		case field == 2:
			x.Offset = in.number(form)
		case field == 3:
			x.Length = in.number(form)
		default:
			in.skip(form)
		}
	}
}

func (s *scanner) report(form protowire.Type) (x method.Report) {
	in := s.inner(form)
	for {
		field, form, ok := in.next()
		switch {
		case !ok:
			s.join(in)
			return x
		case field == 1:
			x.Round = int(in.number(form))
		case field == 2:
			x.Name = in.string(form)
		case field == 3:
			x.From = in.id(form)
		case field == 4:
			x.Age = int(in.number(form))
		case field == 5:
			x.Examples = int(in.number(form))
		case field == 6:
			x.Share = in.float(form)
		case field == 7:
			x.Made = append(x.Made, in.named(form))
		case field == 8:
			x.Began = append(x.Began, in.named(form))
		case field == 9:
			x.Values = append(x.Values, in.value(form))
		case field == 10:
			x.Up = in.number(form)
		case field == 11:
			x.Down = in.number(form)
		case field == 12:
			x.Spent = method.Seconds(in.float(form))
		case field == 13:
			x.Warnings = append(x.Warnings, in.string(form))
		default:
			in.skip(form)
		}
	}
}

// MarshalPlan is a message from the host that begins a Plan: what marshalling a [FromHost]
// gives, without a message for each who is offered.
func MarshalPlan(name string, x method.PlanRequest) ([]byte, error) {
	offered := x.Offered
	x.Offered = nil
	rest, err := proto.Marshal(FromPlanRequest(x))
	if err != nil {
		return nil, err
	}
	w := writer(make([]byte, 0, 64+len(rest)+64*len(offered)))
	begin := w.open(hostBegin)
	w.text(beginMethod, name)
	plan := w.open(beginPlan)
	w = append(w, rest...)
	for _, p := range offered {
		w.participant(planOffered, p)
	}
	w.close(plan)
	w.close(begin)
	return w, nil
}

// UnmarshalBegin is a message from the host that begins a call, with those offered apart, if
// it is a Plan; they are not in begin. Another message is no error and begins nothing.
func UnmarshalBegin(wire []byte) (begin *Begin, offered []method.Participant, err error) {
	var m FromHost
	if !begins(wire, hostBegin) {
		return nil, nil, nil
	}
	s := scanner{text: string(wire)}
	rest := make(writer, 0, 1024)
	s.pick(&rest, []protowire.Number{hostBegin, beginPlan, planOffered}, func(s *scanner) { offered = append(offered, s.participant(protowire.BytesType)) })
	if s.bad != nil {
		return nil, nil, s.bad
	}
	err = proto.Unmarshal(rest, &m)
	return m.GetBegin(), offered, err
}

// pick copies a message but for those fields that a path of numbers leads to, which are
// found.
func (s *scanner) pick(rest *writer, path []protowire.Number, found func(*scanner)) {
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
			found(s)
		default:
			in := s.inner(form)
			from := rest.open(field)
			in.pick(rest, path[1:], found)
			rest.close(from)
			s.join(in)
		}
	}
}

func (s *scanner) participant(form protowire.Type) (x method.Participant) {
	in := s.inner(form)
	for {
		field, form, ok := in.next()
		switch {
		case !ok:
			s.join(in)
			return x
		case field == 1:
			x.ID = in.id(form)
		case field == 2:
			x.Role = method.Role(in.string(form))
		case field == 3:
			x.Examples = int(in.number(form))
		case field == 4:
			x.Rank = int(in.number(form))
		case field == 5:
			x.Tier = in.string(form)
		case field == 6:
			x.Kept = append(x.Kept, in.string(form))
		case field == 7:
			x.Note = []byte(in.raw(form))
		default:
			in.skip(form)
		}
	}
}
