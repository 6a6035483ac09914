package export

import (
	"encoding/binary"
	"math"
)

// message is a protobuf message in the making: the few kinds of field that the formats
// here need (https://protobuf.dev/programming-guides/encoding).
type message []byte

const (
	varint  = 0
	fixed64 = 1
	length  = 2
	fixed32 = 5
)

func (m message) tag(field, kind int) message {
	return binary.AppendUvarint(m, uint64(field)<<3|uint64(kind))
}

// whole is a field of type int32 or int64, not negative.
func (m message) whole(field int, x int64) message {
	return binary.AppendUvarint(m.tag(field, varint), uint64(x))
}

func (m message) double(field int, x float64) message {
	return binary.LittleEndian.AppendUint64(m.tag(field, fixed64), math.Float64bits(x))
}

func (m message) float(field int, x float32) message {
	return binary.LittleEndian.AppendUint32(m.tag(field, fixed32), math.Float32bits(x))
}

func (m message) text(field int, s string) message {
	m = binary.AppendUvarint(m.tag(field, length), uint64(len(s)))
	return append(m, s...)
}

func (m message) sub(field int, s message) message { return m.text(field, string(s)) }
