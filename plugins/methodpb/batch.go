package methodpb

import (
	"google.golang.org/protobuf/encoding/protowire"

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

// The numbers of the fields on the way from the host to reports.
const (
	hostBatch    = 2
	batchReports = 2
	batchPlaces  = 4
)

// MarshalBatch is a message from the host that brings reports: what marshalling a [FromHost]
// gives, without making one.
func MarshalBatch(x Reports) []byte {
	w := writer(make([]byte, 0, 64+192*len(x.List)))
	from := w.open(hostBatch)
	w.number(1, int64(x.Pass))
	for i := range x.List {
		w.report(batchReports, &x.List[i])
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

// UnmarshalBatch is the way back; is says whether the message brings reports at all. They are read into
// room, as far as that goes.
func UnmarshalBatch(wire string, room []method.Report) (x Reports, is bool, err error) {
	if !begins(wire, hostBatch) {
		return x, false, nil
	}
	s := scanner{text: wire}
	x.List = room[:0]
	for field, form, ok := s.next(); ok; field, form, ok = s.next() {
		if field == hostBatch {
			s.batch(form, &x)
		} else {
			s.skip(form)
		}
	}
	return x, true, s.bad
}

// begins says whether the first field of a message has that number.
func begins(wire string, number protowire.Number) bool {
	s := scanner{text: wire}
	field, _, ok := s.next()
	return ok && field == number
}

func (s *scanner) batch(form protowire.Type, x *Reports) {
	after := s.enter(form)
	for field, form, ok := s.next(); ok; field, form, ok = s.next() {
		switch field {
		case 1:
			x.Pass = uint32(s.number(form))
		case batchReports:
			x.List = more(s, x.List)
			s.report(form, &x.List[len(x.List)-1])
		case 3:
			x.Last = s.number(form) != 0
		case batchPlaces:
			if x.Places == nil {
				x.Places = make([]Spot, 0, 2*len(x.List))
			}
			x.Places = append(x.Places, s.spot(form))
		case 5:
			x.Paths = append(x.Paths, s.string(form))
		default:
			s.skip(form)
		}
	}
	s.leave(after)
}

// more makes a list longer by one, which is about to be read. Where there is no list yet, room is made
// for as many as there may be if all take as much of the message, up to a limit: a message may claim
// anything.
func more[T any](s *scanner, all []T) []T {
	if cap(all) == 0 {
		n, _ := protowire.ConsumeVarint([]byte(s.text[:min(len(s.text), 10)]))
		all = make([]T, 0, 1+min(uint64(len(s.text))/max(1, n), 1024))
	}
	var none T
	return append(all, none)
}

func (s *scanner) spot(form protowire.Type) (x Spot) {
	after := s.enter(form)
	for field, form, ok := s.next(); ok; field, form, ok = s.next() {
		switch field {
		case 1:
			x.Path = int(s.number(form))
		case 2:
			x.Offset = s.number(form)
		case 3:
			x.Length = s.number(form)
		default:
			s.skip(form)
		}
	}
	s.leave(after)
	return x
}

func (s *scanner) report(form protowire.Type, x *method.Report) {
	after := s.enter(form)
	for field, form, ok := s.next(); ok; field, form, ok = s.next() {
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
			x.Made = s.named(x.Made, form)
		case 8:
			x.Began = s.named(x.Began, form)
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
			s.skip(form)
		}
	}
	s.leave(after)
}
