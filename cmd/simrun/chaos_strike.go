package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// arena is where a run is broken: its folder, how large its ledgers are in the end, and its broker, if
// it has one.
type arena struct {
	dir    string
	whole  int64
	broker *broker
}

// stands is how much of the ledgers of a run is written, of one. It is below that of any blow before
// the first trial writes its own: what comes earlier is over in a moment, and ends with an error
// where it is broken.
func (r *arena) stands() float64 {
	written := ledgerBytes(r.dir)
	if written == 0 {
		return -1
	}
	return float64(written) / float64(r.whole)
}

// ledgerBytes is how long the ledgers of a run are together. One that is not there yet has none.
func ledgerBytes(dir string) (all int64) {
	files, _ := filepath.Glob(filepath.Join(dir, "ledger", "*.jsonl")) // the pattern is a good one
	for _, file := range files {
		if info, err := os.Stat(file); err == nil {
			all += info.Size()
		}
	}
	return all
}

// until looks again and again whether something is so, and says whether that came before it was over.
func until(over <-chan struct{}, so func() bool) bool {
	for !so() {
		if !pass(over, 2*time.Millisecond) {
			return false
		}
	}
	return true
}

// pass lets a while pass, and says whether it was not over before.
func pass(over <-chan struct{}, while time.Duration) bool {
	select {
	case <-over:
		return false
	case <-time.After(while):
		return true
	}
}

// strike deals blows to a process, each when its share of a run's ledgers stands, and lists those that
// met something, and those that are left for whoever goes on with the run.
func (r *arena) strike(blows []blow, pid int, over <-chan struct{}) (met []string, left []blow) {
	for i, x := range blows {
		if !until(over, func() bool { return r.stands() >= x.at }) || !pass(over, x.late) {
			return met, blows[i:]
		}
		if x.deal(pid, r.broker, over) {
			met = append(met, x.kind)
		}
		if x.kind == killRun || x.kind == fillDisk {
			left = blows[i+1:]
			break
		}
	}
	<-over
	return met, left
}

// deal deals one blow, and says whether there was anything to meet.
func (x blow) deal(pid int, b *broker, over <-chan struct{}) bool {
	if x.kind == killBroker {
		return b.restart(x.span/4, over) == nil
	}
	if x.kind == fillDisk {
		return fillUp(pid) == nil
	}
	if x.kind == killRun {
		return notify(pid, os.Kill) == nil
	}
	word := "worker"
	if x.kind == killPlugin {
		word = "plugin"
	}
	var victims []int
	if !until(over, func() bool { // a run that is gone on with has none at first
		if victims = childrenOf(pid, word); x.kind == cutSlow {
			victims = append(victims, pid)
		}
		return len(victims) > 0
	}) {
		return false
	}
	victim := victims[int(x.which*float64(len(victims)))]
	if x.kind == cutSlow {
		return b.cutOff(victim, over) == nil
	}
	if x.kind != stopWorker {
		return notify(victim, os.Kill) == nil
	}
	if notify(victim, pause) != nil {
		return false
	}
	select {
	case <-over:
	case <-time.After(x.span):
	}
	return notify(victim, goOn) == nil
}

// notify sends a signal to a process.
func notify(pid int, s os.Signal) error {
	p, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	return p.Signal(s)
}

// childrenOf lists the children of a process whose first argument is the word.
func childrenOf(pid int, word string) (found []int) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil
	}
	for _, file := range stats {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has just ended
		}
		_, rest, _ := strings.Cut(string(text), ") ") // after the name, which may hold anything
		fields := strings.Fields(rest)
		if len(fields) < 2 || fields[1] != strconv.Itoa(pid) || fields[0] == "Z" {
			continue
		}
		line, err := os.ReadFile(filepath.Join(filepath.Dir(file), "cmdline"))
		words := strings.Split(string(line), "\x00")
		if n, e := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil && e == nil && len(words) > 1 && words[1] == word {
			found = append(found, n)
		}
	}
	return found
}
