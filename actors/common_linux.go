package actors

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"unsafe"

	"golang.org/x/sys/unix"
)

// region is memory that processes of one host share. It has no name in any folder: whoever is
// told its path among the files of the process that made it can map it, as long as that
// process lives, and no one else's files can take its place. It is sealed before anybody is
// told: nobody can write to it, make it shorter or longer, the one who made it included. Its
// pages go when the last who maps it does, however that ends.
type region struct {
	file  *os.File // nil: another process made it
	held  []byte   // what is mapped, with what is left over for whole large pages
	bytes []byte
}

// seals are those of a region that is whole.
const seals = unix.F_SEAL_SEAL | unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_WRITE

// newRegion makes one of n bytes that fill writes.
func newRegion(n int, fill func([]byte)) (r *region, err error) {
	fd, err := unix.MemfdCreate("simrun-weights", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return nil, fmt.Errorf("memory that processes share cannot be had: %w", err)
	}
	f := os.NewFile(uintptr(fd), "simrun-weights")
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close())
		}
	}()
	if err := errors.Join(f.Chmod(0o600), unix.Ftruncate(fd, int64(n)), unix.Fallocate(fd, 0, 0, int64(n))); err != nil {
		return nil, fmt.Errorf("%d bytes that processes share cannot be had: %w", n, err)
	}
	w, err := mapRegion(fd, n, unix.PROT_READ|unix.PROT_WRITE)
	if err != nil {
		return nil, err
	}
	fill(w.bytes)
	_ = unix.Madvise(w.bytes, unix.MADV_COLLAPSE) // large pages, where there are some: nothing but the time differs
	if err := w.close(); err != nil {
		return nil, err
	}
	if _, err := unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, seals); err != nil {
		return nil, fmt.Errorf("memory that processes share cannot be sealed: %w", err)
	}
	if r, err = openRegion(pathOf(f), n); err != nil {
		return nil, err
	}
	r.file = f
	return r, nil
}

// path is where other processes of this host find the region.
func (r *region) path() string { return pathOf(r.file) }

// pathOf is the path of an open file among those of this process.
func pathOf(f *os.File) string { return fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), f.Fd()) }

// isPath knows such a path. No other is opened: what is told is not trusted, and to open a device
// is to do something.
var isPath = regexp.MustCompile(`^/proc/[0-9]+/fd/[0-9]+$`).MatchString

// openRegion maps the region of n bytes at a path. What is not a region, or not a sealed one
// of that size, is refused.
func openRegion(path string, n int) (*region, error) {
	if !isPath(path) {
		return nil, fmt.Errorf("%q is no place of memory that processes share: /proc/N/fd/M was expected", path)
	}
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it is read only
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	has, err := unix.FcntlInt(f.Fd(), unix.F_GET_SEALS, 0)
	if err != nil || has&seals != seals || info.Size() != int64(n) {
		return nil, fmt.Errorf("%s is not memory of %d bytes that a process has sealed", path, n)
	}
	return mapRegion(int(f.Fd()), n, unix.PROT_READ)
}

// largePage is where a mapping must begin for its pages to be large.
const largePage = 2 << 20

// mapRegion maps a file where large pages begin.
func mapRegion(fd, n, rights int) (*region, error) {
	held, err := unix.Mmap(-1, 0, n+largePage, unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
	if err != nil {
		return nil, fmt.Errorf("no place for %d bytes: %w", n, err)
	}
	first := unsafe.Pointer(unsafe.SliceData(held))
	skip := int(-uintptr(first) & (largePage - 1))
	at, err := unix.MmapPtr(fd, 0, unsafe.Add(first, skip), uintptr(n), rights, unix.MAP_SHARED|unix.MAP_FIXED)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%d bytes cannot be mapped: %w", n, err), unix.Munmap(held))
	}
	return &region{held: held, bytes: unsafe.Slice((*byte)(at), n)}, nil
}

// close lets go of the memory here; nobody may look at it any more.
func (r *region) close() error {
	err := unix.Munmap(r.held)
	if r.file != nil {
		err = errors.Join(err, r.file.Close())
	}
	return err
}
