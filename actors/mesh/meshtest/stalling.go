package meshtest

import (
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// Line is a way to a broker that brings what comes from there too slowly: after so many bytes
// nothing is read for a while, as on a machine that has other things to do. Then it goes on, or
// it is cut with all that was on its way: so a broker does with whoever lets it wait.
type Line struct {
	URL   string // of the end that a client dials
	to    string
	left  atomic.Int64 // bytes until the next pause, of all connections together
	after int64
	pause time.Duration
	cut   bool
	cuts  atomic.Int64
	all   sync.WaitGroup
}

// Slow opens a line that pauses after so many bytes.
func (b *Broker) Slow(after int64, pause time.Duration, cut bool) *Line {
	b.t.Helper()
	to, err := url.Parse(b.URL)
	ok(b.t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ok(b.t, err)
	x := &Line{to: to.Host, after: after, pause: pause, cut: cut}
	x.left.Store(after)
	x.all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return // the test is over
			}
			x.all.Go(func() { x.carry(c) })
		}
	})
	b.t.Cleanup(func() { ok(b.t, l.Close()); x.all.Wait() })
	to.Host = l.Addr().String()
	x.URL = to.String()
	return x
}

// Cuts is how often it was cut.
func (x *Line) Cuts() int64 { return x.cuts.Load() }

// carry carries bytes both ways until either side is gone, or it is cut.
func (x *Line) carry(client net.Conn) {
	broker, err := net.Dial("tcp", x.to)
	if err != nil {
		_ = client.Close() // the broker ended first
		return
	}
	var both sync.WaitGroup
	both.Go(func() { _, _ = io.Copy(broker, client); _ = broker.Close() }) // however it ends, it is over
	room := make([]byte, 4096)
	for {
		n, err := broker.Read(room)
		if err != nil {
			break
		}
		if x.left.Add(-int64(n)) < 0 {
			x.left.Store(x.after)
			time.Sleep(x.pause)
			if x.cut {
				x.cuts.Add(1)
				break
			}
		}
		if _, err := client.Write(room[:n]); err != nil {
			break
		}
	}
	_ = errors.Join(broker.Close(), client.Close()) // one of them may be closed already
	both.Wait()
}
