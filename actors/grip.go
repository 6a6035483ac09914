package actors

import "sync/atomic"

// grip is one hold on what lies in memory, of all carts that were filled together.
type grip struct {
	carts   atomic.Int64 // that have not let go; once it is 0 the hold has ended
	release func()
}

// letGo is for one cart. The last ends the hold.
func (g *grip) letGo() {
	if g.carts.Add(-1) == 0 {
		g.release()
	}
}

// share takes the grip for one cart more; false: it has ended.
func (g *grip) share() bool {
	for {
		n := g.carts.Load()
		if n == 0 {
			return false
		}
		if g.carts.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// grips gives the carts between two flushes of a lane one grip. It is the lane's own; those
// who let go may be anywhere.
type grips struct{ now *grip }

// one is a grip for one cart more, beginning with hold if there is none.
func (s *grips) one(hold func() (release func())) *grip {
	if s.now == nil || !s.now.share() {
		s.now = &grip{release: hold()}
		s.now.carts.Store(1)
	}
	return s.now
}

// end has carts from now on take another grip, so that none lasts for ever.
func (s *grips) end() { s.now = nil }
