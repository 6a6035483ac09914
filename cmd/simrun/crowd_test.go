package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/loramesh/loramesh/actors/mesh/meshtest"
)

// crowded has users inside clients, on devices of a file, in more rounds than are over at once.
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

// done is how many leases each worker of a run has done, as another process sees it.
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
		all[w.Worker] = w.Done
	}
	return all
}

// until waits until a worker has done leases.
func until(t *testing.T, name string, look func() map[string]int64) {
	t.Helper()
	for began := time.Now(); time.Since(began) < time.Minute; {
		if look()[name] > 0 {
			return
		}
	}
	t.Fatalf("worker %s got nothing to do: %v", name, look())
}

// comesAndGoes starts a run that has one worker, has a second one join it in the middle, and then
// sends the first one home: the second does the rest, and the hash is that of one goroutine.
// Its messages are late, so that there is a middle to join in.
func comesAndGoes(t *testing.T, dir, cache, want string, run []string, join func() []string, leave func()) {
	t.Helper()
	c, out := simrunIn(t, dir, cache, append([]string{"run", "crowd.yaml", "-q", "-o", "json", "--out", "crowd", "--storm", "delay=90,late=600ms,seed=1"}, run...)...)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill() }) // no more than a failed test leaves
	broker := join()
	look := func() map[string]int64 { return done(t, dir, cache, broker) }
	until(t, "first", look)
	stop := worker(t, append(broker, "--name", "second"))
	defer stop()
	until(t, "second", look)
	leave()
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
			for began := time.Now(); time.Since(began) < time.Minute; time.Sleep(20 * time.Millisecond) {
				if all, err := aliveIn(filepath.Join(cache, "live")); err == nil && len(all) == 1 {
					broker = all[0].flags()
					stop = worker(t, append(broker, "--name", "first"))
					return broker
				}
			}
			t.Fatal("the run was not announced")
			return nil
		}, func() { stop() })
	})
}
