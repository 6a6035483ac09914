package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/loramesh/loramesh/sim"
)

// fakeScreen draws the moving line as on a terminal of 100 columns.
func fakeScreen(b *bytes.Buffer) *display {
	d := newDisplay(b, false)
	d.screen, d.width = true, 100
	return d
}

func TestLineTellsWhereTheRunIs(t *testing.T) {
	var b bytes.Buffer
	d := fakeScreen(&b)
	d.begin(2, 4, "flora seed=1")
	d.began = time.Now().Add(-10 * time.Second)
	d.rate = rate{since: time.Now().Add(-4 * time.Second)}
	d.rate.runs = 20
	line := d.line(sim.Progress{Round: 2, Rounds: 2, Done: 4, Of: 8, What: "fit", ClientRuns: 20, Failures: 1}, time.Now())
	for _, want := range []string{"44 %", "trial 2/4 flora seed=1", "round 2/2", "fit", "5.0 client-runs/s", "1 failure", "ETA 13.0 s"} {
		if !strings.Contains(line, want) {
			t.Errorf("%q is not in %q", want, line)
		}
	}
}

func TestLineFitsTheScreen(t *testing.T) {
	var b bytes.Buffer
	d := fakeScreen(&b)
	d.width = 40
	d.begin(1, 1, strings.Repeat("long", 50))
	d.watch(sim.Progress{Rounds: 3, What: "fit"})
	_, line, _ := strings.Cut(b.String(), "\x1b[K")
	if n := len([]rune(line)); n == 0 || n >= 40 {
		t.Errorf("%d characters on a screen of 40: %q", n, line)
	}
}

func TestMovingLineIsTakenAway(t *testing.T) {
	var b bytes.Buffer
	d := fakeScreen(&b)
	d.begin(1, 1, "flora")
	d.watch(sim.Progress{What: "fit"})
	d.end("done")
	if !strings.HasSuffix(b.String(), "\r\x1b[Ktrial 1/1  flora  done\n") {
		t.Errorf("%q", b.String())
	}
}

func TestQuietSaysNothing(t *testing.T) {
	var b bytes.Buffer
	d := newDisplay(&b, true)
	d.preparing("pre-training", 1, 2)
	d.begin(1, 1, "flora")
	d.watch(sim.Progress{What: "fit"})
	d.end("done")
	d.say("a word")
	d.clear()
	if b.Len() > 0 {
		t.Errorf("%q", b.String())
	}
}

func TestPlainLinesWithoutAScreen(t *testing.T) {
	var b bytes.Buffer
	d := newDisplay(&b, false)
	for i := range 5 {
		d.preparing("pre-training main", i, 5)
	}
	d.begin(1, 1, "flora")
	d.watch(sim.Progress{What: "fit"})
	d.end("done")
	if b.String() != "pre-training main\ntrial 1/1  flora  done\n" {
		t.Errorf("%q", b.String())
	}
}
