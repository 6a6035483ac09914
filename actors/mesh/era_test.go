package mesh

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/loramesh/loramesh/actors/mesh/meshtest"
)

// across opens two lines to a server: one directly, and one that the test may cut.
func across(t *testing.T, options ...nats.Option) (near, far *Conn, line *meshtest.Line) {
	t.Helper()
	s, err := Start(true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	line = meshtest.NewLine(t, s.Address().URL)
	if near, err = Dial(s.Address(), "near", nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(near.Close)
	a := Address{URL: line.URL, Token: s.Address().Token}
	if far, err = dial(a.URL, "far", nil, append(a.options(), options...)...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(far.Close)
	return near, far, line
}

// soon waits for something that will be so.
func soon(t *testing.T, what string, is func() bool) {
	t.Helper()
	for began := time.Now(); !is(); time.Sleep(time.Millisecond) {
		if time.Since(began) > time.Minute {
			t.Fatalf("%s: not within a minute", what)
		}
	}
}

func lost(c *Conn) func() bool { return func() bool { return c.Away() > 0 } }

// answering answers questions on a subject by what they say; the first has the line cut, and gets none.
func answering(t *testing.T, near *Conn, subject string, first func()) {
	t.Helper()
	heard := false
	if err := near.Listen(subject, func(m Message) {
		if !heard {
			heard = true
			first()
			return
		}
		near.Answer(m.Reply, m.Data)
	}); err != nil {
		t.Fatal(err)
	}
}

// What was asked when the line was lost, and what is asked while it is, is answered when it is open again.
func TestAQuestionIsAskedAgain(t *testing.T) {
	near, far, line := across(t)
	answering(t, near, "echo", func() { line.Cut(); line.Mend() })
	for _, text := range []string{"out when it is lost", "asked while it is"} {
		got, err := far.Ask(t.Context(), "echo", []byte(text))
		if err != nil || string(got) != text {
			t.Errorf("%q, %v; %q was expected", got, err, text)
		}
		line.Cut()
		soon(t, "lost", lost(far))
		time.AfterFunc(10*time.Millisecond, line.Mend) // whether before the next question or behind it
	}
	line.Cut()
	soon(t, "lost", lost(far))
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer stop()
	if _, err := far.Ask(ctx, "echo", nil); !errors.Is(err, ErrLost) || !errors.Is(err, ErrBroker) {
		t.Errorf("%v; %v was expected of a line that does not come back", err, ErrLost)
	}
}

// Who looks while the line is lost, or loses it while he looks, is told so, and sees all when he looks
// again. That is how a look from outside ends at a run that stands still for a quarter of a minute.
func TestALookAtALostLine(t *testing.T) {
	near, far, line := across(t, nats.PingInterval(200*time.Millisecond))
	answering(t, near, "echo", func() { line.Stand(true) })
	seen := func() bool {
		ctx, stop := context.WithTimeout(t.Context(), 300*time.Millisecond) // as long as a look lasts
		defer stop()
		answers, err := far.Gather(ctx, "echo", []byte("here"))
		return err == nil && len(answers) == 1 && string(answers[0]) == "here"
	}
	told := make(chan error)
	go func() {
		_, err := far.Gather(t.Context(), "echo", nil)
		told <- err
	}()
	soon(t, "stale", lost(far))
	line.Stand(false)
	if err := <-told; !errors.Is(err, ErrLost) {
		t.Errorf("%v; %v was expected of a line that was lost meanwhile", err, ErrLost)
	}
	soon(t, "seen again", seen)
	line.Cut()
	soon(t, "lost", lost(far))
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer stop()
	if _, err := far.Gather(ctx, "echo", nil); !errors.Is(err, ErrLost) {
		t.Errorf("%v; %v was expected of a line that is lost", err, ErrLost)
	}
	line.Mend()
	soon(t, "seen again", seen)
}

// Who begins to listen while the line is lost hears what is said once it is back.
func TestListeningWhileTheLineIsLost(t *testing.T) {
	near, far, line := across(t)
	line.Cut()
	soon(t, "lost", lost(far))
	heard := make(chan Message, 100)
	if err := far.Listen("here", func(m Message) { heard <- m }); err != nil {
		t.Fatal(err)
	}
	line.Mend()
	soon(t, "heard", func() bool {
		if err := near.Send("here", "", nil); err != nil {
			t.Fatal(err)
		}
		return len(heard) > 0
	})
}

// What is said while the line is lost is not kept: it is said again by who still means it.
func TestNothingIsKeptForALostLine(t *testing.T) {
	near, far, line := across(t)
	heard := make(chan Message, 100)
	if err := near.Listen("here", func(m Message) { heard <- m }); err != nil {
		t.Fatal(err)
	}
	line.Cut()
	soon(t, "lost", lost(far))
	for range 1000 {
		if err := far.Send("here", "", make([]byte, PartBytes)); err != nil {
			t.Fatal(err)
		}
	}
	if n := far.Lost(); n != 1000 {
		t.Errorf("%d messages are known to be lost; 1000 were expected", n)
	}
	line.Mend()
	soon(t, "back", func() bool { return !lost(far)() })
	if err := far.Send("here", "", []byte("later")); err != nil {
		t.Fatal(err)
	}
	if m := hear(t, heard); string(m.Data) != "later" {
		t.Errorf("%d bytes of before were heard", len(m.Data))
	}
}
