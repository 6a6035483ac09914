package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/loramesh/loramesh/actors"
)

// crewmen are the worker processes that a run starts on this machine. One that ends is
// replaced, under a new name.
type crewmen struct {
	crew    *actors.Crew
	command []string // of a worker, but for its name
	suffix  string   // of their names
	log     *slog.Logger
	fail    func(error) // told when there is no use in going on

	ctx  context.Context
	stop context.CancelFunc
	all  sync.WaitGroup
}

const (
	// maxFalls is how often a worker may end before it has lived for longLife.
	maxFalls = 5
	longLife = 2 * time.Second
)

// hire starts n workers for a crew; flags tell them where its broker is, and in which file
// the token. Where other runs may have workers there, theirs are called by the crew's name, too.
func hire(crew *actors.Crew, n, slots int, flags []string, shared bool, log *slog.Logger, fail func(error)) (*crewmen, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	m := &crewmen{crew: crew, log: log, fail: fail,
		command: append([]string{self, "worker", "--bound", crew.Name(), "--quiet", "--slots", fmt.Sprint(slots)}, flags...)}
	if shared {
		m.suffix = "-" + crew.Name()
	}
	m.ctx, m.stop = context.WithCancel(context.Background())
	for i := range n {
		m.all.Go(func() { m.keep(fmt.Sprintf("w%d", i+1)) })
	}
	return m, nil
}

// keep has one worker at work, and another in its place whenever it ends.
func (m *crewmen) keep(name string) {
	falls := 0
	for life := 1; m.ctx.Err() == nil; life++ {
		called := name + m.suffix
		if life > 1 {
			called = fmt.Sprintf("%s-%d%s", name, life, m.suffix)
		}
		began := time.Now()
		said, err := m.live(called)
		if m.ctx.Err() != nil {
			return
		}
		m.crew.Gone(called)
		m.log.Warn("a worker's process has ended, another takes its place", "worker", called, "error", err)
		if falls++; time.Since(began) > longLife {
			falls = 0
		}
		if falls >= maxFalls {
			m.fail(fmt.Errorf("worker %s: its process ended %d times in a row (%w)%s", name, falls, err, said))
			return
		}
	}
}

// live is the life of one process. It returns what the process said last, and how it ended.
func (m *crewmen) live(name string) (said string, err error) {
	c := exec.Command(m.command[0], append(m.command[1:], "--name", name)...)
	var out lastBytes
	c.Stderr = &out
	stdin, err := c.StdinPipe() // whose end is the worker's
	if err != nil {
		return "", err
	}
	if err := c.Start(); err != nil {
		return "", err
	}
	unwatch := context.AfterFunc(m.ctx, func() {
		_ = stdin.Close() // it ends by itself
		time.AfterFunc(5*time.Second, func() { _ = c.Process.Kill() })
	})
	defer unwatch()
	if err = c.Wait(); err == nil {
		err = errors.New("it ended of its own accord")
	}
	return out.String(), err
}

// dismiss ends all workers, and waits until they are gone.
func (m *crewmen) dismiss() {
	m.stop()
	m.all.Wait()
}

// lastBytes keeps the end of what is written to it.
type lastBytes struct {
	mu sync.Mutex
	b  []byte
}

var _ io.Writer = (*lastBytes)(nil)

func (l *lastBytes) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.b = append(l.b, p...)
	if n := len(l.b) - 4096; n > 0 {
		l.b = l.b[n:]
	}
	return len(p), nil
}

// String is what was kept, on lines of its own; "" where there was nothing.
func (l *lastBytes) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := strings.TrimSpace(string(bytes.ToValidUTF8(l.b, []byte("?"))))
	if text == "" {
		return ""
	}
	return "; it said last:\n" + text
}
