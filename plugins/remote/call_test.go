package remote_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/remote"
	"github.com/loramesh/loramesh/plugins/remote/remotetest"
)

func inline(o *remote.Options) { o.Inline = true }

// The same requests give the same bits in this process, through mapped files and through
// messages. 2,500 reports are three batches.
func TestSameBitsWhereverItRuns(t *testing.T) {
	w := newWorld(t, 2500)
	want, err := round(t.Context(), remotetest.Toy{}, w)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*remote.Options){"mapped": func(*remote.Options) {}, "inline": inline} {
		t.Run(name, func(t *testing.T) {
			m := open(t, "good", change).Methods()[0]
			got, err := round(t.Context(), m, w)
			if err != nil {
				t.Fatal(err)
			}
			if got != want {
				t.Errorf("in process %.300s…\nremote %.300s…", want, got)
			}
		})
	}
}

func TestDescribeAndCheck(t *testing.T) {
	m := open(t, "good").Methods()[0]
	if got, want := method.Canonical(m.Describe()), method.Canonical(remotetest.Toy{}.Describe()); string(got) != string(want) {
		t.Errorf("describes itself as %s, not %s", got, want)
	}
	c, ok := m.(method.MethodWithCheck)
	if !ok {
		t.Fatal("the power to check was lost")
	}
	w := newWorld(t, 1)
	if p, err := c.Check(t.Context(), w.plan.Scene); err != nil || len(p) != 0 {
		t.Errorf("found %v, %v", p, err)
	}
	w.plan.Bases = nil
	if p, err := c.Check(t.Context(), w.plan.Scene); err != nil || len(p) != 1 || p[0].Path != "bases" {
		t.Errorf("found %v, %v", p, err)
	}
}

// Blobs of a megabyte and more travel in several chunks, both ways.
func TestLargeBlobsInline(t *testing.T) {
	w := newWorld(t, 1)
	large := make([]float32, 700_000) // 2.8 MB
	for i := range large {
		large[i] = float32(i)
	}
	b, err := w.store.Put(method.Tensors{List: []method.Tensor{{Name: "0.q.A", Shape: []int{len(large)}, Data: large}}})
	if err != nil {
		t.Fatal(err)
	}
	w.fold.Reports.(method.ReportList)[0].Made[0].Blob = b
	want, err := round(t.Context(), remotetest.Toy{}, w)
	if err != nil {
		t.Fatal(err)
	}
	got, err := round(t.Context(), open(t, "good", inline).Methods()[0], w)
	if err != nil || got != want {
		t.Errorf("%v\n got %s\nwant %s", err, got, want)
	}
}

func TestCallsMayBeConcurrent(t *testing.T) {
	m := open(t, "good").Methods()[0]
	w := newWorld(t, 20)
	want, err := round(t.Context(), remotetest.Toy{}, w)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got, err := round(context.Background(), m, w); err != nil || got != want {
				t.Errorf("%v: %s", err, got)
			}
		})
	}
	wg.Wait()
}

// A process that crashes is replaced, and the answer is the same.
func TestCrashesAreRepeated(t *testing.T) {
	w := newWorld(t, 3)
	want, err := round(t.Context(), remotetest.Toy{}, w)
	if err != nil {
		t.Fatal(err)
	}
	p := open(t, "crash-once", func(o *remote.Options) {
		o.Env = []string{"SIMRUN_TEST_CRASHES=" + filepath.Join(t.TempDir(), "crashes")}
	})
	before := p.Pid()
	got, err := round(t.Context(), p.Methods()[0], w)
	if err != nil || got != want {
		t.Errorf("%v\n got %s\nwant %s", err, got, want)
	}
	if p.Restarts() != 3 || p.Pid() == before {
		t.Errorf("%d restarts, want 3", p.Restarts())
	}
}

// slow are reports that kill the plugin when the second is asked for.
type slow struct {
	method.ReportList
	kill func()
}

func (s slow) All() iter.Seq2[method.Report, error] {
	return func(yield func(method.Report, error) bool) {
		for i, r := range s.ReportList {
			if i == 1 {
				s.kill()
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

func TestKilledInTheMiddleOfAFold(t *testing.T) {
	w := newWorld(t, 5)
	want, err := round(t.Context(), remotetest.Toy{}, w)
	if err != nil {
		t.Fatal(err)
	}
	p := open(t, "good")
	var once sync.Once
	w.fold.Reports = slow{w.fold.Reports.(method.ReportList), func() {
		once.Do(func() { signal(p.Pid(), os.Kill) })
	}}
	got, err := round(t.Context(), p.Methods()[0], w)
	if err != nil || got != want {
		t.Errorf("%v\n got %s\nwant %s", err, got, want)
	}
	if p.Restarts() != 1 {
		t.Errorf("%d restarts, want 1", p.Restarts())
	}
}

func TestCancelled(t *testing.T) {
	m := open(t, "hang").Methods()[0]
	w := newWorld(t, 1)
	why := errors.New("the user lost patience")
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(50*time.Millisecond, func() { cancel(why) })
	_, err := m.Plan(ctx, w.plan)
	var fault *remote.Fault
	if !errors.Is(err, why) || errors.As(err, &fault) {
		t.Errorf("got %v", err)
	}
}

// What the host itself could not do is no fault of the plugin.
func TestErrorsOfTheHost(t *testing.T) {
	m := open(t, "good").Methods()[0]
	w := newWorld(t, 2)
	w.store.Close()
	_, err := m.Fold(t.Context(), w.fold)
	var fault *remote.Fault
	if err == nil || errors.As(err, &fault) || !strings.Contains(err.Error(), "is closed") {
		t.Errorf("got %v", err)
	}
	broken := errors.New("the disk is gone")
	w.fold.Reports = failing{broken}
	if _, err = m.Fold(t.Context(), w.fold); !errors.Is(err, broken) || errors.As(err, &fault) {
		t.Errorf("got %v", err)
	}
}

type failing struct{ err error }

func (failing) Len() int { return 1 }
func (f failing) All() iter.Seq2[method.Report, error] {
	return func(yield func(method.Report, error) bool) { yield(method.Report{}, f.err) }
}

func TestTheEnvironmentIsNotInherited(t *testing.T) {
	t.Setenv("SIMRUN_TEST_SECRET", "hidden")
	m := open(t, "env", func(o *remote.Options) { o.Env = []string{"GIVEN=1"} }).Methods()[0]
	out, err := m.Fold(t.Context(), newWorld(t, 1).fold)
	if err != nil {
		t.Fatal(err)
	}
	seen := strings.Join(out.Warnings, "\n")
	if strings.Contains(seen, "SECRET") || strings.Contains(seen, "HOME=") || !strings.Contains(seen, "GIVEN=1") {
		t.Errorf("the plugin's environment is\n%s", seen)
	}
}

func TestNothingIsLeftBehind(t *testing.T) {
	before := goleak.IgnoreCurrent()
	dir := t.TempDir()
	p := open(t, "good", func(o *remote.Options) { o.RunDir = dir })
	if _, err := round(t.Context(), p.Methods()[0], newWorld(t, 10)); err != nil {
		t.Fatal(err)
	}
	pid := p.Pid()
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if err := signal(pid, syscall.Signal(0)); err == nil {
		t.Error("the process is there")
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("files are there: %v", left)
	}
	if _, err := p.Methods()[0].Plan(t.Context(), newWorld(t, 1).plan); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("a closed plugin answers: %v", err)
	}
	goleak.VerifyNone(t, before)
	fmt.Fprintln(t.Output(), "pid", pid)
}

// A plugin that is killed before it has said hello is started again; one that is killed
// every time is given up.
func TestKilledWhileStarting(t *testing.T) {
	for _, c := range []struct {
		kills int
		ok    bool
	}{{3, true}, {100, false}} {
		marks := filepath.Join(t.TempDir(), "marks")
		script := fmt.Sprintf(`printf x >>%q; [ $(wc -c <%q) -gt %d ] || kill -9 $$; exec %q good`, marks, marks, c.kills, self(t))
		p, err := tryOpen(t, "good", func(o *remote.Options) { o.Command = []string{"/bin/sh", "-c", script} })
		if (err == nil) != c.ok {
			t.Errorf("killed %d times: %v", c.kills, err)
		}
		if err == nil && len(p.Methods()) != 1 {
			t.Errorf("it serves %d methods", len(p.Methods()))
		}
		if n, err := os.ReadFile(marks); err != nil || len(n) != 4 {
			t.Errorf("killed %d times: %d starts, %v; want 4", c.kills, len(n), err)
		}
	}
}
