package mesh

import (
	"bytes"
	"errors"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// What waits for a listener that takes its time is bounded: more is lost, counted, and asked for
// again by whoever misses it; the line stays, and brings what comes later.
func TestASlowListenerIsBounded(t *testing.T) {
	const size, waiting, sent = 16 << 10, 256 << 10, 16384 // 256 MiB in all
	a, b := pair(t, nil)
	b.pending = waiting
	told := make(chan error, sent)
	b.Tell(func(trouble error) { told <- trouble })
	heard, begin := make(chan Message, sent), make(chan struct{})
	if err := b.Listen("here", func(m Message) { <-begin; heard <- m }); err != nil {
		t.Fatal(err)
	}
	before := heap()
	data := bytes.Repeat([]byte{7}, size)
	for range sent {
		if err := a.Send("here", "", data); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.nats.Flush(); err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); b.Lost() == 0; time.Sleep(time.Millisecond) {
		if time.Since(began) > time.Minute {
			t.Fatal("nothing was lost, and nobody listened")
		}
	}
	if err := b.nats.Flush(); err != nil { // all has arrived that will
		t.Fatal(err)
	}
	if grown := heap() - before; grown > 64<<20 {
		t.Errorf("%d bytes more are held for a listener for whom %d may wait", grown, waiting)
	}
	if trouble := (<-told).Error(); !strings.Contains(trouble, "slow consumer") || !strings.Contains(trouble, "here") {
		t.Errorf("%s: a slow consumer of what comes on here was expected", trouble)
	}
	close(begin)
	for began := time.Now(); ; {
		if err := a.Send("here", "", []byte("later")); err != nil {
			t.Fatal(err)
		}
		if m := hear(t, heard); string(m.Data) == "later" {
			break
		} else if len(m.Data) != size {
			t.Fatalf("a message of %d bytes was heard", len(m.Data))
		}
		if time.Since(began) > time.Minute {
			t.Fatal("the line does not bring what comes later")
		}
	}
	if n := len(heard); n > waiting/size+sent/2 {
		t.Errorf("%d messages were kept for a listener for whom %d may wait", n, waiting/size)
	}
}

// Of a line that is open again it is told why it was lost: by itself, as that of a slow consumer is,
// or with the broker.
func TestWhyALineWasLostIsTold(t *testing.T) {
	for name, want := range map[string]error{"cut": errCut, "started again": errAgain} {
		t.Run(name, func(t *testing.T) {
			begin := func(port int) *server.Server {
				s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: port, Authorization: "secret", NoSigs: true, NoLog: true, MaxPending: 1 << 20})
				if err != nil {
					t.Fatal(err)
				}
				go s.Start()
				if !s.ReadyForConnections(time.Minute) {
					t.Fatal("the server was not ready")
				}
				t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
				return s
			}
			s := begin(server.RANDOM_PORT)
			c, err := Dial(Address{URL: s.ClientURL(), Token: "secret"}, "test", nil)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(c.Close)
			told := make(chan error, 1)
			c.Tell(func(trouble error) { told <- trouble })
			if want == errCut {
				id, err := c.nats.GetClientID()
				if err = errors.Join(err, s.DisconnectClientByID(id)); err != nil { // a slow consumer sees no more than this
					t.Fatal(err)
				}
			} else {
				port := s.Addr().(*net.TCPAddr).Port
				s.Shutdown()
				s.WaitForShutdown()
				begin(port)
			}
			select {
			case got := <-told:
				if !errors.Is(got, want) {
					t.Errorf("%v; %v was expected", got, want)
				}
			case <-time.After(time.Minute):
				t.Error("nothing was told")
			}
		})
	}
}

// heap is what this process holds, in bytes.
func heap() int64 {
	var m runtime.MemStats
	for range 3 { // what pools keep goes with the second
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
