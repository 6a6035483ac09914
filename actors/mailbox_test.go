package actors

import (
	"log/slog"
	"sync"
	"testing"

	"github.com/asynkron/protoactor-go/actor"
)

// invoker notes what it is given.
type invoker struct {
	mu   sync.Mutex
	got  []any
	fail any
	done chan struct{}
	last any
}

func (i *invoker) InvokeSystemMessage(m any) { i.InvokeUserMessage(m) }

func (i *invoker) InvokeUserMessage(m any) {
	i.mu.Lock()
	i.got = append(i.got, m)
	i.mu.Unlock()
	if m == i.last {
		close(i.done)
	}
	if m == i.fail {
		panic(m)
	}
}

func (i *invoker) EscalateFailure(reason, _ any) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.got = append(i.got, "failed")
}

// A message may come before the handlers do: that is what the mailbox is ours for.
func TestMailboxKeepsWhatComesEarly(t *testing.T) {
	i := &invoker{last: "user 2", fail: "user 1", done: make(chan struct{})}
	m := newMailbox()
	m.PostUserMessage("user 1")
	m.PostUserMessage("user 2")
	m.PostSystemMessage("system")
	if m.UserMessageCount() != 2 {
		t.Error("two messages were expected to wait")
	}
	m.RegisterHandlers(i, actor.NewDefaultDispatcher(1))
	m.Start()
	<-i.done
	want := []any{"system", "user 1", "failed", "user 2"}
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.got) != len(want) {
		t.Fatalf("%v", i.got)
	}
	for k := range want {
		if i.got[k] != want[k] {
			t.Errorf("%v, not %v", i.got, want)
		}
	}
}

func TestMailboxHoldsMailOfTheFailed(t *testing.T) {
	i := &invoker{last: "user", done: make(chan struct{})}
	m := &mailbox{}
	m.RegisterHandlers(i, actor.NewDefaultDispatcher(1))
	m.schedule = func(f func()) { // at once, once the lock is free
		m.mu.Unlock()
		f()
		m.mu.Lock()
	}
	m.PostSystemMessage(&actor.SuspendMailbox{})
	m.PostUserMessage("user")
	m.PostSystemMessage("system")
	if len(i.got) != 1 || i.got[0] != "system" {
		t.Errorf("while suspended: %v", i.got)
	}
	m.PostSystemMessage(&actor.ResumeMailbox{})
	<-i.done
}

// Named actors may be written to from the moment their name is known.
func TestMailboxInASystem(t *testing.T) {
	system := actor.NewActorSystem(actor.WithLoggerFactory(func(*actor.ActorSystem) *slog.Logger { return slog.New(slog.DiscardHandler) }))
	defer system.Shutdown()
	var mu sync.Mutex
	count := 0
	all := make(chan struct{})
	props := actor.PropsFromFunc(func(c actor.Context) {
		if _, ok := c.Message().(int); ok {
			mu.Lock()
			defer mu.Unlock()
			if count++; count == 1000 {
				close(all)
			}
		}
	}, actor.WithMailbox(newMailbox))
	pid, err := system.Root.SpawnNamed(props, "one")
	if err != nil {
		t.Fatal(err)
	}
	for range 4 {
		go func() {
			for i := range 250 {
				system.Root.Send(pid, i)
			}
		}()
	}
	<-all
	if err := system.Root.StopFuture(pid).Wait(); err != nil {
		t.Error(err)
	}
}
