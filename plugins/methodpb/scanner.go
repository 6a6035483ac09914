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
	text string // what is left
	bad  error
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

// within has the message in a field read, which do has to read to its end.
func (s *scanner) within(form protowire.Type, do func()) {
	inner := s.raw(form)
	rest := s.text
	s.text = inner
	do()
	if s.bad == nil {
		s.text = rest
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

// fields reads the message in a field: take is told of each field of it, and says whether it
// knows it.
func (s *scanner) fields(form protowire.Type, take func(field protowire.Number, form protowire.Type) (known bool)) {
	s.within(form, func() { s.each(take) })
}

// each is fields of all that is left.
func (s *scanner) each(take func(field protowire.Number, form protowire.Type) (known bool)) {
	for {
		field, form, ok := s.next()
		if !ok {
			return
		}
		if !take(field, form) {
			s.skip(form)
		}
	}
}

func (s *scanner) id(form protowire.Type) (x method.ID) {
	s.fields(form, func(field protowire.Number, form protowire.Type) bool {
		switch field {
		case 1:
			x.Pool = s.string(form)
		case 2:
			x.Index = int(s.number(form))
		default:
			return false
		}
		return true
	})
	return x
}

func (s *scanner) named(form protowire.Type) (x method.Named) {
	s.fields(form, func(field protowire.Number, form protowire.Type) bool {
		switch field {
		case 1:
			x.Name = s.string(form)
		case 2:
			x.Blob = method.Blob(s.string(form))
		default:
			return false
		}
		return true
	})
	return x
}

func (s *scanner) value(form protowire.Type) (x method.Value) {
	s.fields(form, func(field protowire.Number, form protowire.Type) bool {
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
			return false
		}
		return true
	})
	return x
}
