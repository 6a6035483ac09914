package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/actors/mesh/meshtest"
)

// said collects what commands print, whatever they end with.
type said struct {
	t          *testing.T
	dir, cache string
	all        bytes.Buffer
}

// start starts a command whose words are collected once it has ended, by itself or by a signal.
func (s *said) start(args ...string) (end func(by os.Signal)) {
	s.t.Helper()
	c, out := simrunIn(s.t, s.dir, s.cache, args...)
	c.Stderr = out
	if err := c.Start(); err != nil {
		s.t.Fatal(err)
	}
	ended := false
	end = func(by os.Signal) {
		if ended {
			return
		}
		ended = true
		if by != nil {
			_ = c.Process.Signal(by) // it may have ended
		}
		_ = c.Wait()
		s.all.WriteString("$ simrun " + args[0] + "\n" + out.String())
	}
	s.t.Cleanup(func() { end(os.Kill) })
	return end
}

func (s *said) run(args ...string) string {
	s.t.Helper()
	before := s.all.Len()
	s.start(args...)(nil)
	return s.all.String()[before:]
}

// telltales lists the files under a folder that hold a secret. A file may go or take its name meanwhile, where a run goes on.
func telltales(t *testing.T, dir string, secrets []string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		var content []byte
		if err == nil && d.Type().IsRegular() {
			content, err = os.ReadFile(path)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if leaks(content, secrets) {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func leaks(text []byte, secrets []string) bool {
	for _, s := range secrets {
		if bytes.Contains(text, []byte(s)) {
			return true
		}
	}
	return false
}

// What opens a broker is in no log, error, run folder, cache, plan or page, and in nothing that
// any command says: a token, credentials, a certificate's key, and a password in a URL.
func TestSecretsStayInTheirFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("runs two dozen commands for each way to open a broker")
	}
	t.Parallel()
	credentials, _ := meshtest.ByCredentials(t, meshtest.Here)
	for name, b := range map[string]*meshtest.Broker{"token": meshtest.ByToken(t, meshtest.Here), "credentials": credentials, "certificate": meshtest.ByCertificate(t, meshtest.Here)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &said{t: t, dir: workbench(t), cache: t.TempDir()}
			secrets := append([]string{"pass-word-of-the-test"}, b.Secrets...)
			if len(secrets) < 2 || !leaks([]byte(b.Secrets[0]), secrets) {
				t.Fatal("there is no secret to be kept")
			}
			worker := s.start(append([]string{"worker", "--name", "w1", "--slots", "1"}, b.Flags()...)...)
			g := gateAt(t, s.dir, 1)
			run := s.start(append([]string{"run", "tiny.yaml", "--out", "r"}, b.Flags()...)...)
			g.held(1)
			s.lookAt(t, b, secrets)
			g.release(1)
			run(nil)
			s.lookAtWork(t, b)
			s.lookBack(b)
			worker(os.Kill)
			if text := s.all.String(); leaks([]byte(text), secrets) {
				t.Errorf("a secret was said:\n%s", text)
			} else if !strings.Contains(text, "r/") || !strings.Contains(text, "working") {
				t.Errorf("little was said, so that little was tested:\n%s", text)
			}
			for _, dir := range []string{s.dir, s.cache} {
				if files := telltales(t, dir, secrets); len(files) > 0 {
					t.Errorf("secrets lie in %q", files)
				}
			}
		})
	}
}

// lookAt asks about the run while it goes on, and looks into its folder.
func (s *said) lookAt(t *testing.T, b *meshtest.Broker, secrets []string) {
	t.Helper()
	for _, args := range [][]string{{"inspect", "r", "client/1"}, {"top", "--once", "r"}, {"top", "--once", "r", "-o", "json"}, {"plugin", "info", "flora", "--run", "r"}} {
		s.run(args...)
	}
	s.run(append([]string{"top", "--once"}, b.Flags()...)...)
	if files := telltales(t, filepath.Join(s.dir, "r"), secrets); len(files) > 0 {
		t.Errorf("while the run goes on, secrets lie in %q", files)
	}
	// The mistakes of the tests beside this one are made with a password on the command line.
	if out, err := exec.Command("ps", "axww", "-o", "args").Output(); err == nil && leaks(out, b.Secrets) {
		t.Error("a list of processes shows a secret")
	}
}

// lookAtWork asks a participant at work, of which there is no end until it was seen.
func (s *said) lookAtWork(t *testing.T, b *meshtest.Broker) {
	t.Helper()
	run := s.start(append([]string{"run", "tiny.yaml", "--out", "busy", "--set", "method.0.with.epochs=20000", "--set", "method.0.rounds=1000"}, b.Flags()...)...)
	if !comes(func() bool { return strings.Contains(s.run("inspect", "busy", "client/0"), "working") }) {
		t.Fatalf("client/0 was not seen at work:\n%s", s.all.String())
	}
	s.run("inspect", "busy", "client/0", "--snapshot")
	run(os.Interrupt)
}

// lookBack asks about the run when it is over, and makes mistakes with what opens the broker.
func (s *said) lookBack(b *meshtest.Broker) {
	s.run("watch", "r")
	s.run("report", "r")
	s.run("verify", "r")
	s.run("runs", "ls", ".")
	s.run("doctor", "--nats", b.URL)
	s.run("doctor")
	s.run("plan", "tiny.yaml", "--cost")
	s.run("cache", "ls")
	s.run("run", "tiny.yaml", "--nats", b.WithPassword("me", "pass-word-of-the-test"))
	s.run("worker", "--nats", b.WithPassword("pass-word-of-the-test", ""))
	s.run(append([]string{"worker"}, strings.Split(strings.ReplaceAll(strings.Join(b.Flags(), "\n"), b.URL, "nats://127.0.0.1:1"), "\n")...)...)
	wrong := append([]string{"run", "tiny.yaml", "--nats", b.URL}, "--token-file", "wrong")
	for _, text := range []string{strings.Join(b.Secrets, " "), b.Secrets[0] + "-not"} { // no token, and another
		if err := os.WriteFile(filepath.Join(s.cache, "..", "wrong"), []byte(text), 0o600); err != nil {
			s.t.Fatal(err)
		}
		wrong[len(wrong)-1] = filepath.Join(s.cache, "..", "wrong")
		s.run(wrong...)
	}
}
