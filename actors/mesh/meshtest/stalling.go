package meshtest

import (
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
)

// Line is a way to a broker that brings what comes from there too slowly: after so many bytes
// nothing is read for a while, as on a machine that has other things to do.
type Line struct {
	URL   string // of the end that a client dials
	to    string
	after int
	still func() (cut bool)
	all   sync.WaitGroup
}

// Slow opens a line of which each connection, after so many bytes, brings nothing until still
// returns: then it goes on, or, where the broker has cut it meanwhile, ends with what was on its
// way.
func (b *Broker) Slow(after int, still func() (cut bool)) *Line {
	b.t.Helper()
	to, err := url.Parse(b.URL)
	ok(b.t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ok(b.t, err)
	x := &Line{to: to.Host, after: after, still: still}
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

// carry carries bytes both ways until either side is gone.
func (x *Line) carry(client net.Conn) {
	broker, err := net.Dial("tcp", x.to)
	if err != nil {
		_ = client.Close() // the broker ended first
		return
	}
	var both sync.WaitGroup
	both.Go(func() { _, _ = io.Copy(broker, client); _ = broker.Close() }) // however it ends, it is over
	room, left := make([]byte, 4096), x.after
	for {
		n, err := broker.Read(room)
		if err != nil {
			break
		}
		if left -= n; left < 0 {
			left = x.after
			if x.still() {
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
