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
		r, err := newRegion(b.Model.Room(), b.Model.Place)
		if errors.Is(err, errNoRegions) {
			return b
		}
		var own *base.Base
		if err == nil {
			own, err = b.At(r.bytes)
		}
		if err != nil {
			log.Warn("each worker holds the weights by itself", "base", b.Name, "because", err)
			return b
		}
		s.mu.Lock()
		s.regions[b.Blob] = r
		s.mu.Unlock()
		giveBack(len(r.bytes))
		return own
	}
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
			if err == nil {
				return own
			}
			log.Warn("weights are held by this worker alone", "base", b.Name, "because", err)
		}
		return b
	}
}

// goOver is the base in a region that has the same numbers.
func (l *larder) goOver(b *base.Base, c common) (*base.Base, error) {
	if n := b.Model.Room(); n != c.Bytes {
		return nil, fmt.Errorf("they take %d bytes here, and %d there", n, c.Bytes)
	}
	r, err := openRegion(c.Path, c.Bytes)
	if err != nil {
		return nil, err
	}
	own, err := b.At(r.bytes)
	if err != nil {
		return nil, errors.Join(err, r.close())
	}
	l.regions = append(l.regions, r)
	giveBack(c.Bytes)
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
