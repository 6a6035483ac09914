package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/loramesh/loramesh/actors/mesh"
)

// The table tells what was drawn from what met a run.
func TestChaosCountsWhatMet(t *testing.T) {
	all := []ordeal{
		{schedule: schedule{seed: 1, workers: 2, blows: []blow{{kind: killWorker}, {kind: fillDisk}, {kind: killWorker}}}, met: []string{killWorker}, hash: "a"},
		{schedule: schedule{seed: 2, workers: 2, storm: &mesh.Climate{Jump: time.Hour}, blows: []blow{{kind: killPlugin}}}, met: []string{jumpClocks, killPlugin}, hash: "a"},
	}
	if got := all[0].missed(); !slices.Equal(got, []string{fillDisk, killWorker}) {
		t.Errorf("missed %q", got)
	}
	text := chaosTable("chaos x", "a", all)
	for _, want := range []string{
		"2 of 2 schedules ended with the undisturbed hash; 3 of the 5 things that were drawn met a run",
		"| worker killed | 2 | 1 |\n", "| plugin killed | 1 | 1 |\n", "| disk full, run resumed | 1 | 0 |\n",
		"| worker killed | disk full, run resumed, worker killed | ", "| clocks that jump by up to two hours, plugin killed |  | ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q in\n%s", want, text)
		}
	}
}

// A seed draws the same things whatever time there is for them.
func TestASeedDrawsTheSame(t *testing.T) {
	for seed := range uint64(50) {
		short, long := draw(seed, time.Second, true), draw(seed, time.Hour, true)
		if !slices.Equal(short.drawn(), long.drawn()) || len(short.blows) == 0 {
			t.Errorf("seed %d draws %q for a second and %q for an hour", seed, short.drawn(), long.drawn())
		}
	}
}

// What is to come at a share of a run's ledgers comes when so much of them stands, in however many
// files, and not before; what is drawn for later is left to whoever goes on.
func TestABlowComesAtItsShare(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("processes are found in /proc")
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "ledger"), 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(name string, n int) {
		if err := os.WriteFile(filepath.Join(dir, "ledger", name), make([]byte, n), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := exec.Command("sleep", "600")
	started(t, run)
	over, struck := make(chan struct{}), make(chan struct{})
	var met []string
	var left []blow
	go func() {
		defer close(struck)
		where := arena{dir: dir, whole: 1000}
		met, left = where.strike([]blow{{at: 0.5, kind: killRun}, {at: 0.7, kind: fillDisk}}, run.Process.Pid, over)
	}()
	write("000.jsonl", 300)
	write("001.jsonl", 199)
	time.Sleep(20 * time.Millisecond) // it looks ten times meanwhile
	if alive := childrenOf(os.Getpid(), "600"); !slices.Equal(alive, []int{run.Process.Pid}) {
		t.Errorf("it came early: of %d there are %d", run.Process.Pid, alive)
	}
	write("001.jsonl", 200)
	if err := run.Wait(); err == nil || run.ProcessState.Success() {
		t.Errorf("it was to be killed, and ended by itself: %v", err)
	}
	close(over)
	<-struck
	if !slices.Equal(met, []string{killRun}) || len(left) != 1 || left[0].kind != fillDisk {
		t.Errorf("met %q, and left %+v", met, left)
	}
}
