package blob

import (
	"errors"
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
)

// Stay moves blobs to generation 0, where they are not there yet, and puts nothing on the disk: it
// is for whoever has their bytes there elsewhere. No index names them until one is settled.
func (s *Store) Stay(names []method.Blob) error {
	_, err := s.settle(names)
	return err
}

// Settle moves blobs to generation 0, where they are not there yet, and puts them on the
// disk. It holds no lock while the disk works, so that others go on meanwhile: they find
// the blobs where they were or where they are. A [Store.Retire] comes after it, never beside
// it, and has nothing to wait for.
func (s *Store) Settle(names []method.Blob) error {
	todo, err := s.settle(names)
	if err != nil {
		return err
	}
	if err := s.land(todo); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range todo {
		l.done()
	}
	return nil
}

// settle moves the blobs, and says what of which segments is not on the disk.
func (s *Store) settle(names []method.Blob) (todo []listing, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	marks := map[*segment]bool{}
	for _, b := range names {
		p, err := s.find(b)
		if err != nil {
			return nil, err
		}
		if p.seg.generation > 0 {
			if p, err = s.move(p); err != nil {
				return nil, err
			}
		}
		marks[p.seg] = true
	}
	for seg := range marks {
		if l := s.unlisted(seg); l.needed() || !seg.entered {
			todo = append(todo, l)
		}
	}
	return todo, nil
}

// Close syncs and ends all views. Closing twice does nothing.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	var todo []listing
	for _, seg := range s.segments {
		if l := s.unlisted(seg); l.needed() {
			todo = append(todo, l)
		}
	}
	errs := []error{s.land(todo)}
	for _, seg := range s.segments {
		errs = append(errs, seg.shut(), seg.view.close())
		seg.view = view{} // a batch on its way has nothing to rest
	}
	return errors.Join(append(errs, s.dropSpares())...)
}

// Verify reads every blob and compares it with its name. The error names each that
// differs and where it lies.
func (s *Store) Verify() error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	names := make([]method.Blob, 0, s.atlas.used)
	for _, seg := range s.segments {
		for _, b := range s.lying(seg) {
			names = append(names, b.Blob())
		}
	}
	return s.verify(names)
}

// VerifyStored is [Store.Verify] of those of some blobs that are stored: what a run goes on from.
func (s *Store) VerifyStored(names []method.Blob) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.verify(slices.DeleteFunc(slices.Clone(names), func(b method.Blob) bool { _, is := s.place(b); return !is }))
}

func (s *Store) verify(names []method.Blob) error {
	slices.Sort(names)
	wrong, err := misnamed(len(names), func(i int) (claim, error) {
		p, err := s.find(names[i])
		if err != nil {
			return claim{}, err
		}
		hash, _ := names[i].Hash() // it was found
		content, err := p.seg.bytes(p)
		return claim{hash, content}, err
	})
	errs := []error{err}
	for _, hash := range wrong {
		p, _ := s.atlas.find(hash)
		errs = append(errs, fmt.Errorf("blob: %s: the %d bytes at %d are not blob %s: the file was changed", p.seg.path, p.length, p.offset(), hash.Blob()))
	}
	return errors.Join(errs...)
}
