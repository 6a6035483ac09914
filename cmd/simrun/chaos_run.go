package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/loramesh/loramesh/results"
)

// endure runs the scenario while a schedule breaks it.
func (f *chaosFlags) endure(ctx context.Context, scenario, dir string, s schedule) (o ordeal) {
	o.schedule = s
	began := time.Now()
	defer func() { o.wall = time.Since(began) }()
	args := []string{"--workers", strconv.Itoa(s.workers), "--slots", "1"}
	if s.storm != nil {
		args = append(args, "--storm", s.storm.String())
	}
	var b *broker
	if s.broker {
		if b, o.err = startBroker(f.server, dir+"-nats"); o.err != nil {
			return o
		}
		defer b.stop()
		args = append(args, "--nats", b.url, "--token-file", b.token)
	}
	blows := s.blows
	strike := func(pid int, over <-chan struct{}) {
		met, left := strike(dir, blows, pid, b, over)
		o.met, blows = append(o.met, met...), left
	}
	o.hash, o.err = runOnce(ctx, slices.Concat([]string{"run", scenario, "--out", dir, "--keep", s.keepText()}, f.changes.again(), args), strike)
	for o.err != nil && o.struckDown() && ctx.Err() == nil {
		o.met = append(o.met, "") // so that a resume which fails is not resumed
		if r, err := results.Read(dir); err == nil && r.Manifest != nil {
			o.hash, o.err = r.Manifest.Hash, nil // it came after the end
			break
		}
		o.hash, o.err = runOnce(ctx, append([]string{"resume", dir}, args...), strike)
	}
	o.met = slices.DeleteFunc(o.met, func(what string) bool { return what == "" })
	if s.storm != nil && s.storm.Jump > 0 {
		o.met = append([]string{jumpClocks}, o.met...)
	}
	return o
}

// struckDown says whether what a run met last has ended it, and rightly: killed it, or filled
// its disk, of which it must have said so.
func (o ordeal) struckDown() bool {
	if len(o.met) == 0 {
		return false
	}
	var exit *exec.ExitError
	switch o.met[len(o.met)-1] {
	case killRun:
		return true
	case fillDisk:
		return errors.As(o.err, &exit) && exit.ExitCode() == exitInfra
	}
	return false
}

// runOnce runs simrun in a process of its own, and returns the hash of its run. beside, if
// given, is called with the process's number, and must return when over is closed.
func runOnce(ctx context.Context, args []string, beside func(pid int, over <-chan struct{})) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	c := exec.CommandContext(ctx, self, append(args, "-q", "-o", "json")...)
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.WaitDelay = 10 * time.Second
	var out bytes.Buffer
	var said lastBytes
	c.Stdout, c.Stderr = &out, &said
	if err := c.Start(); err != nil {
		return "", err
	}
	over, quiet := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(quiet)
		if beside != nil {
			beside(c.Process.Pid, over)
		}
	}()
	err = c.Wait()
	close(over)
	<-quiet
	if err != nil {
		return "", fmt.Errorf("%w%s", err, said.String())
	}
	return hashOf(out.Bytes())
}

// strike deals blows to a process, once the first trial has begun, and lists those that met
// something, and those that are left for whoever goes on with the run.
func strike(dir string, blows []blow, pid int, b *broker, over <-chan struct{}) (met []string, left []blow) {
	for !begun(dir) {
		select {
		case <-over:
			return nil, blows
		case <-time.After(5 * time.Millisecond):
		}
	}
	began := time.Now()
	for i, x := range blows {
		select {
		case <-over:
			return met, blows[i:]
		case <-time.After(time.Until(began.Add(x.at))):
		}
		if x.deal(pid, b, over) {
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

// begun says whether the first trial of a run writes its ledger: what comes before is
// over in a moment, and ends with an error where it is broken.
func begun(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, "ledger", "000.jsonl"))
	return err == nil && info.Size() > 0
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
	victims := childrenOf(pid, word)
	if x.kind == cutSlow {
		victims = append(victims, pid)
	}
	if len(victims) == 0 {
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
