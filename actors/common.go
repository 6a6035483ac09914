package actors

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/world"
)

// The weights of a base, laid out for products, take twice what its file does, and they never
// change: processes of one host need them once. The coordinator's lays them out in a region,
// whose place is in the brief. A worker reads the base as ever, compares, and goes over to the
// region; where it cannot, it holds its own, and only memory differs.

// common says where the weights of a base lie for all processes of a host.
type common struct {
	Base  method.Blob
	Path  string
	Bytes int
}

// errNoRegions is the answer of a system on which each process holds its own weights.
var errNoRegions = errors.New("this system has no memory that is shared and sealed")

// Sharing has bases that the stock's worlds are made of lie where workers on this host see
// them. A base that cannot be is held here alone, which log is told.
func (s *Stock) Sharing(log *slog.Logger) func(*base.Base) *base.Base {
	return func(b *base.Base) *base.Base {
		n := b.Model.Room()
		own, err := s.lay(b)
		switch {
		case errors.Is(err, errNoRegions):
			return b
		case err != nil:
			log.Warn("each worker holds the weights by itself", "base", b.Name, "because", err)
			return b
		}
		giveBack(n) // b is not looked at any more
		return own
	}
}

// lay is a base in the region that has its numbers, which is made for the first of a content: a
// base can be loaded twice, under other names or beside other data, and the first region's place
// may stand in a brief.
func (s *Stock) lay(b *base.Base) (*base.Base, error) {
	s.mu.Lock()
	r := s.regions[b.Blob]
	s.mu.Unlock()
	if r != nil {
		return goOver(b, r)
	}
	r, err := newRegion(b.Model.Room(), b.Model.Place)
	if err != nil {
		return nil, err
	}
	own, err := goOver(b, r)
	if err != nil {
		return nil, errors.Join(err, r.close())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.regions[b.Blob] = r
	return own, nil
}

// goOver is a base in a region that has the same numbers.
func goOver(b *base.Base, r *region) (*base.Base, error) {
	if n := b.Model.Room(); n != len(r.bytes) {
		return nil, fmt.Errorf("they take %d bytes here, and %d there", n, len(r.bytes))
	}
	return b.At(r.bytes)
}

// common lists what of a world's bases lies in regions.
func (s *Stock) common(w *world.World) (all []common) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range w.Bases {
		if r := s.regions[b.Blob]; r != nil {
			all = append(all, common{b.Blob, r.path(), len(r.bytes)})
		}
	}
	return all
}

// sharing has a worker's bases lie in the regions that a brief names, where they do.
func (l *larder) sharing(in []common, log *slog.Logger) func(*base.Base) *base.Base {
	return func(b *base.Base) *base.Base {
		for _, c := range in {
			if c.Base != b.Blob {
				continue
			}
			own, err := l.goOver(b, c)
			if err != nil {
				log.Warn("weights are held by this worker alone", "base", b.Name, "because", err)
				continue
			}
			giveBack(c.Bytes) // here, where b is not looked at any more: it would be live for whoever it is handed to
			return own
		}
		return b
	}
}

// goOver is the base in a region that a brief names, if it has the same numbers.
func (l *larder) goOver(b *base.Base, c common) (*base.Base, error) {
	r, err := openRegion(c.Path, c.Bytes)
	if err != nil {
		return nil, err
	}
	own, err := goOver(b, r)
	if err != nil {
		return nil, errors.Join(err, r.close())
	}
	l.regions = append(l.regions, r)
	return own, nil
}

// close lets go of the regions. Nobody may be at work on what lies in them.
func (l *larder) close() (err error) {
	for _, r := range l.regions {
		err = errors.Join(err, r.close())
	}
	l.regions = nil
	return err
}

// muchBytes are worth to be given back to the system at once.
const muchBytes = 64 << 20

// giveBack returns the memory of what is not held any more.
func giveBack(bytes int) {
	if bytes >= muchBytes {
		debug.FreeOSMemory()
	}
}
