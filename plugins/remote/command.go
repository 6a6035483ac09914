package remote

import (
	"context"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
)

// command is a plugin's process as go-plugin wants to see it ([runner.Runner]). It is
// ours because of what it does beside: the process has an environment and a standard
// input of its own, it is the head of a process group, so that nothing which it started
// outlives it, and it dies with the host (see die_linux.go, die_other.go).
type command struct {
	cmd    *exec.Cmd
	thread *thread
	stdout io.ReadCloser
	stderr io.ReadCloser
	gone   chan struct{} // closed when the process has ended
	once   sync.Once
	alive  atomic.Pointer[os.Process] // nil until it has started
}

func newCommand(o Options, t *thread) *command {
	c := &command{cmd: exec.Command(o.Command[0], o.Command[1:]...), thread: t, gone: make(chan struct{})}
	c.cmd.Env = append([]string{}, o.Env...)
	c.cmd.SysProcAttr = attributes()
	return c
}

// prepare adds the environment of the handshake and opens the pipes.
func (c *command) prepare(env []string) (err error) {
	c.cmd.Env = append(c.cmd.Env, env...)
	if c.stdout, err = c.cmd.StdoutPipe(); err != nil {
		return err
	}
	c.stderr, err = c.cmd.StderrPipe()
	return err
}

func (c *command) Start(context.Context) error {
	if err := c.thread.do(c.cmd.Start); err != nil {
		c.once.Do(func() { close(c.gone) })
		return err
	}
	c.alive.Store(c.cmd.Process)
	return nil
}

func (c *command) Wait(context.Context) error {
	err := c.cmd.Wait()
	c.once.Do(func() { close(c.gone) })
	return err
}

func (c *command) Kill(context.Context) error {
	select {
	case <-c.gone:
		return nil
	default:
	}
	if p := c.alive.Load(); p != nil {
		return killGroup(p)
	}
	return nil
}

// signalled says of a process that has gone whether a signal ended it.
func (c *command) signalled() bool {
	s := c.cmd.ProcessState
	return s != nil && s.ExitCode() == -1
}

func (c *command) pid() int {
	if p := c.alive.Load(); p != nil {
		return p.Pid
	}
	return 0
}

func (c *command) ID() string                      { return strconv.Itoa(c.pid()) }
func (c *command) Name() string                    { return c.cmd.Path }
func (c *command) Stdout() io.ReadCloser           { return c.stdout }
func (c *command) Stderr() io.ReadCloser           { return c.stderr }
func (c *command) Diagnose(context.Context) string { return "" }

func (c *command) PluginToHost(network, address string) (string, string, error) {
	return network, address, nil
}

func (c *command) HostToPlugin(network, address string) (string, string, error) {
	return network, address, nil
}

// thread is an operating system thread that lives as long as its plugin and starts its
// processes: on Linux a process can ask to die with its parent, and the parent is the
// thread that forked it, not the process.
type thread struct{ work chan func() }

func newThread() *thread {
	t := &thread{work: make(chan func())}
	go func() {
		runtime.LockOSThread()
		for f := range t.work {
			f()
		}
	}()
	return t
}

func (t *thread) do(f func() error) error {
	done := make(chan error, 1)
	t.work <- func() { done <- f() }
	return <-done
}

// end lets the thread go, and with it all that it started.
func (t *thread) end() { close(t.work) }
