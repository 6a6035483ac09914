package meshtest

import (
	"bytes"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// Line is a way to a broker between its two ends, at which a test can interfere: it is cut, it
// stands still, it brings what comes from the broker too slowly, or ends at a word of it.
type Line struct {
	URL   string // of the end that a client dials
	to    string
	watch func() watcher // of a connection; nil: nobody looks

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
	return newLine(t, broker, nil)
}

// watcher is shown what comes from the broker before it is passed on. Where it says cut, that is the
// end of the connection, and nobody gets it.
type watcher func(piece []byte) (cut bool)

// Slow opens a line of which each connection, after so many bytes, brings nothing until still
// returns: then it goes on, or, where the broker has cut it meanwhile, ends with what was on its
// way.
func (b *Broker) Slow(after int, still func() (cut bool)) *Line {
	b.t.Helper()
	return newLine(b.t, b.URL, func() watcher {
		left := after
		return func(piece []byte) bool {
			if left -= len(piece); left >= 0 {
				return false
			}
			left = after
			return still()
		}
	})
}

// Until opens a line of which each connection ends before a word comes out of it, when then has been
// done: whoever is to answer has not heard the question.
func (b *Broker) Until(word string, then func()) *Line {
	b.t.Helper()
	return newLine(b.t, b.URL, func() watcher {
		var last []byte // the word may come in two pieces
		return func(piece []byte) bool {
			last = append(last, piece...)
			if bytes.Contains(last, []byte(word)) {
				then()
				return true
			}
			last = bytes.Clone(last[max(0, len(last)-len(word)):])
			return false
		}
	})
}

func newLine(t testing.TB, broker string, watch func() watcher) *Line {
	t.Helper()
	to, err := url.Parse(broker)
	ok(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	x := &Line{to: to.Host, watch: watch}
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
			x.all.Go(func() { x.carry(broker, client, nil); _ = broker.Close() })
			x.all.Go(func() { x.carry(client, broker, x.watch); _, _ = client.Close(), broker.Close() })
		}
		x.mu.Unlock()
	}
}

// carry brings bytes one way until either side is gone.
func (x *Line) carry(to io.Writer, from io.Reader, watch func() watcher) {
	room, cut := make([]byte, 4096), watcher(func([]byte) bool { return false })
	if watch != nil {
		cut = watch()
	}
	for {
		n, err := from.Read(room)
		x.pass()
		if err != nil || cut(room[:n]) {
			return
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
