package actors

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/loramesh/loramesh/actors/mesh"
)

// callers are the trials that call a worker, and whom it has worked for. Where several runs share a
// broker, its workers spread over them, and where they are fewer than the runs, they take turns. Each
// worker sees to it by itself, by what the runs say when they call: how many take part already, and
// whether work waits. Where a worker is changes no ledger.
type callers struct {
	pace pace
	came chan struct{} // somebody has called

	mu      sync.Mutex
	now     map[string]caller    // by trial
	refused map[string]bool      // trials that this worker cannot do justice to
	left    map[string]time.Time // when it ended to work for a run
	run     string               // that it works for, or did last; by its crew
	since   time.Time
	turn    time.Duration // that it stays there, if another run is in want; 0: it goes
}

type caller struct {
	mesh.Calling
	heard time.Time
}

func newCallers(p pace) *callers {
	return &callers{pace: p, came: make(chan struct{}, 1), now: map[string]caller{}, refused: map[string]bool{}, left: map[string]time.Time{}}
}

// crewOf is the run of a trial.
func crewOf(trial string) string {
	run, _, _ := strings.Cut(trial, "-")
	return run
}

// hear notes a call.
func (c *callers) hear(m mesh.Calling) {
	c.mu.Lock()
	c.now[m.Run] = caller{m, time.Now()}
	c.mu.Unlock()
	select {
	case c.came <- struct{}{}:
	default:
	}
}

// wait waits for a trial to work for. Between two trials of a run others come first only if its turn is
// over: what they share is in memory.
func (c *callers) wait(ctx context.Context) (string, error) {
	c.mu.Lock()
	run, alone := c.run, time.After(2*c.pace.tick)
	if time.Since(c.since) > c.turn {
		run = ""
	}
	c.mu.Unlock()
	for {
		if trial := c.next(run); trial != "" {
			return trial, nil
		}
		select {
		case <-c.came:
		case <-alone:
			run = ""
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
	}
}

// next is the trial that is most in want of a worker, of a run or of any: one where work waits, that
// has the fewest, whose run was left the longest ago.
func (c *callers) next(run string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []mesh.Calling
	for trial, x := range c.now {
		switch {
		case time.Since(x.heard) > c.pace.call:
			delete(c.now, trial)
		case !c.refused[trial] && (run == "" || crewOf(trial) == run):
			all = append(all, x.Calling)
		}
	}
	if len(all) == 0 {
		return ""
	}
	return slices.MinFunc(all, func(a, b mesh.Calling) int {
		return cmp.Or(cmp.Compare(min(1, b.Waiting), min(1, a.Waiting)), cmp.Compare(a.Hands, b.Hands),
			c.left[crewOf(a.Run)].Compare(c.left[crewOf(b.Run)]), cmp.Compare(a.Run, b.Run))
	}).Run
}

// arrive notes that the worker works for a trial, and how long it took to get ready: turns are so long
// that a tenth of the time goes into that at most. They are drawn, so that not all workers move at once.
func (c *callers) arrive(trial string, took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if run := crewOf(trial); run != c.run || c.turn == 0 {
		turn := max(c.pace.turn, c.pace.pays*took)
		c.run, c.since, c.turn = run, time.Now(), turn+time.Duration(lot()*float64(turn))
	}
}

// lot draws a number from 0 to 1, as no other worker does.
func lot() float64 {
	var drawn [4]byte
	_, _ = rand.Read(drawn[:]) // it never returns an error
	return float64(binary.LittleEndian.Uint32(drawn[:])) / (1 << 32)
}

// leave notes that it works for a trial no more. If that goes on, it will call again.
func (c *callers) leave(trial string, refuses bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.now, trial)
	c.left[crewOf(trial)] = time.Now()
	if refuses {
		c.refused[trial] = true
	}
}

// moves says whether a worker of one trial is to go over to another that calls: its turn is over, work
// waits there, and it is one of those who would have to go for both to have as many workers, or for
// the other to have one at all. Who says so goes.
func (c *callers) moves(from string, to mesh.Calling) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if to.Waiting == 0 || c.refused[to.Run] || crewOf(to.Run) == crewOf(from) || time.Since(c.since) < c.turn {
		return false
	}
	here := max(1, c.now[from].Hands)
	n := (here - to.Hands) / 2
	if to.Hands == 0 {
		n = max(1, n)
	}
	if n < 1 {
		return false
	}
	if lot()*float64(here) < float64(n) {
		c.turn = 0
		return true
	}
	c.turn = time.Since(c.since) + c.pace.turn // by then those who go have gone
	return false
}
