package remote

import (
	"context"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/methodpb"
)

// line is a stream to a process. It carries one call after the other: to open one takes
// longer than a small call.
type line struct {
	methodpb.Methods_CallClient
	hangUp context.CancelFunc
	room   []method.Report // of the last batch
}

// line is the one on which a call has begun, if any has, one that nobody uses, or a new one. It lasts
// until somebody hangs up, also while it is being opened.
func (proc *process) line(within context.Context, begun *line) (l *line, stop func() bool, err error) {
	l = begun
	proc.mu.Lock()
	if n := len(proc.lines); l == nil && n > 0 {
		l, proc.lines = proc.lines[n-1], proc.lines[:n-1]
	}
	proc.mu.Unlock()
	if l != nil {
		return l, context.AfterFunc(within, l.hangUp), nil
	}
	ctx, hangUp := context.WithCancel(context.WithoutCancel(within))
	l = &line{hangUp: hangUp}
	stop = context.AfterFunc(within, hangUp)
	if l.Methods_CallClient, err = proc.stub.Call(ctx); err != nil {
		stop()
		hangUp()
	}
	return l, stop, err
}

// keep has the line wait for the next call.
func (proc *process) keep(l *line) {
	proc.mu.Lock()
	defer proc.mu.Unlock()
	proc.lines = append(proc.lines, l)
}

// hangUp ends the lines that wait.
func (proc *process) hangUp() {
	proc.mu.Lock()
	defer proc.mu.Unlock()
	for _, l := range proc.lines {
		l.hangUp()
	}
	proc.lines = nil
}
