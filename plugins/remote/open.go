package remote

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/methodpb"
)

// Options say which program serves and how patient the host is.
type Options struct {
	// Command is the program and its arguments. A name without a slash is looked up in
	// PATH.
	Command []string
	// Name goes into messages; "": the program's base name.
	Name string
	// SHA256 of the program in hex, which must match; "": any.
	SHA256 string
	// Env is the plugin's environment beside what the handshake needs: it inherits nothing.
	Env []string
	// RunDir is where sockets lie while the plugin runs; "": a temporary folder. One whose
	// path is too long for a socket is replaced by a temporary folder.
	RunDir string
	// Log receives what the plugin logs and prints, line by line; nil: nobody.
	Log *slog.Logger
	// StartTimeout is how long a process may take to start and describe itself; 0: 30 s.
	StartTimeout time.Duration
	// CallTimeout is how long a Plan, Fold or Check may take as a whole; 0: 10 min.
	CallTimeout time.Duration
	// Inline sends tensors as messages, as to a plugin that cannot map files.
	Inline bool
}

// Plugin is a program that serves methods, and is started again when it dies.
// It is safe for concurrent use.
type Plugin struct {
	options Options
	thread  *thread
	dir     string   // for sockets
	mine    *os.File // dir, if it is ours to remove
	methods []method.Method
	cards   []byte // as first described

	mu      sync.Mutex
	process *process // nil after a start that failed
	starts  int
	closed  bool
}

// repeats is how often a request is asked again of a fresh process after a crash.
const repeats = 3

// Open starts the program and asks it for its methods. The error is a [*Fault] where the
// program is to blame.
func Open(ctx context.Context, o Options) (*Plugin, error) {
	if len(o.Command) == 0 || o.Command[0] == "" {
		return nil, errors.New("remote: no program is given")
	}
	if o.Name == "" {
		o.Name = filepath.Base(o.Command[0])
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.StartTimeout == 0 {
		o.StartTimeout = 30 * time.Second
	}
	if o.CallTimeout == 0 {
		o.CallTimeout = 10 * time.Minute
	}
	p := &Plugin{options: o}
	if err := p.open(ctx); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

func (p *Plugin) open(ctx context.Context) error {
	path, err := exec.LookPath(p.options.Command[0])
	if err != nil {
		return p.fault("start", err, "%v: is the path right, and the file executable?", err)
	}
	p.options.Command = append([]string{path}, p.options.Command[1:]...)
	if err := p.checkPin(path); err != nil {
		return err
	}
	if p.dir, p.mine, err = socketDir(p.options.RunDir); err != nil {
		return err
	}
	p.thread = newThread()
	proc, err := p.running(ctx, nil)
	if err != nil {
		return err
	}
	for i, s := range proc.served {
		c := &client{plugin: p, card: methodpb.ToCard(s.GetCard())}
		if err := method.ValidateCard(c.card); err != nil {
			return p.fault("describe", nil, "card %d (%q): %v", i+1, c.card.Name, err)
		}
		for _, other := range p.methods {
			if other.Describe().Name == c.card.Name {
				return p.fault("describe", nil, "two methods are called %q", c.card.Name)
			}
		}
		if s.GetChecks() {
			p.methods = append(p.methods, checker{c})
		} else {
			p.methods = append(p.methods, c)
		}
	}
	return nil
}

// fault is about the plugin as a whole.
func (p *Plugin) fault(call string, err error, format string, args ...any) *Fault {
	return &Fault{Plugin: p.options.Name, Call: call, Why: fmt.Sprintf(format, args...), Err: err}
}

// checkPin compares the program with the hash that the user pinned.
func (p *Plugin) checkPin(path string) error {
	if p.options.SHA256 == "" {
		return nil
	}
	got, err := HashFile(path)
	if err != nil {
		return err
	}
	if !strings.EqualFold(got, p.options.SHA256) {
		return p.fault("start", nil, "%s has SHA-256 %s, and %s is pinned: it was not started", path, got, p.options.SHA256)
	}
	return nil
}

// HashFile is the SHA-256 of a program in hex, as it is pinned.
func HashFile(path string) (string, error) { return blob.HashFile(path) }
