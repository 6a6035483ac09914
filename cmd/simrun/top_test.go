package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/loramesh/loramesh/actors"
	"github.com/loramesh/loramesh/actors/mesh/meshtest"
)

// askable starts a run that a test's other commands can ask, and that has no end but what the test makes it.
func askable(t *testing.T, dir, cache, name string, args ...string) *os.Process {
	t.Helper()
	c, _ := simrunIn(t, dir, cache, append([]string{"run", "tiny.yaml", "-q", "--out", name}, args...)...)
	home := t.TempDir()
	c.Env = append(c.Env, "HOME="+home)
	g := gateAt(t, home, 1)
	started(t, c)
	g.held(1)
	return c.Process
}

// topIn starts top, and reads what it shows. One that does not end is killed in time.
func topIn(t *testing.T, dir, cache string, args ...string) (*exec.Cmd, *json.Decoder) {
	t.Helper()
	c, _ := simrunIn(t, dir, cache, append([]string{"top", "--every", "100ms", "-o", "json"}, args...)...)
	c.Stdout = nil
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	started(t, c)
	late := time.AfterFunc(patience, func() { _ = c.Process.Kill() })
	t.Cleanup(func() { late.Stop() })
	return c, json.NewDecoder(out)
}

// A broker where nobody is has no empty table; in JSON it is an object like any other.
func TestTopOfNobodySaysSo(t *testing.T) {
	for output, want := range map[string]string{"table": "no run and no worker is at the broker\n", "json": "{"} {
		var out strings.Builder
		if err := (&topFlags{output: output}).print(&out, sight{}); err != nil || !strings.HasPrefix(out.String(), want) {
			t.Errorf("%s: %q, %v", output, out.String(), err)
		}
	}
}

// The table says of a run what its folder is called, and whatever another process calls one, a run
// is one line of it.
func TestTopNamesTheFolder(t *testing.T) {
	var out strings.Builder
	s := sight{Runs: []runSight{{Folder: onOneLine("quickstart-2\x1b[2J\nb"), CoordinatorStats: actors.CoordinatorStats{Run: "abcdefgh-1"}}}}
	if err := (&topFlags{output: "table"}).print(&out, s); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Split(out.String(), "\n"); len(lines) < 2 || !strings.Contains(lines[0], "folder") || !strings.Contains(lines[1], "quickstart-2[2Jb  abcdefgh-1") {
		t.Errorf("%q", out.String())
	}
}

// "top RUN" ends well when the run does, whether its broker goes with it or other runs go on there;
// these are not shown.
func TestTopEndsWithItsRun(t *testing.T) {
	t.Parallel()
	dir, cache := workbench(t), t.TempDir()
	b := meshtest.ByToken(t, meshtest.Here)
	askable(t, dir, cache, "long", append([]string{"--workers", "2"}, b.Flags()...)...)
	for name, args := range map[string][]string{
		"own":    {"--listen"},
		"shared": append([]string{"--workers", "1"}, b.Flags()...),
	} {
		run := askable(t, dir, cache, name, args...)
		c, in := topIn(t, dir, cache, name)
		looks, crew := 0, ""
		for ; ; looks++ {
			var s sight
			if err := in.Decode(&s); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			for _, r := range s.Runs {
				if r.Run == "" {
					continue
				}
				if r.Folder != name {
					t.Errorf("the run in the folder %q is shown as %q", name, r.Folder)
				}
				its, _, _ := strings.Cut(r.Run, "-")
				if crew == "" {
					crew = its
					if err := run.Signal(os.Interrupt); err != nil { // it has been seen, and may end
						t.Fatal(err)
					}
				}
				if its != crew {
					t.Errorf("%s: run %s is shown, and %s", name, its, crew)
				}
			}
		}
		if err := c.Wait(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if looks == 0 || crew == "" {
			t.Errorf("%s: nothing was seen of it in %d looks", name, looks)
		}
	}
}

// Whose line to the broker is cut looks again when it is back.
func TestTopOutlivesItsLine(t *testing.T) {
	t.Parallel()
	dir, cache := workbench(t), t.TempDir()
	b := meshtest.ByToken(t, meshtest.Here)
	askable(t, dir, cache, "long", append([]string{"--workers", "1"}, b.Flags()...)...)
	line := meshtest.NewLine(t, b.URL)
	c, in := topIn(t, dir, cache, "--nats", line.URL, "--token-file", b.TokenFile)
	see := func(when string) {
		t.Helper()
		for {
			var s sight
			if err := in.Decode(&s); err != nil {
				t.Fatalf("%s: %v", when, err)
			}
			if len(s.Runs) == 1 && len(s.Workers) == 1 {
				return
			}
		}
	}
	see("before")
	came := line.Tries()
	line.Cut()
	for began := time.Now(); line.Tries() < came+10; time.Sleep(time.Millisecond) { // by then it has looked in vain
		if time.Since(began) > time.Minute {
			t.Fatal("top does not come back to its line")
		}
	}
	line.Mend()
	for range 3 { // beyond what was looked at before, and not read
		see("behind it")
	}
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Error(err)
	}
	_ = c.Wait() // with the interrupt
}
