package main

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Where nothing but the work takes time, workers share it, up to the raggedness of the end
// of a round.
func TestWorkersShareWork(t *testing.T) {
	for _, n := range []int{2, 8} {
		if got := speedup(costs{}, n, 256, 100*time.Millisecond); got < 0.9*float64(n) || got > float64(n)+1e-9 {
			t.Errorf("%d workers are %.2f times as fast as one", n, got)
		}
	}
}

// A coordinator that takes as long for a lease as a worker for its work feeds one.
func TestTheCoordinatorBoundsThem(t *testing.T) {
	got := speedup(costs{Lease: 1000}, 64, 256, time.Millisecond)
	if got > 2.1 {
		t.Errorf("64 workers are %.2f times as fast as one, with a coordinator that can feed one", got)
	}
	if round := speedup(costs{Round: 1e9}, 64, 256, time.Millisecond); math.Abs(round-1) > 0.01 {
		t.Errorf("rounds of a quarter of an hour, and workers that take a moment: %.2f", round)
	}
}

// More workers than clients are no faster than as many.
func TestNobodyIsFasterThanTheLast(t *testing.T) {
	a, b := speedup(costs{}, 8, 8, time.Second), speedup(costs{}, 64, 8, time.Second)
	if b > a*1.3 || a > 8 {
		t.Errorf("8 clients: 8 workers %.2f, 64 workers %.2f", a, b)
	}
}

// The page begins as the command begins it, and says of what machine and day its figures are.
func TestThePageOfScalingSaysWhatItWasMeasuredOn(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "scaling.md"))
	if err != nil {
		t.Fatal(err)
	}
	rest, ok := strings.CutPrefix(string(page), scalePreface)
	if !ok {
		t.Fatal("docs/scaling.md does not begin as simrun bench scale --markdown has it")
	}
	told := scaled{CPU: "a processor", Day: "1 May 2026"}.text("| ", " | ", " |\n")
	if !strings.HasPrefix(told, "a processor, 1 May 2026: a lease takes ") {
		t.Errorf("%.80q says not of what it is told", told)
	}
	if line, _, _ := strings.Cut(rest, ": a lease takes "); !strings.Contains(line, ", ") || len(line) > 100 {
		t.Errorf("docs/scaling.md names no machine and day: %.100q", line)
	}
}
