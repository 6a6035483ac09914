package remote_test

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/remote"
)

// expect holds a fault against what its message must name.
func expect(t *testing.T, err error, call string, names ...string) {
	t.Helper()
	var f *remote.Fault
	if !errors.As(err, &f) || f.Call != call {
		t.Fatalf("got %v, want a fault in %s", err, call)
	}
	for _, name := range names {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%q does not say %q", err, name)
		}
	}
}

func TestProgramsThatAreNoPlugins(t *testing.T) {
	for mode, says := range map[string][]string{
		"exit":    {"start", "cannot find my configuration", "ended before it said hello"},
		"garbage": {"start", `printed "Hello, I am not a plugin."`},
		"silent":  {"start", "within 700ms"},
		"version": {"start", "speaks protocol version 3", "this host speaks 2"},
		"empty":   {"start", "serves no method"},
		"twins":   {"describe", `two methods are called "toy"`},
		"no-card": {"describe", "No Name", "lower-case letters"},
	} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			_, err := tryOpen(t, mode, func(o *remote.Options) {
				if mode == "silent" {
					o.StartTimeout = 700 * time.Millisecond
				}
			})
			expect(t, err, says[0], append(says[1:], mode)...)
		})
	}
}

func TestProgramsThatCannotStart(t *testing.T) {
	text := t.TempDir() + "/text"
	if err := os.WriteFile(text, []byte("nothing to run"), 0o600); err != nil {
		t.Fatal(err)
	}
	script := t.TempDir() + "/script"
	if err := os.WriteFile(script, []byte("nothing to run"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, program := range []string{"/no/such/file", text, script} {
		_, err := tryOpen(t, "", func(o *remote.Options) { o.Command = []string{program} })
		expect(t, err, "start", program)
	}
	if _, err := remote.Open(t.Context(), remote.Options{}); err == nil {
		t.Error("opened nothing")
	}
}

func TestPin(t *testing.T) {
	sum, err := remote.HashFile(self(t))
	if err != nil {
		t.Fatal(err)
	}
	open(t, "good", func(o *remote.Options) { o.SHA256 = strings.ToUpper(sum) })
	wrong := strings.Repeat("0", 64)
	_, err = tryOpen(t, "good", func(o *remote.Options) { o.SHA256 = wrong })
	expect(t, err, "start", sum, wrong, "was not started")
}

func TestMethodsThatAreAtFault(t *testing.T) {
	for mode, says := range map[string][]string{
		"crash":       {"plan", "crashed 4 times"},
		"crash-fold":  {"fold", "crashed 4 times"},
		"panic":       {"plan", "it panicked: on purpose"},
		"panic-aside": {"plan", "crashed 4 times", "panic: on purpose"},
		"hang":        {"plan", "no answer within 3s"},
		"hang-fold":   {"fold", "no answer within 3s"},
		"error":       {"fold", "no such luck"},
		"writes":      {"fold", "it panicked", "memory address"},
		"big-state":   {"plan", "state.bytes", "65537", "65536"},
		"no-blob":     {"fold", "no blob", "0000"},
		"bad-recipe":  {"plan", "assign[0].recipe.fit.model.base", "nowhere"},
		"no-recipe":   {"plan", "assign[0].recipe", "missing"},
		"not-utf8":    {"plan", "UTF-8"},
		"idle":        {"plan", "stand still"},
		"long-note":   {"fold", "notes[0]", "257"},
		"huge":        {"fold", "larger than max"},
	} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			p := open(t, mode, func(o *remote.Options) {
				if strings.HasPrefix(mode, "hang") {
					o.CallTimeout = 3 * time.Second // long enough for the calls that are answered
				}
			})
			_, err := round(t.Context(), p.Methods()[0], newWorld(t, 2))
			expect(t, err, says[0], append(says[1:], "plugin "+mode, "method toy")...)
		})
	}
}

// A hang ends the process, and the next call finds a fresh one.
func TestAfterAHangTheNextCallIsAnswered(t *testing.T) {
	p := open(t, "hang-fold", func(o *remote.Options) { o.CallTimeout = 3 * time.Second })
	w := newWorld(t, 1)
	_, err := p.Methods()[0].Fold(t.Context(), w.fold)
	expect(t, err, "fold", "no answer")
	if _, err := p.Methods()[0].Plan(t.Context(), w.plan); err != nil {
		t.Error(err)
	}
}

// A name that the plugin made up is an error of the method in either place.
func TestOpenOfAnUnknownBlob(t *testing.T) {
	w := newWorld(t, 1)
	w.fold.Reports.(method.ReportList)[0].Made[0].Blob = method.Blob(strings.Repeat("a", 64))
	_, err := open(t, "good").Methods()[0].Fold(t.Context(), w.fold)
	expect(t, err, "fold", "no such blob", "aaaa")
}

func TestPluginsDieWithTheirHost(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("elsewhere the plugin looks only once a second")
	}
	host := exec.Command(self(t), "host")
	out, err := host.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := host.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatalf("the host says %q", line)
	}
	host.Process.Kill()
	host.Wait()
	for began := time.Now(); time.Since(began) < time.Minute; time.Sleep(20 * time.Millisecond) {
		if state, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat"); err != nil || strings.Contains(string(state), ") Z ") {
			return
		}
	}
	signal(pid, os.Kill)
	t.Error("the plugin outlived its host by a minute")
}
