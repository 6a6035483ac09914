package blob

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
)

// Sync puts everything written so far on the disk: for checkpoints.
func (s *Store) Sync() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, seg := range s.segments {
		if err := seg.sync(); err != nil {
			return err
		}
	}
	return syncDir(s.dir)
}

// syncDir makes the names of new files durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// Close syncs and ends all views. Closing twice does nothing.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	var errs []error
	for _, seg := range s.segments {
		errs = append(errs, seg.seal(), seg.view.close())
	}
	for _, d := range s.gone {
		errs = append(errs, d.view.close())
	}
	return errors.Join(errs...)
}

// Verify reads every blob and compares it with its name. The error names each that
// differs and where it lies.
func (s *Store) Verify() error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	names := make([]method.Blob, 0, len(s.places))
	for b := range s.places {
		names = append(names, b)
	}
	slices.Sort(names)
	var errs []error
	for _, b := range names {
		p, err := s.find(b)
		if err != nil {
			return err
		}
		content, err := p.seg.bytes(p)
		if err == nil && Name(content) != b {
			err = fmt.Errorf("blob: %s: the %d bytes at %d are not blob %s: the file was changed", p.seg.path, p.length, p.offset, b)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
