package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim"
)

// display shows how far a run is, on stderr: one line that is drawn over and over on a
// screen, a plain line now and then elsewhere. It is safe for concurrent use.
type display struct {
	out    io.Writer
	screen bool
	quiet  bool

	mu     sync.Mutex
	began  time.Time // of the first trial
	drawn  time.Time // when the line was last drawn
	width  int
	trial  int // from 1; 0: none yet
	trials int
	name   string
	rate   rate
	failed int  // work items of finished trials
	shown  bool // a line is on the screen
	told   string
}

// redraw is the shortest time between two drawings of the line.
const redraw = 100 * time.Millisecond

func newDisplay(out io.Writer, quiet bool) *display {
	d := &display{out: out, screen: isTerminal(out), quiet: quiet, width: 80}
	if f, ok := out.(interface{ Fd() uintptr }); ok && d.screen {
		if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 20 {
			d.width = w
		}
	}
	return d
}

// preparing shows work before the first trial: pre-training a base, reading data.
func (d *display) preparing(text string, done, of int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.quiet {
		return
	}
	if d.screen {
		line := text
		if of > 0 {
			line = fmt.Sprintf("%s %s %d %%", text, bar(float64(done)/float64(of)), 100*done/of)
		}
		d.draw(line, false)
		return
	}
	if d.told != text { // once each, not at every step
		d.told = text
		d.println(text)
	}
}

// begin shows that a trial begins.
func (d *display) begin(trial, trials int, name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.began.IsZero() {
		d.began = time.Now()
	}
	d.trial, d.trials, d.name = trial, trials, name
	d.rate.next(time.Now())
}

// watch shows where the present trial is.
func (d *display) watch(p sim.Progress) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	d.rate.runs = p.ClientRuns
	if d.quiet || !d.screen || now.Sub(d.drawn) < redraw {
		return
	}
	d.draw(d.line(p, now), true)
}

// line is bar, trial, round, what is being done, how fast, and how long it will yet take.
func (d *display) line(p sim.Progress, now time.Time) string {
	whole := (float64(d.trial-1) + share(p)) / float64(max(d.trials, 1))
	parts := []string{fmt.Sprintf("%s %3.0f %%", bar(whole), 100*whole)}
	if spent := now.Sub(d.began); whole > 0.02 && spent > time.Second {
		left := time.Duration(float64(spent) * (1 - whole) / whole)
		parts = append(parts, "ETA "+results.Wall(left.Round(time.Second)))
	}
	if n := d.failed + p.Failures; n > 0 {
		parts = append(parts, count(n, "failure"))
	}
	if r := d.rate.perSecond(now); r > 0 {
		parts = append(parts, fmt.Sprintf("%.1f client-runs/s", r))
	}
	if p.Rounds > 0 {
		parts = append(parts, fmt.Sprintf("round %d/%d", min(p.Round, p.Rounds), p.Rounds))
	} else if p.Round > 0 {
		parts = append(parts, fmt.Sprintf("round %d", p.Round))
	}
	// What a narrow screen cuts off comes last.
	parts = append(parts, p.What, fmt.Sprintf("trial %d/%d %s", d.trial, d.trials, d.name))
	return strings.Join(parts, " · ")
}

// share is how much of its trial the progress means, as far as the rounds are known.
func share(p sim.Progress) float64 {
	if p.Rounds == 0 || p.Round == 0 {
		return 0
	}
	s := float64(p.Round - 1)
	switch {
	case p.What == "fit" && p.Of > 0:
		s += float64(p.Done) / float64(p.Of)
	case p.What == "fold" || p.What == "evaluate":
		s++
	}
	return min(s/float64(p.Rounds), 1)
}

// end shows that a trial has ended, with one line that stays.
func (d *display) end(text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.quiet {
		return
	}
	d.wipe()
	d.println(fmt.Sprintf("trial %d/%d  %s  %s", d.trial, d.trials, d.name, text))
}

// say prints a line that stays.
func (d *display) say(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.quiet {
		return
	}
	d.wipe()
	d.println(fmt.Sprintf(format, args...))
}

// clear takes the moving line away.
func (d *display) clear() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.wipe()
}

// Write lets log lines through without tearing the moving line.
func (d *display) Write(b []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.wipe()
	return d.out.Write(b)
}

func (d *display) draw(line string, force bool) {
	now := time.Now()
	if !force && now.Sub(d.drawn) < redraw {
		return
	}
	d.drawn, d.shown = now, true
	if runes := []rune(line); len(runes) >= d.width {
		line = string(runes[:d.width-2]) + "…"
	}
	_, _ = fmt.Fprintf(d.out, "\r\x1b[K%s", line)
}

func (d *display) wipe() {
	if d.shown {
		_, _ = fmt.Fprint(d.out, "\r\x1b[K")
		d.shown = false
	}
}

func (d *display) println(line string) { _, _ = fmt.Fprintln(d.out, line) }

// bar is 20 cells wide.
func bar(share float64) string {
	const cells = 20
	full := int(max(0, min(share, 1)) * cells)
	return strings.Repeat("█", full) + strings.Repeat("░", cells-full)
}

// rate is how many client-runs a second have been finished in the present trial.
type rate struct {
	since time.Time
	runs  int
}

func (r *rate) next(now time.Time) { *r = rate{since: now} }

func (r *rate) perSecond(now time.Time) float64 {
	if s := now.Sub(r.since).Seconds(); s > 0.5 {
		return float64(r.runs) / s
	}
	return 0
}
