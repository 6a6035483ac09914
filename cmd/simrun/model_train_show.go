package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/solo"
)

// trainShow shows how far a training is: one line that is drawn over and over on a screen,
// elsewhere a line for each tenth; and a line that stays for each epoch.
type trainShow struct {
	*display
	began  time.Time
	before int // updates that an earlier run of the training made
	tokens int
	tenth  int
}

func newTrainShow(d *display, before int) *trainShow {
	return &trainShow{display: d, began: time.Now(), before: before}
}

// step shows an update.
func (t *trainShow) step(s solo.Step) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tokens += s.Tokens
	if t.quiet {
		return
	}
	if t.screen {
		t.draw(t.line(s, time.Since(t.began)), false)
		return
	}
	if tenth := 10 * s.Step / s.Steps; tenth > t.tenth {
		t.tenth = tenth
		t.println(t.line(s, time.Since(t.began)))
	}
}

// epoch shows what an epoch ended with.
func (t *trainShow) epoch(e solo.Epoch) {
	text := fmt.Sprintf("epoch %d · step %d · loss %.4f", e.Epoch, e.Step, e.Train)
	if e.Valid != nil {
		text += fmt.Sprintf(" · valid loss %.4f · valid accuracy %.4f", e.Valid.Mean(), float64(e.Valid.Correct)/float64(max(1, e.Valid.Count)))
	}
	t.say("%s", text)
}

func (t *trainShow) line(s solo.Step, spent time.Duration) string {
	whole := float64(s.Step) / float64(s.Steps)
	parts := []string{fmt.Sprintf("%s %3.0f %%", bar(whole), 100*whole)}
	rest := float64(s.Steps-s.Step) / float64(s.Step-t.before)
	if left := time.Duration(float64(spent) * rest).Round(time.Second); left > 0 {
		parts = append(parts, "ETA "+results.Wall(left))
	}
	parts = append(parts, fmt.Sprintf("loss %.4f", s.Loss), fmt.Sprintf("step %d/%d", s.Step, s.Steps), fmt.Sprintf("epoch %.2f", s.Epoch),
		fmt.Sprintf("%.0f tokens/s", float64(t.tokens)/spent.Seconds()), fmt.Sprintf("lr %.2g", s.Rate))
	return strings.Join(parts, " · ")
}
