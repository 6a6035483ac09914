package remote

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/methodpb"
)

// Methods are those that the plugin serves, in its order.
func (p *Plugin) Methods() []method.Method { return p.methods }

// Pid is the number of the process that serves now; 0: none.
func (p *Plugin) Pid() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.process == nil {
		return 0
	}
	return p.process.pid()
}

// Restarts counts the processes after the first.
func (p *Plugin) Restarts() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return max(0, p.starts-1)
}

// running is the process to ask: the present one, or a fresh one if that has ended or is
// the one that failed.
func (p *Plugin) running(ctx context.Context, failed *process) (*process, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, p.fault("start", nil, "it was closed")
	}
	if p.process != nil && p.process != failed && !p.process.gone() {
		return p.process, nil
	}
	if p.process != nil {
		p.process.kill()
		p.process = nil
	}
	proc, err := p.start(ctx)
	if err != nil {
		return nil, err
	}
	cards := describe(proc.served)
	if p.cards == nil {
		p.cards = cards
	} else if string(p.cards) != string(cards) {
		proc.kill()
		return nil, p.fault("describe", nil, "started again, it describes other methods than before")
	}
	p.process = proc
	p.starts++
	return proc, nil
}

// describe is all that a plugin says about its methods, to be compared.
func describe(served []*methodpb.Served) []byte {
	var b []byte
	for _, s := range served {
		b = fmt.Appendf(b, "%s %v\n", method.Canonical(methodpb.ToCard(s.GetCard())), s.GetChecks())
	}
	return b
}

// Close ends the process. Calls that are under way fail. Closing twice does nothing.
func (p *Plugin) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil
	}
	p.closed = true
	if p.process != nil {
		p.process.kill()
		p.process = nil
	}
	if p.thread != nil {
		p.thread.end()
	}
	if p.mine != nil {
		return errors.Join(os.RemoveAll(p.dir), p.mine.Close())
	}
	return nil
}
