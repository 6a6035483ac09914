package main

import (
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
