package actors

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/actors/mesh/meshtest"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// Of workers of one name one stays, whether they come one after the other or at once; the others
// say why they do not.
func TestOneWorkerOfAName(t *testing.T) {
	c, err := Open(Options{Listen: true, Slots: 1, Stock: stock()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	ctx, stop := context.WithCancelCause(context.Background())
	over := errors.New("the test is over")
	const n = 6
	ended := make(chan error, n)
	for range n {
		go func() { ended <- Work(ctx, WorkOptions{Broker: c.Address(), Name: "same", Slots: 1, Cache: memory}) }()
	}
	for range n - 1 {
		if err := <-ended; !errors.Is(err, ErrName) || !strings.Contains(err.Error(), `"same"`) {
			t.Errorf("%v; %v was expected", err, ErrName)
		}
	}
	if err := Work(ctx, WorkOptions{Broker: c.Address(), Name: "same", Slots: 1, Cache: memory}); !errors.Is(err, ErrName) {
		t.Errorf("who comes later: %v; %v was expected", err, ErrName)
	}
	stop(over)
	if err := <-ended; !errors.Is(err, over) {
		t.Errorf("the one that stayed: %v", err)
	}
	if err := Work(t.Context(), WorkOptions{Broker: c.Address(), Name: hereName, Slots: 1, Cache: memory}); !errors.Is(err, ErrName) {
		t.Errorf("called as the run's own: %v", err)
	}
}

// A worker and a run whose broker is away say that they wait for it.
func TestAnAbsentBrokerIsTold(t *testing.T) {
	quick := usualPace
	quick.tick, quick.lost = 10*time.Millisecond, 50*time.Millisecond
	var servers [2]*mesh.Server // one without a run, and one without workers
	for i := range servers {
		var err error
		if servers[i], err = mesh.Start(true); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(servers[i].Close)
	}
	var worker, run meshtest.Said
	hands(t, servers[0].Address(), 1, func(o *WorkOptions) { o.pace, o.Log = quick, slog.New(slog.NewTextHandler(&worker, nil)) })
	c, err := Open(Options{Broker: servers[1].Address(), Stock: stock(), pace: quick, Log: slog.New(slog.NewTextHandler(&run, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	ctx, stop := context.WithCancel(limited(t))
	s, _ := setup(t, "12")
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx, s) }()
	until := func(what string, is func() bool) {
		for !is() {
			select {
			case <-time.After(time.Millisecond):
			case err := <-ended:
				t.Fatalf("%s: the run ended: %v", what, err)
			}
		}
	}
	until("begun", func() bool { return worker.Has("waiting for a run to call") && c.running() != "" })
	for _, server := range servers {
		server.Close()
	}
	until("away", func() bool { return worker.Has("the broker is away") && run.Has("the broker is away") })
	stop()
	<-ended
}

// A report may claim any number of crashes, and is not believed more than end a trial.
func TestCrashesThatNobodyCanHaveSeen(t *testing.T) {
	c := &coordinatorActor{stage: &stage{ctx: t.Context()}, log: slog.New(slog.DiscardHandler)}
	key := coordinator.Key{Turn: 1, Whom: method.ID{Pool: "client", Index: 2}}
	err := c.record("w", &mesh.Report{Key: key, Work: []byte("x"), Crashes: 1 << 62}, &mesh.Answer{OK: true}, nil)
	if err == nil || !strings.Contains(err.Error(), "worker w: the report of client/2 tells of 4611686018427387904 crashes") {
		t.Errorf("%v", err)
	}
}

// What another process says is text, and no more of it is passed on than is read.
func TestTextsOfOthersAreLegible(t *testing.T) {
	c := &coordinatorActor{stage: &stage{ctx: t.Context()}, log: slog.New(slog.DiscardHandler)}
	key := coordinator.Key{Turn: 1, Whom: method.ID{Pool: "client", Index: 2}}
	if err := c.desk.open([]coordinator.Lease{{Key: key, Asked: &method.WorkRequest{}}}); err != nil {
		t.Fatal(err)
	}
	err := c.record("w", &mesh.Report{Key: key, Failure: "panic:\n\tat π\x1b[2J\a" + strings.Repeat("x", 1<<20)}, &mesh.Answer{}, nil)
	if err == nil || !strings.HasPrefix(err.Error(), "panic:\n\tat π�[2J�xxx") || len(err.Error()) > failureBytes+8 {
		t.Errorf("%.80q…, of %d bytes", err, len(err.Error()))
	}
}
