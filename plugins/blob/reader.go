package blob

import (
	"errors"
	"fmt"
	"os"
	"sync"
)

// Reader looks into the segments of another process's store, by handles that it was
// given. It maps each segment once, read-only, and is safe for concurrent use.
type Reader struct {
	mu    sync.Mutex
	views map[string]sized // by path: the longest so far
	all   []view
}

type sized struct {
	view view
	size int64
}

// NewReader looks at nothing yet.
func NewReader() *Reader { return &Reader{views: map[string]sized{}} }

// Bytes is what the handle names, valid until Close.
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
	return s.view.bytes(h.Offset, h.Length)
}

func (r *Reader) look(path string) (sized, error) {
	f, err := os.Open(path)
	if err != nil {
		return sized{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return sized{}, err
	}
	v, err := openView(f, info.Size())
	if err != nil {
		return sized{}, err
	}
	s := sized{v, info.Size()}
	r.views[path] = s
	r.all = append(r.all, v)
	return s, nil
}

// Rest gives back the memory of all that was looked at. What Bytes returned stays valid: it is
// read from the files again where somebody looks.
func (r *Reader) Rest() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var errs []error
	for _, v := range r.all {
		errs = append(errs, v.rest())
	}
	return errors.Join(errs...)
}

// Close ends all views. The reader can be used again.
func (r *Reader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var errs []error
	for _, v := range r.all {
		errs = append(errs, v.close())
	}
	r.views, r.all = map[string]sized{}, nil
	return errors.Join(errs...)
}
