package actors

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/loramesh/loramesh/actors/mesh"
)

// gate is a way to a broker that can be shut and opened.
type gate struct {
	listener net.Listener
	to       string
	mu       sync.Mutex
	shut     bool
	through  []net.Conn
}

func newGate(t *testing.T, a mesh.Address) (*gate, mesh.Address) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{listener: l, to: strings.TrimPrefix(a.URL, "nats://")}
	var all sync.WaitGroup
	all.Go(func() { g.serve(&all) })
	t.Cleanup(func() { _ = l.Close(); g.close(true); all.Wait() })
	a.URL = "nats://" + l.Addr().String()
	return g, a
}

func (g *gate) serve(all *sync.WaitGroup) {
	for {
		from, err := g.listener.Accept()
		if err != nil {
			return // the test is over
		}
		to, err := net.Dial("tcp", g.to)
		g.mu.Lock()
		if err != nil || g.shut {
			_ = from.Close()
			if err == nil {
				_ = to.Close()
			}
			g.mu.Unlock()
			continue
		}
		g.through = append(g.through, from, to)
		g.mu.Unlock()
		all.Go(func() { _, _ = io.Copy(from, to); _ = from.Close() })
		all.Go(func() { _, _ = io.Copy(to, from); _ = to.Close() })
	}
}

// close shuts the gate, or opens it.
func (g *gate) close(shut bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut = shut; !shut {
		return
	}
	for _, c := range g.through {
		_ = c.Close() // it may be closed already
	}
	g.through = nil
}

// A worker whose line was away while another came under its name tells its id when it is back: one of
// the two stays.
func TestANameIsClaimedAgain(t *testing.T) {
	server, err := mesh.Start(true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	g, behind := newGate(t, server.Address())
	asker, err := mesh.Dial(server.Address(), "test", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(asker.Close)
	answers := func(is bool) {
		t.Helper()
		for began := time.Now(); ; time.Sleep(time.Millisecond) {
			ctx, stop := context.WithTimeout(t.Context(), 5*time.Second)
			_, err := asker.Ask(ctx, mesh.Hand("same"), nil)
			stop()
			if (err == nil) == is {
				return
			}
			if time.Since(began) > 20*time.Second {
				t.Fatalf("whether the name is answered for: %v", err)
			}
		}
	}
	ctx, stop := context.WithCancelCause(context.Background())
	over := errors.New("the test is over")
	ended := make(chan error, 2)
	work := func(a mesh.Address) {
		ended <- Work(ctx, WorkOptions{Broker: a, Name: "same", Slots: 1, Cache: memory})
	}
	go work(behind)
	answers(true)
	g.close(true)
	answers(false)
	go work(server.Address())
	answers(true)
	g.close(false)
	select {
	case err := <-ended:
		if !errors.Is(err, ErrName) {
			t.Errorf("%v; %v was expected", err, ErrName)
		}
	case <-time.After(30 * time.Second):
		t.Error("two workers of one name stay")
		stop(over)
		<-ended
	}
	stop(over)
	if err := <-ended; !errors.Is(err, over) {
		t.Errorf("the one that stays: %v", err)
	}
}

// What is no worker's id ends nobody.
func TestWhatIsNoIDEndsNoWorker(t *testing.T) {
	server, err := mesh.Start(true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	ctx, stop := context.WithCancelCause(context.Background())
	over := errors.New("the test is over")
	ended := make(chan error, 1)
	go func() {
		ended <- Work(ctx, WorkOptions{Broker: server.Address(), Name: "same", Slots: 1, Cache: memory})
	}()
	asker, err := mesh.Dial(server.Address(), "test", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(asker.Close)
	ask := func() error {
		within, stop := context.WithTimeout(t.Context(), 5*time.Second)
		defer stop()
		_, err := asker.Ask(within, mesh.Hand("same"), nil)
		return err
	}
	for began := time.Now(); ask() != nil; time.Sleep(time.Millisecond) {
		if time.Since(began) > 20*time.Second {
			t.Fatal("no worker came")
		}
	}
	for _, text := range []string{"zz", strings.Repeat("z", 26), strings.Repeat("Z", 27)} {
		if err := asker.Send(mesh.Hand("same"), "", []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := ask(); err != nil { // what was sent before has been heard
		t.Error(err)
	}
	stop(over)
	if err := <-ended; !errors.Is(err, over) {
		t.Errorf("%v; a worker that nobody of its name has answered was expected to stay", err)
	}
}
