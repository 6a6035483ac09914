//go:build !linux && !darwin

package blob

import (
	"os"
	"unsafe"
)

// Maps says whether this system maps files.
const Maps = false

// view reads a segment where it is not mapped: every look is a copy, aligned as the
// original lies.
type view struct{ file *os.File }

func openView(f *os.File, _ int64) (view, error) {
	own, err := os.Open(f.Name())
	return view{own}, err
}

// named says whether a file that was open when this was asked has a name still: it is not known here.
func named(os.FileInfo) bool { return false }

func (v view) bytes(offset, length int64) ([]byte, error) {
	room := make([]byte, length+align)
	skip := -int64(uintptr(unsafe.Pointer(&room[0]))) & (align - 1)
	b := room[skip : skip+length : skip+length]
	_, err := v.file.ReadAt(b, offset)
	return b, err
}

// rest has nothing to give back.
func (v view) rest() error { return nil }

func (v view) close() error {
	if v.file == nil {
		return nil
	}
	return v.file.Close()
}
