package blob

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
)

// buried is what is left to do of segments that are forgotten: whatever else went wrong, it may be done.
// It needs no lock, and nobody waits for it.
type buried struct {
	free    views      // to be unmapped
	removed []*segment // whose files are to go
	aside   []*segment // whose files are to be spares, with their views
}

// end rescues what lives on of segments, and forgets them.
func (s *Store) end(ending []*segment, before int, living map[method.Hash]bool, out *Retired) (gone buried, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return gone, fmt.Errorf("blob: %s is closed", s.dir)
	}
	for _, seg := range ending {
		// A batch that was on its way when alive was asked may be in by now.
		keep := slices.DeleteFunc(s.lying(seg), func(b method.Hash) bool {
			p, _ := s.atlas.find(b)
			return !living[b] && int(p.put) < before
		})
		if err := s.rescue(seg, keep, out); err != nil {
			return gone, err
		}
	}
	return s.bury(ending, out)
}

// rescue copies what lives on into generation 0, in order of where it lay.
func (s *Store) rescue(seg *segment, keep []method.Hash, out *Retired) error {
	all := make([]place, len(keep))
	for i, b := range keep {
		all[i], _ = s.atlas.find(b)
	}
	slices.SortFunc(all, func(x, y place) int { return cmp.Compare(x.unit, y.unit) })
	for _, from := range all {
		p, err := s.move(from)
		if err != nil {
			return err
		}
		s.rescued = true
		out.Moved++
		out.MovedBytes += p.length
	}
	return nil
}

// move copies a blob into generation 0. Under the lock.
func (s *Store) move(from place) (place, error) {
	content, err := from.seg.bytes(from)
	if err != nil {
		return from, err
	}
	return s.write(0, from.hash, content, int(from.put))
}

// landRescued puts on the disk what was moved, now or before a try that failed. Under the lock.
func (s *Store) landRescued() error {
	if !s.rescued {
		return nil
	}
	var todo []listing
	for _, seg := range s.segments { // the rescue may have filled more than one
		if l := s.unlisted(seg); seg.generation == 0 && (l.needed() || !seg.entered) {
			todo = append(todo, l)
		}
	}
	if err := s.land(todo); err != nil {
		return err
	}
	for _, l := range todo {
		l.done()
	}
	s.rescued = false
	return nil
}

// bury forgets the segments, once the rescued are on the disk: all of them, or none. Under the lock.
func (s *Store) bury(ending []*segment, out *Retired) (gone buried, err error) {
	if len(ending) == 0 {
		gone.free = s.letGo()
		return gone, nil
	}
	if err := s.landRescued(); err != nil {
		return gone, err
	}
	var errs []error
	var views []departed
	spares := s.waiting()
	for _, seg := range ending {
		for i := range seg.known {
			if k := &seg.known[i]; s.atlas.lies(seg, i) {
				s.atlas.forget(k.hash)
				out.Dropped++
				out.DroppedBytes += k.length
			}
		}
		s.atlas.dismiss(seg)
		seg.lost = true
		errs = append(errs, seg.shut())
		s.segments = slices.DeleteFunc(s.segments, func(x *segment) bool { return x == seg })
		if s.mayBeSpare(seg) && spares+len(gone.aside) < MaxSpares {
			gone.aside = append(gone.aside, seg)
			continue
		}
		epoch := s.holds.epoch
		if seg.generation == 0 {
			epoch = never
		}
		views = append(views, departed{view: seg.view, epoch: epoch})
		seg.view = view{}
		gone.removed = append(gone.removed, seg)
	}
	s.holds.depart(views...)
	gone.free = s.letGo()
	return gone, errors.Join(errs...)
}
