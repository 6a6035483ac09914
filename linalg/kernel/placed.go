package kernel

import (
	"bytes"
	"fmt"
	"unsafe"
)

// Bytes is the memory of the panels as the kernels read it: the same for the same weight on
// every machine of one byte order. It is their own: read it, never write it.
func (p *Panels) Bytes() []byte {
	if p.format == Float32 {
		return bytesOf(p.data)
	}
	return bytesOf(p.half)
}

// At is the same panels in other memory, which others may share, if it holds the same bytes;
// else ok is false. The room is as long as [Panels.Bytes], begins at a multiple of 64 bytes,
// and must stay as it is for as long as they are in use.
func (p *Panels) At(room []byte) (at *Panels, ok bool) {
	if !bytes.Equal(p.Bytes(), room) {
		return nil, false
	}
	q := *p
	q.data, q.half = nil, nil
	if p.format == Float32 {
		q.data = Floats(aligned(room))
	} else {
		q.half = numbersOf[uint16](aligned(room))
	}
	return &q, true
}

// aligned insists on a room that begins where a line of the cache does: kernels read whole ones.
func aligned(room []byte) []byte {
	if at := uintptr(unsafe.Pointer(unsafe.SliceData(room))); at%64 != 0 {
		panic(fmt.Sprintf("kernel: a room of %d bytes for panels begins at address %#x, which is no multiple of 64", len(room), at))
	}
	return room
}

// Floats sees bytes as the float32 that lie in them, in this machine's order.
func Floats(room []byte) []float32 { return numbersOf[float32](room) }

// BytesOf sees float32 as the bytes in which they lie.
func BytesOf(x []float32) []byte { return bytesOf(x) }

func bytesOf[T any](x []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), len(x)*int(unsafe.Sizeof(*new(T))))
}

func numbersOf[T any](room []byte) []T {
	size := int(unsafe.Sizeof(*new(T)))
	if at := uintptr(unsafe.Pointer(unsafe.SliceData(room))); len(room)%size != 0 || at%uintptr(size) != 0 {
		panic(fmt.Sprintf("kernel: memory of %d bytes at address %#x is no row of numbers of %d bytes", len(room), at, size))
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(room))), len(room)/size)
}
