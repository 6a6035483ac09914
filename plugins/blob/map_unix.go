//go:build linux || darwin

package blob

import (
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// Maps says whether this system maps files. Where it does not, every look is a copy.
const Maps = true

// view is a segment in memory, read-only. It reaches to the segment's capacity while the
// file is still short; pages behind its end are never touched, and come into being when
// the file grows, by writes that share the page cache with the mapping.
type view struct{ mapped []byte }

func openView(f *os.File, capacity int64) (view, error) {
	if capacity == 0 {
		return view{}, nil
	}
	m, err := syscall.Mmap(int(f.Fd()), 0, int(capacity), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return view{}, fmt.Errorf("blob: cannot map %s: %w", f.Name(), err)
	}
	return view{m}, nil
}

// named says whether a file that was open when this was asked has a name still.
func named(info os.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && s.Nlink > 0
}

func (v view) bytes(offset, length int64) ([]byte, error) {
	return v.mapped[offset : offset+length : offset+length], nil
}

// rest gives the pages back; they come again from the file when they are looked at.
func (v view) rest() error {
	if v.mapped == nil {
		return nil
	}
	return unix.Madvise(v.mapped, unix.MADV_DONTNEED)
}

func (v view) close() error {
	if v.mapped == nil {
		return nil
	}
	return syscall.Munmap(v.mapped)
}
