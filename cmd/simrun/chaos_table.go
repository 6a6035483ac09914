package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/loramesh/loramesh/results"
)

// chaosTable tells what was drawn, what of it met the runs, and how they ended, in Markdown.
func chaosTable(command, want string, all []ordeal) string {
	var b strings.Builder
	drawn, met := map[string]int{}, map[string]int{}
	same, blows, hits := 0, 0, 0
	for _, o := range all {
		if o.verdict(want) == "same" {
			same++
		}
		for _, what := range o.schedule.drawn() {
			drawn[what]++
			blows++
		}
		for _, what := range o.met {
			met[what]++
			hits++
		}
	}
	fmt.Fprintf(&b, "`simrun %s`: %d of %d schedules ended with the undisturbed hash; %d of the %d things that were drawn met a run.\n\n",
		command, same, len(all), hits, blows)
	fmt.Fprintf(&b, "| what | drawn | met a run |\n|---|---|---|\n")
	for _, kind := range kinds {
		fmt.Fprintf(&b, "| %s | %d | %d |\n", kind, drawn[kind], met[kind])
	}
	fmt.Fprintf(&b, "\n| seed | workers | broker | checkpoints | storm, in a hundred | what met the run | what did not | wall | hash |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, o := range all {
		fmt.Fprintf(&b, "| %d | %d | %s | %s | %s | %s | %s | %s | %s |\n", o.schedule.seed, o.schedule.workers, o.schedule.brokerText(), o.schedule.keepText(), o.schedule.stormText(),
			strings.Join(o.met, ", "), strings.Join(o.missed(), ", "), results.Wall(o.wall.Round(10*time.Millisecond)), o.verdict(want))
	}
	return b.String()
}

// drawn lists what a schedule has in store, in the order of time.
func (s schedule) drawn() (all []string) {
	if s.storm != nil && s.storm.Jump > 0 {
		all = append(all, jumpClocks)
	}
	for _, x := range s.blows {
		all = append(all, x.kind)
	}
	return all
}

// missed is what was drawn and met nothing.
func (o ordeal) missed() []string {
	left := o.schedule.drawn()
	for _, what := range o.met {
		if i := slices.Index(left, what); i >= 0 {
			left = slices.Delete(left, i, i+1)
		}
	}
	return left
}
