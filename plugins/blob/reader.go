package blob

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
)

// Reader looks into the segments of another process's store, by handles that it was
// given. It maps each segment once, read-only, and is safe for concurrent use.
type Reader struct {
	mu    sync.Mutex
	views map[string]sized  // by path: the longest so far
	old   map[string][]view // by path: shorter ones, perhaps still looked at
	idle  []sized           // of files that have no path here, and may get another: see [Store.Handle]
	holds holds

	looked int64 // bytes that were looked at since memory was given back
}

type sized struct {
	view view
	size int64       // of the file when it was looked at last
	ends int64       // how far the view reaches: behind the end, so that a file that grows needs no other
	file os.FileInfo // which file it was
	open *os.File    // the same, to see whether it is on the disk still
}

// NewReader looks at nothing yet.
func NewReader() *Reader { return &Reader{views: map[string]sized{}, old: map[string][]view{}} }

// Bytes is what the handle names, valid until Close, or where its file is gone and the reader
// was told to Forget, until the end of the holds that were taken before.
func (r *Reader) Bytes(h Handle) ([]byte, error) {
	if h.Offset < 0 || h.Length < 0 || h.Offset%align != 0 || h.Offset+h.Length < h.Offset {
		return nil, fmt.Errorf("blob: %d bytes at %d of %s are no blob", h.Length, h.Offset, h.Segment)
	}
	if h.Length == 0 {
		return []byte{}, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.views[h.Segment]
	if h.Offset+h.Length > s.size { // not seen yet, or grown since
		var err error
		if s, err = r.look(h.Segment); err != nil {
			return nil, err
		}
	}
	if h.Offset+h.Length > s.size {
		return nil, fmt.Errorf("blob: %s has %d bytes; %d at %d are asked for", h.Segment, s.size, h.Length, h.Offset)
	}
	if r.looked += h.Length; r.looked >= restBytes {
		r.looked = 0
		if err := r.all(view.rest); err != nil {
			return nil, err
		}
	}
	return s.view.bytes(h.Offset, h.Length)
}

func (r *Reader) look(path string) (sized, error) {
	if s, ok := r.views[path]; ok {
		now, err := os.Stat(path)
		if err != nil {
			return sized{}, err
		}
		if os.SameFile(now, s.file) && now.Size() <= s.ends {
			s.size = now.Size()
			r.views[path] = s
			return s, nil
		}
	}
	s, err := r.open(path)
	if err != nil {
		return s, err
	}
	if before, ok := r.views[path]; ok {
		r.old[path] = append(r.old[path], before.view)
		_ = before.open.Close() // nothing was written
	}
	r.views[path] = s
	return s, nil
}

// open maps a file, unless it is one that was mapped by another name.
func (r *Reader) open(path string) (s sized, err error) {
	if s.open, err = os.Open(path); err != nil {
		return s, err
	}
	if s.file, err = s.open.Stat(); err != nil {
		return s, errors.Join(err, s.open.Close())
	}
	s.size = s.file.Size()
	for i, x := range r.idle {
		if os.SameFile(x.file, s.file) && s.size <= x.ends {
			s.view, s.ends = x.view, x.ends
			r.idle = slices.Delete(r.idle, i, i+1)
			return s, x.open.Close()
		}
	}
	s.ends = max(s.size, SegmentBytes)
	if s.view, err = openView(s.open, s.ends); err != nil {
		err = errors.Join(err, s.open.Close())
	}
	return s, err
}

// all calls f with every view of a file that is on the disk.
func (r *Reader) all(f func(view) error) error {
	var errs []error
	for _, s := range r.idle {
		errs = append(errs, f(s.view))
	}
	for path, s := range r.views {
		for _, v := range append(r.old[path], s.view) {
			errs = append(errs, f(v))
		}
	}
	return errors.Join(errs...)
}

// Rest gives back the memory of all that was looked at, as Bytes does by itself now and then.
// What that returned stays valid: it is read from the files again where somebody looks.
func (r *Reader) Rest() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.all(view.rest)
}

// Close ends all views. The reader can be used again.
func (r *Reader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	errs := []error{r.all(view.close), r.holds.end().close()}
	for _, s := range r.views {
		errs = append(errs, s.open.Close())
	}
	for _, s := range r.idle {
		errs = append(errs, s.open.Close())
	}
	clear(r.views)
	clear(r.old)
	r.idle = nil
	return errors.Join(errs...)
}
