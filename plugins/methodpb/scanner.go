package methodpb

import (
	"errors"
	"math"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/loramesh/loramesh/plugins/method"
)

// scanner reads what a writer writes, and what any other writer of protocol buffers would
// have written in its place. All texts that it finds are parts of the one text that it
// reads. Once something is wrong it finds nothing more.
type scanner struct {
	text  string // what is left
	bad   error
	names []method.Named // room for lists of one
}

var errWire = errors.New("methodpb: a message is cut short or damaged")

func (s *scanner) fail() {
	if s.bad == nil {
		s.bad = errWire
	}
	s.text = ""
}

// next is the number and form of the next field; ok is false at the end.
func (s *scanner) next() (field protowire.Number, form protowire.Type, ok bool) {
	if s.text == "" {
		return 0, 0, false
	}
	field, form = protowire.DecodeTag(s.varint())
	if field < protowire.MinValidNumber {
		s.fail()
	}
	return field, form, s.bad == nil
}

func (s *scanner) varint() (n uint64) {
	if len(s.text) > 0 && s.text[0] < 0x80 { // most are this short
		n, s.text = uint64(s.text[0]), s.text[1:]
		return n
	}
	for i := 0; i < len(s.text) && i < 10; i++ {
		b := s.text[i]
		n |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			s.text = s.text[i+1:]
			return n
		}
	}
	s.fail()
	return 0
}

func (s *scanner) take(n uint64) string {
	if n > uint64(len(s.text)) {
		s.fail()
		return ""
	}
	out := s.text[:n]
	s.text = s.text[n:]
	return out
}

// number is the value of a field of form varint.
func (s *scanner) number(form protowire.Type) int64 {
	if form != protowire.VarintType {
		s.fail()
		return 0
	}
	return int64(s.varint())
}

func (s *scanner) float(form protowire.Type) float64 {
	b := ""
	if form == protowire.Fixed64Type {
		b = s.take(8)
	}
	if len(b) < 8 {
		s.fail()
		return 0
	}
	var n uint64
	for i := range 8 {
		n |= uint64(b[i]) << (8 * i)
	}
	return math.Float64frombits(n)
}

// raw is the value of a field that has a length.
func (s *scanner) raw(form protowire.Type) string {
	if form != protowire.BytesType {
		s.fail()
		return ""
	}
	return s.take(s.varint())
}

// enter goes into the message in a field, which is then to be read to its end; leave goes on with what
// comes after it.
func (s *scanner) enter(form protowire.Type) (after string) {
	inner := s.raw(form)
	after, s.text = s.text, inner
	return after
}

func (s *scanner) leave(after string) {
	if s.bad == nil {
		s.text = after
	}
}

func (s *scanner) string(form protowire.Type) string {
	out := s.raw(form)
	if !utf8.ValidString(out) {
		s.fail()
		return ""
	}
	return out
}

// skip passes over a field of which this version knows nothing.
func (s *scanner) skip(form protowire.Type) {
	switch form {
	case protowire.VarintType:
		s.varint()
	case protowire.Fixed64Type:
		s.take(8)
	case protowire.Fixed32Type:
		s.take(4)
	case protowire.BytesType:
		s.raw(form)
	default: // groups, which nobody writes any more
		s.fail()
	}
}

func (s *scanner) id(form protowire.Type) (x method.ID) {
	after := s.enter(form)
	for field, form, ok := s.next(); ok; field, form, ok = s.next() {
		switch field {
		case 1:
			x.Pool = s.string(form)
		case 2:
			x.Index = int(s.number(form))
		default:
			s.skip(form)
		}
	}
	s.leave(after)
	return x
}

// named reads one more of a list. Most lists are of one, and lie in room that many share.
func (s *scanner) named(list []method.Named, form protowire.Type) []method.Named {
	if list == nil {
		if len(s.names) == 0 {
			s.names = make([]method.Named, sharedNames)
		}
		list, s.names = s.names[:0:1], s.names[1:]
	}
	var x method.Named
	after := s.enter(form)
	for field, form, ok := s.next(); ok; field, form, ok = s.next() {
		switch field {
		case 1:
			x.Name = s.string(form)
		case 2:
			x.Blob = method.Blob(s.string(form))
		default:
			s.skip(form)
		}
	}
	s.leave(after)
	return append(list, x)
}

// sharedNames is how many lists of one share their memory.
const sharedNames = 128

func (s *scanner) value(form protowire.Type) (x method.Value) {
	after := s.enter(form)
	for field, form, ok := s.next(); ok; field, form, ok = s.next() {
		switch field {
		case 1:
			x.Name = s.string(form)
		case 2:
			x.Group = s.string(form)
		case 3:
			x.Value = s.float(form)
		case 4:
			x.Weight = s.float(form)
		default:
			s.skip(form)
		}
	}
	s.leave(after)
	return x
}
