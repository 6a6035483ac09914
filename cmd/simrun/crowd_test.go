package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/loramesh/loramesh/actors/mesh/meshtest"
)

// crowded has users inside clients, on devices of a file.
const crowded = `
version: 1
name: crowd
question: Do workers come and go?
bases:
  main:
    recipe: {family: llama, d: 16, layers: 1, heads: 2, context: 24, pretrain: {data: mine, tokens: 2000, batch: 4}}
data:
  mine: {file: my.jsonl, format: jsonl, template: "{question} ", columns: {answer: reply}, by: topic}
devices:
  phone: {trace: phones.csv}
population:
  client: {count: 4, split: iid, rank: {4: 1, 2: 1}, device: phone}
  user: {of: client, per: 2}
method:
  - {use: flora, roles: {client: user}, with: {epochs: 40, batch: 4, lr: 1e-4}, rounds: 12}
evaluate:
  - {at: end, on: valid, metrics: [loss]}
`

const phones = `flops,memory,up,down,latency,available
5 GFLOPS,512 MB,5 Mbps,20 Mbps,60 ms,
20 GFLOPS,1 GB,10 Mbps,50 Mbps,30 ms,0-12
`

// done is how many leases each worker has done that takes part in a run, as another process sees it.
func done(t *testing.T, dir, cache string, broker []string) map[string]int64 {
	t.Helper()
	c, out := simrunIn(t, dir, cache, append([]string{"top", "--once", "--every", "100ms", "-o", "json"}, broker...)...)
	c.Stderr = nil // it may come before anybody can be asked
	all := map[string]int64{}
	if c.Run() != nil {
		return all
	}
	var s sight
	if err := json.NewDecoder(bufio.NewReader(bytes.NewReader(out.Bytes()))).Decode(&s); err != nil {
		t.Errorf("top says %s: %v", out, err)
	}
	for _, w := range s.Workers {
		if w.Run != "" { // else rounds would go by before it has come
			all[w.Worker] = w.Done
		}
	}
	return all
}

// crowdedRounds are those of crowded.
const crowdedRounds = 12

// stride is a run that goes from round to round as a test lets it.
type stride struct {
	gated
	next int // the round before which it stands, or will
}

func strideAt(t *testing.T, dir string) *stride {
	t.Helper()
	s := &stride{gated: gateAt(t, dir)}
	for r := range crowdedRounds {
		s.hold(r)
	}
	return s
}

// step lets it go on, so that it is at work.
func (s *stride) step() {
	s.t.Helper()
	s.held(s.next)
	s.release(s.next)
	s.next++
}

// until has it go on until a worker has done leases, and stand still then.
func (s *stride) until(name string, look func() map[string]int64) {
	s.t.Helper()
	for s.held(s.next); look()[name] == 0; s.held(s.next) {
		s.step()
	}
}

// rest lets it go on to its end.
func (s *stride) rest() {
	s.t.Helper()
	for ; s.next < crowdedRounds; s.next++ {
		s.release(s.next)
	}
}

// comesAndGoes starts a run that has one worker, has a second one join it in the middle, and then
// sends the first one home while both work: the second does the rest, and the hash is that of one goroutine.
func comesAndGoes(t *testing.T, dir, cache, want string, run []string, join func() []string, leave func()) {
	t.Helper()
	s := strideAt(t, dir)
	c, out := simrunIn(t, dir, cache, append([]string{"run", "crowd.yaml", "-q", "-o", "json", "--out", "crowd"}, run...)...)
	started(t, c)
	broker := join()
	look := func() map[string]int64 { return done(t, dir, cache, broker) }
	here := func(name string) {
		t.Helper()
		if !comes(func() bool { _, here := look()[name]; return here }) {
			t.Fatalf("worker %s has not come", name)
		}
	}
	here("first")
	s.until("first", look)
	stop := worker(t, append(broker, "--name", "second"))
	defer stop()
	here("second")
	s.until("second", look)
	s.step()
	leave()
	s.rest()
	if err := c.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	got, err := hashOf(out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("hash %s, not %s", got, want)
	}
}

// worker starts one in a folder and with a cache of its own; stop asks it to go, as Ctrl-C does.
func worker(t *testing.T, flags []string) (stop func()) {
	t.Helper()
	c, _ := simrunIn(t, t.TempDir(), t.TempDir(), append([]string{"worker", "--quiet", "--slots", "1"}, flags...)...)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	gone := false
	stop = func() {
		if !gone {
			gone = true
			_ = c.Process.Signal(os.Interrupt)
			if err := c.Wait(); codeText(err) != "0" && codeText(err) != "4" {
				t.Errorf("a worker that was sent home: %v", err)
			}
		}
	}
	t.Cleanup(stop)
	return stop
}

func crowdedBench(t *testing.T) string {
	t.Helper()
	dir := workbench(t)
	for name, text := range map[string]string{"crowd.yaml": crowded, "phones.csv": phones} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Over a broker that others run, and at the port that a run opens on this machine and announces
// to its user alone.
func TestAWorkerJoinsAndAnotherLeaves(t *testing.T) {
	t.Parallel()
	program := meshtest.Program(t)
	want := hashOfRun(t, crowdedBench(t), t.TempDir(), "crowd.yaml", "--engine", "inline")
	t.Run("broker", func(t *testing.T) {
		t.Parallel()
		b, err := startBroker(program, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { b.stop() })
		broker := []string{"--nats", b.url, "--token-file", b.token}
		stop := worker(t, append(broker, "--name", "first"))
		comesAndGoes(t, crowdedBench(t), t.TempDir(), want, broker, func() []string { return broker }, stop)
	})
	t.Run("listening", func(t *testing.T) {
		t.Parallel()
		dir, cache := crowdedBench(t), t.TempDir()
		stop := func() {}
		comesAndGoes(t, dir, cache, want, []string{"--listen"}, func() (broker []string) {
			if !comes(func() bool {
				all, err := aliveIn(filepath.Join(cache, "live"))
				if err == nil && len(all) == 1 {
					broker = all[0].flags()
				}
				return broker != nil
			}) {
				t.Fatal("the run was not announced")
			}
			stop = worker(t, append(broker, "--name", "first"))
			return broker
		}, func() { stop() })
	})
}
