package main

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/world"
)

func TestARunNeedsRoom(t *testing.T) {
	if err := (cost{Disk: 1}).roomy(t.TempDir()+"/not/there/yet", 0); err != nil {
		t.Errorf("a byte has no room: %v", err)
	}
	err := cost{Disk: 1 << 62}.roomy(t.TempDir(), 0)
	if codeOf(err) != exitInfra || !strings.Contains(err.Error(), " TB of disk") || !strings.Contains(err.Error(), "--no-space-check") {
		t.Errorf("a disk with room for everything: %v", err)
	}
}

// sizeOf is what lies in a folder, which may be written to meanwhile.
func sizeOf(t *testing.T, dir string) (n int64) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			var info os.FileInfo
			if info, err = d.Info(); err == nil {
				n += info.Size()
			}
		}
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// What "plan" says a run takes of the disk at most, a run takes at most, whenever one looks, and
// not a small part of, be its rounds small or larger than what may be stored between two checkpoints.
func TestARunKeepsToItsEstimate(t *testing.T) {
	dir, cache := workbench(t), t.TempDir()
	large := []string{"--set", "bases.main.recipe.d=256", "--set", "population.client={count: 130, split: {drawn: 2}, rank: {64: 1}}", "--set", "method.0={use: fedit, rounds: 3, with: {rank: 64, batch: 2}}"}
	for _, x := range []struct {
		args  []string
		times int64 // as much may be said as was taken
	}{
		{[]string{"--set", "method.0.rounds=1"}, 6},
		{[]string{"--set", "method.0.rounds=40", "--set", "method.0.use=fedit"}, 6},
		{[]string{"--set", "method.0.rounds=20", "--seeds", "1..3", "--keep", "all"}, 6},
		{[]string{"--set", "method.0.rounds=5", "--seeds", "1..12", "--set", "bases.main.recipe.d=64"}, 6},
		{large, 2},
		{append(large, "--keep", "each"), 2},
	} {
		var estimate struct{ Cost cost }
		plan, out := simrunIn(t, dir, cache, slices.Concat([]string{"plan", "tiny.yaml", "--cost", "--flops", "1e11", "-o", "json"}, x.args)...)
		if err := plan.Run(); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(out.Bytes(), &estimate); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		most, took := peakOf(t, dir, cache, x.args)
		if at := estimate.Cost.Disk; most > at || most < at/x.times {
			t.Errorf("%q: %d bytes were taken (%d in the end), and at most %d said", x.args, most, took, at)
		}
		t.Logf("%q: %d bytes at once, %d in the end, at most %d", x.args, most, took, estimate.Cost.Disk)
	}
}

// peakOf is what the folder of a run of the tiny scenario took at most, and in the end.
func peakOf(t *testing.T, dir, cache string, more []string) (most, took int64) {
	t.Helper()
	run := filepath.Join(t.TempDir(), "r")
	c, _ := simrunIn(t, dir, cache, slices.Concat([]string{"run", "tiny.yaml", "-q", "-o", "json", "--out", run}, more)...)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	for {
		select {
		case err := <-ended:
			if err != nil {
				t.Fatal(err)
			}
			took = sizeOf(t, run)
			return max(most, took), took
		case <-time.After(5 * time.Millisecond): // what is looked for lies there for a round, and who looks takes time from the run
			most = max(most, sizeOf(t, run))
		}
	}
}

// Time is that of the work and of what is around it, which counts for each trial, round and client-run.
func TestTimeIsNotOfWorkAlone(t *testing.T) {
	at := func(c cost) cost {
		if err := c.timed(nil, nil, 1e9, 1); err != nil {
			t.Fatal(err)
		}
		return c
	}
	least := at(cost{})
	if least.Sec < 0.1 || least.Work != 0 {
		t.Errorf("a run of nothing takes %g s, of which %g of work", least.Sec, least.Work)
	}
	for what, c := range map[string]cost{"work": {Flops: 1e9}, "trials": {Trials: 100}, "rounds": {Rounds: 1000}, "client-runs": {Leases: 10_000}} {
		if got := at(c); got.Sec < least.Sec+0.9 || got.Work != c.Flops/1e9 {
			t.Errorf("with %s it takes %g s, of which %g of work", what, got.Sec, got.Work)
		}
	}
}

// The lease that takes most is told, with its device, and one that cannot be held before any that
// can.
func TestTheLargestLeaseIsTold(t *testing.T) {
	var c cost
	if text := c.memoryText(); text != "" {
		t.Errorf("no lease is known, and %q is told", text)
	}
	for i, x := range []struct {
		memory int64
		room   float64
		want   string
	}{
		{5e6, math.Inf(1), "\nmemory  at least 5.00 MB in the largest lease, of expert/1"},
		{2e6, 1e6, "\nmemory  at least 2.00 MB in the largest lease, of expert/2: more than its device has, 1.00 MB"},
		{7e6, 8e6, "\nmemory  at least 2.00 MB in the largest lease, of expert/2: more than its device has, 1.00 MB"},
		{3e6, 1e6, "\nmemory  at least 3.00 MB in the largest lease, of expert/4: more than its device has, 1.00 MB"},
	} {
		c.largest = c.largest.Worse(world.Lease{Memory: x.memory, Room: x.room, Whom: method.ID{Pool: "expert", Index: i + 1}})
		if got := c.memoryText(); got != x.want {
			t.Errorf("%q, expected %q", got, x.want)
		}
	}
	if c.tellLargest(); c.Memory != 3e6 || c.Whom != "expert/4" || c.Device != 1e6 {
		t.Errorf("in JSON %d bytes of %s on a device of %d", c.Memory, c.Whom, c.Device)
	}
}
