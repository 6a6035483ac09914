package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"time"

	"github.com/loramesh/loramesh/results"
)

// endure runs the scenario, whose ledgers are so long in the end, while a schedule breaks it.
func (f *chaosFlags) endure(ctx context.Context, scenario, dir string, whole int64, s schedule) (o ordeal) {
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
	blows, where := s.blows, arena{dir, whole, b}
	strike := func(pid int, over <-chan struct{}) {
		met, left := where.strike(blows, pid, over)
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
