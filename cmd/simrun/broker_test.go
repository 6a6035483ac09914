package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/loramesh/loramesh/actors"
	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/actors/mesh/meshtest"
)

// workbench is a folder with the tiny scenario, and a cache of its own.
func workbench(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "work"))); err != nil {
		t.Fatal(err)
	}
	return dir
}

// simrunIn is a command line of ours as a process, whose home is its folder: see [gateAt].
func simrunIn(t *testing.T, dir, cache string, args ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	path, err := exec.LookPath("simrun") // as TestMain has made it
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(path, args...)
	var out bytes.Buffer
	c.Dir, c.Stdout, c.Stderr = dir, &out, os.Stderr
	c.Env = append(os.Environ(), "SIMRUN_CACHE="+cache, "HOME="+dir)
	return c, &out
}

// hashIn is the hash of a run of the tiny scenario.
func hashIn(t *testing.T, dir, cache string, args ...string) string {
	t.Helper()
	return hashOfRun(t, dir, cache, "tiny.yaml", args...)
}

func hashOfRun(t *testing.T, dir, cache, scenario string, args ...string) string {
	t.Helper()
	c, out := simrunIn(t, dir, cache, append([]string{"run", scenario, "-q", "-o", "json"}, args...)...)
	if err := c.Run(); err != nil {
		t.Fatalf("simrun run %s %q: %v", scenario, args, err)
	}
	hash, err := hashOf(out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

// workersAt starts worker processes that share nothing with the run but the broker: each
// has a folder and a cache of its own.
func workersAt(t *testing.T, n int, broker ...string) {
	t.Helper()
	for i := range n {
		c, _ := simrunIn(t, t.TempDir(), t.TempDir(), append([]string{"worker", "--quiet", "--slots", "1", "--name", fmt.Sprintf("far%d", i+1)}, broker...)...)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = c.Process.Kill() // it works until then
			_ = c.Wait()
		})
	}
}

// Over a NATS server that others run, with workers that come by themselves, the hash is the
// same; and while it is killed and started again.
func TestOneHashOverABroker(t *testing.T) {
	t.Parallel()
	b, err := startBroker(meshtest.Program(t), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.stop() })
	dir, cache := workbench(t), t.TempDir()
	want := hashIn(t, dir, cache, "--engine", "inline")
	workersAt(t, 2, "--nats", b.url, "--token-file", b.token)
	if got := hashIn(t, dir, cache, "--nats", b.url, "--token-file", b.token); got != want {
		t.Errorf("hash %s, not %s", got, want)
	}
	long := []string{"--set", "method.0.rounds=6", "--seeds", "1..2"}
	want = hashIn(t, dir, cache, append([]string{"--engine", "inline"}, long...)...)
	end := atRounds(t, dir, cache, append(long, "--nats", b.url, "--token-file", b.token), func() {
		if err := b.restart(100*time.Millisecond, nil); err != nil {
			t.Error(err)
		}
	}, 2, 4)
	if got := end(); got != want {
		t.Errorf("with the broker killed: hash %s, not %s", got, want)
	}
}

// atRounds starts a run of the tiny scenario that stands still before some rounds, and does something as soon
// as it is let go on from each, so that it works then, and does not end before; end returns its hash.
func atRounds(t *testing.T, dir, cache string, args []string, do func(), rounds ...int) (end func() string) {
	t.Helper()
	g := gateAt(t, dir, rounds...)
	c, out := simrunIn(t, dir, cache, append([]string{"run", "tiny.yaml", "-q", "-o", "json"}, args...)...)
	started(t, c)
	for _, r := range rounds {
		g.held(r)
		g.release(r)
		do()
	}
	return func() string {
		t.Helper()
		if err := c.Wait(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		hash, err := hashOf(out.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		return hash
	}
}

// started starts a process, of which a failed test leaves nothing.
func started(t *testing.T, c *exec.Cmd) {
	t.Helper()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // it has ended, or need not; and then writes no more into a folder that goes
		_ = c.Process.Kill()
		_, _ = c.Process.Wait()
	})
}

// lineTo is a line of the test's own to a broker, straight or by way of another address.
func lineTo(t *testing.T, b *meshtest.Broker, url, name string) *mesh.Conn {
	t.Helper()
	token, err := mesh.ReadToken(b.TokenFile)
	if err != nil {
		t.Fatal(err)
	}
	line, err := mesh.Dial(mesh.Address{URL: url, Token: token}, name, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(line.Close)
	return line
}

// At a broker where other runs may have workers, those of a run are called by its name, too: the
// plain names are taken here, by somebody who does nothing.
func TestWorkersOfARunAtABroker(t *testing.T) {
	t.Parallel()
	b := meshtest.ByToken(t, meshtest.Here)
	line := lineTo(t, b, b.URL, "another")
	for _, name := range []string{"w1", "w1-2", "w1-3", "w1-4", "w1-5"} { // as many as a run gives up after
		if err := line.Listen(mesh.Hand(name), func(m mesh.Message) { line.Answer(m.Reply, nil) }); err != nil {
			t.Fatal(err)
		}
	}
	dir, cache := workbench(t), t.TempDir()
	want := hashIn(t, dir, cache, "--engine", "inline")
	if got := hashIn(t, dir, cache, append([]string{"--workers", "1"}, b.Flags()...)...); got != want {
		t.Errorf("hash %s, not %s", got, want)
	}
}

// A cluster of three with JetStream, one of which is killed while the run goes on.
func TestOneHashOverACluster(t *testing.T) {
	t.Parallel()
	program, dir := meshtest.Program(t), t.TempDir()
	ports := freePorts(t, 6)
	token := filepath.Join(dir, "token")
	if err := os.WriteFile(token, []byte("a-token-of-the-test\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var urls []string
	var servers []*exec.Cmd
	for i := range 3 {
		var routes []string
		for k := range 3 {
			routes = append(routes, fmt.Sprintf("nats-route://127.0.0.1:%d", ports[3+k]))
		}
		config := fmt.Sprintf("server_name: n%d\nlisten: \"127.0.0.1:%d\"\nauthorization { token: \"a-token-of-the-test\" }\njetstream { store_dir: %q }\n"+
			"cluster { name: c, listen: \"127.0.0.1:%d\", routes: [%s] }\n", i, ports[i], filepath.Join(dir, fmt.Sprint(i)), ports[3+i], strings.Join(routes, ", "))
		file := filepath.Join(dir, fmt.Sprintf("n%d.conf", i))
		if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
		s := exec.Command(program, "-c", file)
		if err := s.Start(); err != nil {
			t.Fatal(err)
		}
		servers = append(servers, s)
		t.Cleanup(func() {
			_ = s.Process.Kill()
			_ = s.Wait()
		})
		urls = append(urls, fmt.Sprintf("nats://127.0.0.1:%d", ports[i]))
	}
	listening(t, ports[:3])
	bench, cache := workbench(t), t.TempDir()
	all := strings.Join(urls, ",")
	workersAt(t, 2, "--nats", all, "--token-file", token)
	long := []string{"--set", "method.0.rounds=6", "--seeds", "1..2"}
	want := hashIn(t, bench, cache, append([]string{"--engine", "inline"}, long...)...)
	end := atRounds(t, bench, cache, append(long, "--nats", all, "--token-file", token), func() { _ = servers[0].Process.Kill() }, 2)
	if got := end(); got != want {
		t.Errorf("hash %s, not %s", got, want)
	}
}

func freePorts(t *testing.T, n int) (ports []int) {
	t.Helper()
	for range n {
		l, err := listenLow()
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }() // not before all are found, or two would be one
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

// A broker that is started again finds its port free: no system gives it to anybody who asks for any.
func TestPortsOfBrokersAreNobodysMeanwhile(t *testing.T) {
	seen := map[int]bool{}
	for _, p := range freePorts(t, 20) {
		if p < lowPort || p >= lowPort+lowPorts || seen[p] {
			t.Errorf("port %d, seen before: %v", p, seen[p])
		}
		seen[p] = true
	}
}

func listening(t *testing.T, ports []int) {
	t.Helper()
	for _, p := range ports {
		if !comes(func() bool {
			c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", p))
			if err == nil {
				_ = c.Close()
			}
			return err == nil
		}) {
			t.Fatalf("nobody listens on port %d", p)
		}
	}
}

// From a third process a participant is seen at work, of which there is no end, and its steps rise.
// (Of participants that are lent to one slot, the first is at work.)
func TestInspectFromAnotherProcess(t *testing.T) {
	t.Parallel()
	dir, cache := workbench(t), t.TempDir()
	run, out := simrunIn(t, dir, cache, "run", "tiny.yaml", "-q", "-o", "json", "--out", "r", "--workers", "2", "--slots", "1", "--set", "method.0.with.epochs=20000", "--set", "method.0.rounds=1000")
	started(t, run)
	var steps []int
	round := 0
	comes(func() bool {
		c, answer := simrunIn(t, dir, cache, "inspect", "r", "client/0", "-o", "json")
		c.Stderr = nil // it may come too early, or between two trials
		var s actors.Status
		if c.Run() != nil || json.Unmarshal(answer.Bytes(), &s) != nil || s.State != actors.Working {
			return false
		}
		if s.Round != round {
			round, steps = s.Round, nil
		}
		if len(steps) == 0 || s.Step > steps[len(steps)-1] {
			steps = append(steps, s.Step)
		}
		return len(steps) >= 3
	})
	if err := run.Process.Signal(os.Interrupt); err != nil {
		t.Error(err)
	}
	if err := run.Wait(); codeText(err) != "4" {
		t.Errorf("%v; it was interrupted\n%s", err, out)
	}
	if len(steps) < 3 {
		t.Errorf("client/0 was seen at work at the steps %v; at least 3 rising ones were expected", steps)
	}
}
