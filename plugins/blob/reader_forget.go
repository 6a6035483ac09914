package blob

import (
	"errors"
	"io/fs"
	"os"
	"slices"
)

// Hold keeps what is looked at from now on in memory until release is called, whatever is
// forgotten meanwhile.
func (r *Reader) Hold() (release func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := r.holds.take()
	done := false
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if !done {
			done = true
			r.holds.release(at)
		}
	}
}

// Forget lets go of all segments whose files are gone, or others by now: their room on the disk and in memory is
// given back by the first Forget after the last hold that was taken before has ended. The view of a
// file that has another name by now is kept for when it is asked for by that. Whoever
// calls it looks at blobs under holds alone.
func (r *Reader) Forget() error { return r.forget().close() }

// Leave is Forget for who is in a hurry: memory that nobody holds is given back by free, which
// may take milliseconds for a file of which nothing else is left. It is nil where there is none,
// and may run beside all else that the reader does: it knows memory, which nobody else will get
// before it is free, and no path.
func (r *Reader) Leave() (free func() error) {
	if gone := r.forget(); len(gone) > 0 {
		return gone.close
	}
	return nil
}

func (r *Reader) forget() (free views) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var gone []departed
	depart := func(v view) { gone = append(gone, departed{view: v, epoch: r.holds.epoch}) }
	idle := len(r.idle)
	for path, s := range r.views {
		if now, err := os.Stat(path); err == nil && os.SameFile(now, s.file) || err != nil && !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		for _, v := range r.old[path] {
			depart(v)
		}
		r.idle = append(r.idle, s)
		delete(r.views, path)
		delete(r.old, path)
	}
	if len(r.idle) > idle { // else nothing was retired since
		r.idle = slices.DeleteFunc(r.idle, func(s sized) bool {
			if s.there() {
				return false
			}
			_ = s.open.Close() // nothing was written
			depart(s.view)
			return true
		})
	}
	if len(gone) > 0 {
		r.holds.depart(gone...)
	}
	return r.holds.letGo()
}

// there says whether the file is on the disk, by whatever name.
func (s sized) there() bool {
	now, err := s.open.Stat()
	return err == nil && named(now)
}
