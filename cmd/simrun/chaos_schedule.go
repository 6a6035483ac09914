package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/linalg/rng"
)

// What a schedule does to a run, beside the storm.
const (
	killWorker = "worker killed"
	stopWorker = "worker stopped for a while"
	killPlugin = "plugin killed"
	killBroker = "broker killed and started again"
	cutSlow    = "slow consumer cut by the broker"
	killRun    = "coordinator killed, run resumed"
	fillDisk   = "disk full, run resumed"
	jumpClocks = "clocks that jump by up to two hours"
)

var kinds = []string{killWorker, stopWorker, killPlugin, killBroker, cutSlow, killRun, fillDisk, jumpClocks}

// schedule is one way to break a run, drawn from a seed.
type schedule struct {
	seed    uint64
	workers int
	broker  bool // a NATS server of its own
	storm   *mesh.Climate
	each    bool   // a checkpoint of each round, in the journal (run --keep each)
	blows   []blow // in time order
}

// blow is one thing that is done to a run.
type blow struct {
	at    float64       // how much of the run's ledgers stands then, of one
	late  time.Duration // and so long after: rounds are cut off anywhere, and not just where they begin
	kind  string
	which float64       // of those there are, from 0 to 1
	span  time.Duration // that a worker stands still, or a broker is away
}

// draw makes the schedule of a seed, for a run that takes about so long undisturbed.
func draw(seed uint64, span time.Duration, brokers bool) schedule {
	dice, phase := rng.New(seed).At("chaos").Stream(), rng.New(seed).At("phase").Stream()
	pick := func(n int) int { return int(dice.Float64() * float64(n)) }
	s := schedule{seed: seed, workers: 2 + pick(2), broker: brokers && pick(2) == 0}
	if pick(2) == 0 {
		s.storm = &mesh.Climate{Lose: pick(3), Double: pick(15), Delay: pick(30), Late: time.Duration(1+pick(40)) * time.Millisecond, Seed: seed}
	}
	if pick(3) == 0 {
		if s.storm == nil {
			s.storm = &mesh.Climate{Seed: seed}
		}
		s.storm.Jump = 2 * time.Hour
	}
	possible := []string{killWorker, killWorker, killPlugin, stopWorker, killRun, fillDisk}
	if s.broker {
		possible = append(possible, killBroker, cutSlow)
	}
	for range 1 + pick(4) {
		s.blows = append(s.blows, blow{at: dice.Float64(), kind: possible[pick(len(possible))], which: dice.Float64(),
			span: time.Duration(dice.Float64() * float64(4*time.Second)), late: time.Duration(phase.Float64() * float64(span) / 8)})
	}
	s.each = pick(2) == 0
	slices.SortStableFunc(s.blows, func(a, b blow) int { return cmp.Compare(a.at, b.at) })
	return s
}

// String says it all in a line.
func (s schedule) String() string {
	parts := []string{fmt.Sprintf("seed %d: %d workers", s.seed, s.workers)}
	if s.broker {
		parts = append(parts, "a broker of its own")
	}
	if s.storm != nil {
		parts = append(parts, s.storm.String())
	}
	if s.each {
		parts = append(parts, "a checkpoint of each round")
	}
	for _, b := range s.blows {
		parts = append(parts, fmt.Sprintf("%s at %.0f %%", b.kind, 100*b.at))
	}
	return strings.Join(parts, ", ")
}

func (s schedule) brokerText() string {
	if s.broker {
		return "nats-server"
	}
	return "embedded"
}

func (s schedule) keepText() string {
	if s.each {
		return "each"
	}
	return "last"
}

func (s schedule) stormText() string {
	if s.storm == nil || s.storm.Lose+s.storm.Double+s.storm.Delay == 0 {
		return "–"
	}
	return fmt.Sprintf("%d lost, %d doubled, %d late by up to %s", s.storm.Lose, s.storm.Double, s.storm.Delay, s.storm.Late)
}
