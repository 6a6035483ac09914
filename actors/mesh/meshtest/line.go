package meshtest

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// Line is a way to a broker between its two ends, at which a test can interfere: it is cut, it
// stands still, or it brings what comes from the broker too slowly.
type Line struct {
	URL   string // of the end that a client dials
	to    string
	after int               // bytes that it brings before it asks still; 0: all
	still func() (cut bool) // returns when it may go on, or is to end, as the broker has ended it

	mu      sync.Mutex
	flows   sync.Cond
	stands  bool // nothing is brought, either way
	shut    bool // nobody gets through
	tries   int
	through []net.Conn
	all     sync.WaitGroup
}

// NewLine opens a line to a broker until the test ends.
func NewLine(t testing.TB, broker string) *Line {
	t.Helper()
	return newLine(t, broker, 0, nil)
}

// Slow opens a line of which each connection, after so many bytes, brings nothing until still
// returns: then it goes on, or, where the broker has cut it meanwhile, ends with what was on its
// way.
func (b *Broker) Slow(after int, still func() (cut bool)) *Line {
	b.t.Helper()
	return newLine(b.t, b.URL, after, still)
}

func newLine(t testing.TB, broker string, after int, still func() (cut bool)) *Line {
	t.Helper()
	to, err := url.Parse(broker)
	ok(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	x := &Line{to: to.Host, after: after, still: still}
	x.flows.L = &x.mu
	x.all.Go(func() { x.serve(l) })
	t.Cleanup(func() { ok(t, l.Close()); x.Stand(false); x.Cut(); x.all.Wait() })
	to.Host = l.Addr().String()
	x.URL = to.String()
	return x
}

// Cut cuts the line; nobody gets through until it is mended.
func (x *Line) Cut() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.shut = true
	for _, c := range x.through {
		_ = c.Close() // it may be closed already
	}
	x.through = nil
}

// Mend lets those through who come from now on.
func (x *Line) Mend() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.shut = false
}

// Stand has the line stand still, both ways and for those who come, or go on.
func (x *Line) Stand(still bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.stands = still
	x.flows.Broadcast()
}

// Tries is how often somebody came.
func (x *Line) Tries() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.tries
}

func (x *Line) serve(l net.Listener) {
	for {
		client, err := l.Accept()
		if err != nil {
			return // the test is over
		}
		broker, err := net.Dial("tcp", x.to)
		x.mu.Lock()
		x.tries++
		switch {
		case err != nil: // the broker ended first
			_ = client.Close()
		case x.shut:
			_, _ = client.Close(), broker.Close()
		default:
			x.through = append(x.through, client, broker)
			x.all.Go(func() { x.carry(broker, client, 0); _ = broker.Close() })
			x.all.Go(func() { x.carry(client, broker, x.after); _, _ = client.Close(), broker.Close() })
		}
		x.mu.Unlock()
	}
}

// carry brings bytes one way until either side is gone.
func (x *Line) carry(to io.Writer, from io.Reader, after int) {
	room, left := make([]byte, 4096), after
	for {
		n, err := from.Read(room)
		x.pass()
		if err != nil {
			return
		}
		if left -= n; after > 0 && left < 0 {
			left = after
			if x.still() {
				return
			}
		}
		if _, err := to.Write(room[:n]); err != nil {
			return
		}
	}
}

// pass waits while the line stands still.
func (x *Line) pass() {
	x.mu.Lock()
	defer x.mu.Unlock()
	for x.stands {
		x.flows.Wait()
	}
}
