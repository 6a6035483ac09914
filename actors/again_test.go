package actors

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/actors/mesh/meshtest"
)

// A worker whose line was away while another came under its name tells its id when it is back: one of
// the two stays.
func TestANameIsClaimedAgain(t *testing.T) {
	server, err := mesh.Start(true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	line := meshtest.NewLine(t, server.Address().URL)
	behind := mesh.Address{URL: line.URL, Token: server.Address().Token}
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
			if time.Since(began) > time.Minute {
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
	line.Cut()
	answers(false)
	go work(server.Address())
	answers(true)
	line.Mend()
	select {
	case err := <-ended:
		if !errors.Is(err, ErrName) {
			t.Errorf("%v; %v was expected", err, ErrName)
		}
	case <-time.After(2 * time.Minute):
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
		if time.Since(began) > time.Minute {
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
