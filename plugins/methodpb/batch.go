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
	s.each(func(field protowire.Number, form protowire.Type) bool {
		if field == hostBatch {
			s.batch(form, &x)
		}
		return field == hostBatch
	})
	return x, true, s.bad
}

// begins says whether the first field of a message has that number.
func begins(wire []byte, number protowire.Number) bool {
	field, _, n := protowire.ConsumeTag(wire)
	return n > 0 && field == number
}

func (s *scanner) batch(form protowire.Type, x *Reports) {
	s.fields(form, func(field protowire.Number, form protowire.Type) bool {
		switch field {
		case 1:
			x.Pass = uint32(s.number(form))
		case batchReports:
			x.List = one(s, x.List, func() method.Report { return s.report(form) })
		case 3:
			x.Last = s.number(form) != 0
		case batchPlaces:
			if x.Places == nil {
				x.Places = make([]Spot, 0, len(x.List))
			}
			x.Places = append(x.Places, s.spot(form))
		case 5:
			x.Paths = append(x.Paths, s.string(form))
		default:
			return false
		}
		return true
	})
}

// one reads one more of many. Where it is the first, room is made for as many as there may be
// if all take as much of the message, up to a limit: a message may claim anything.
func one[T any](s *scanner, all []T, read func() T) []T {
	before := len(s.text)
	x := read()
	if all == nil {
		all = make([]T, 0, 1+min(len(s.text)/max(1, before-len(s.text)), 1024))
	}
	return append(all, x)
}

func (s *scanner) spot(form protowire.Type) (x Spot) {
	s.fields(form, func(field protowire.Number, form protowire.Type) bool {
		switch field {
		case 1:
			x.Path = int(s.number(form))
		case 2:
			x.Offset = s.number(form)
		case 3:
			x.Length = s.number(form)
		default:
			return false
		}
		return true
	})
	return x
}

func (s *scanner) report(form protowire.Type) (x method.Report) {
	s.fields(form, func(field protowire.Number, form protowire.Type) bool {
		switch field {
		case 1:
			x.Round = int(s.number(form))
		case 2:
			x.Name = s.string(form)
		case 3:
			x.From = s.id(form)
		case 4:
			x.Age = int(s.number(form))
		case 5:
			x.Examples = int(s.number(form))
		case 6:
			x.Share = s.float(form)
		case 7:
			x.Made = append(x.Made, s.named(form))
		case 8:
			x.Began = append(x.Began, s.named(form))
		case 9:
			x.Values = append(x.Values, s.value(form))
		case 10:
			x.Up = s.number(form)
		case 11:
			x.Down = s.number(form)
		case 12:
			x.Spent = method.Seconds(s.float(form))
		case 13:
			x.Warnings = append(x.Warnings, s.string(form))
		default:
			return false
		}
		return true
	})
	return x
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
	s.pick(&rest, []protowire.Number{hostBegin, beginPlan, planOffered}, func() {
		offered = one(&s, offered, func() method.Participant { return s.participant(protowire.BytesType) })
	})
	if s.bad != nil {
		return nil, nil, s.bad
	}
	err = proto.Unmarshal(rest, &m)
	return m.GetBegin(), offered, err
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
			s.within(form, func() { s.pick(rest, path[1:], found) })
			rest.close(from)
		}
	}
}

func (s *scanner) participant(form protowire.Type) (x method.Participant) {
	s.fields(form, func(field protowire.Number, form protowire.Type) bool {
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
			return false
		}
		return true
	})
	return x
}
