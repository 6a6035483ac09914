package remote

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/go-plugin/runner"
	"google.golang.org/grpc"

	"github.com/loramesh/loramesh/plugins/methodpb"
)

// process is one life of a plugin.
type process struct {
	client  *plugin.Client
	command *command
	stub    methodpb.MethodsClient
	served  []*methodpb.Served
	maps    bool // it can map files
	sequels bool // a fold may bring the plan that follows
	said    *tail

	mu    sync.Mutex
	lines []*line // that no call uses now
}

// start begins a life. A process that somebody kills on its way there is started again, as
// one that is killed at work is; what ends by itself, or is no plugin, is not.
func (p *Plugin) start(ctx context.Context) (*process, error) {
	for kills := 1; ; kills++ {
		proc, err := p.startOnce(ctx)
		if err == nil || kills > repeats || !proc.struckDown(err) || ctx.Err() != nil {
			return proc, err
		}
	}
}

// struckDown says whether a process that did not start was ended by a signal, and by none
// of ours: those follow on a timeout, or on words that no plugin says.
func (proc *process) struckDown(err error) bool {
	var f *Fault
	if !errors.As(err, &f) || f.Err == nil {
		return false
	}
	text := f.Err.Error()
	if !proc.gone() || !proc.command.signalled() || errors.Is(err, errSlow) || errors.Is(err, errIdle) || otherVersion.MatchString(text) {
		return false
	}
	o := otherThing.FindStringSubmatch(text)
	return o == nil || o[1] == ""
}

// startOnce is one attempt: handshake, connection, a ping (a plugin that ignores TLS fails only
// there) and its description, all within the start timeout. The process is killed where
// that is what it takes to get go-plugin's calls to return.
func (p *Plugin) startOnce(ctx context.Context) (*process, error) {
	proc := &process{said: &tail{}}
	proc.command = newCommand(p.options, p.thread)
	log := newLog(p.options.Log.With("plugin", p.options.Name))
	proc.client = plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  handshake,
		VersionedPlugins: versions(nil),
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		RunnerFunc: func(_ hclog.Logger, spec *exec.Cmd, _ string) (runner.Runner, error) {
			return proc.command, proc.command.prepare(spec.Env)
		},
		AutoMTLS:         true,
		SkipHostEnv:      true,
		UnixSocketConfig: &plugin.UnixSocketConfig{TempDir: p.dir},
		StartTimeout:     p.options.StartTimeout,
		Logger:           log,
		Stderr:           proc.said,
		SyncStdout:       lines(log.to, "stdout"),
		SyncStderr:       lines(log.to, "stderr"),
		GRPCDialOptions: []grpc.DialOption{grpc.WithInitialWindowSize(windowBytes), grpc.WithInitialConnWindowSize(windowBytes),
			grpc.WithDefaultCallOptions(grpc.ForceCodecV2(newCodec()), grpc.MaxCallRecvMsgSize(maxMessageBytes), grpc.MaxCallSendMsgSize(maxMessageBytes))},
	})
	ctx, cancel := detach(ctx, p.options.StartTimeout)
	defer cancel(nil)
	met := make(chan error, 1)
	go func() { met <- proc.meet(ctx) }()
	var err error
	select {
	case err = <-met:
	case <-ctx.Done():
		_ = proc.command.Kill(ctx) // that it has gone is what is waited for
		<-met                      //nolint:errcheck // that it is over is what was waited for
		err = context.Cause(ctx)
	}
	if err == nil {
		return proc, nil
	}
	proc.kill()
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, errSlow) {
		return proc, fmt.Errorf("plugin %s: start: %w", p.options.Name, cause)
	}
	return proc, p.fault("start", err, "%s", whyNotStarted(err, p.options.StartTimeout, proc.said.last()))
}

var (
	errSlow = errors.New("too slow")
	errIdle = errors.New("it serves no method")
)

func (proc *process) meet(ctx context.Context) error {
	conn, err := proc.client.Client()
	if err != nil {
		return err
	}
	stub, err := conn.Dispense(service)
	if err != nil {
		return err
	}
	if err := conn.Ping(); err != nil {
		return err
	}
	proc.stub = stub.(methodpb.MethodsClient)
	answer, err := proc.stub.Describe(ctx, &methodpb.DescribeRequest{})
	if err != nil {
		return err
	}
	if len(answer.GetMethods()) == 0 {
		return errIdle
	}
	proc.served, proc.maps, proc.sequels = answer.GetMethods(), answer.GetMaps(), answer.GetSequels()
	return nil
}

var (
	otherVersion = regexp.MustCompile(`Plugin version: (\d+), Client versions: \[([\d ]+)\]`)
	otherThing   = regexp.MustCompile(`Unrecognized remote plugin message: ([^\n]*)`)
)

// whyNotStarted turns what go-plugin says into what the user should read.
func whyNotStarted(err error, patience time.Duration, said string) string {
	text := err.Error()
	switch v, o := otherVersion.FindStringSubmatch(text), otherThing.FindStringSubmatch(text); {
	case v != nil:
		return fmt.Sprintf("it speaks protocol version %s, and this host speaks %s: build the plugin and simrun from the same loramesh", v[1], v[2])
	case strings.Contains(text, "exited before we could connect"), o != nil && o[1] == "":
		return "it ended before it said hello" + said + ": is it a plugin of loramesh?"
	case o != nil:
		return fmt.Sprintf("it is no plugin of loramesh: it printed %q instead of a handshake", o[1])
	case errors.Is(err, errSlow), strings.Contains(text, "timeout while waiting"):
		return fmt.Sprintf("it did not say hello within %v", patience) + said
	case errors.Is(err, os.ErrPermission), strings.Contains(text, "exec format error"):
		return text + ": is it a program for this machine?"
	}
	return text + said
}

// pid is the process's number.
func (proc *process) pid() int { return proc.command.pid() }

// gone says whether the process has ended.
func (proc *process) gone() bool {
	select {
	case <-proc.command.gone:
		return true
	default:
		return false
	}
}

// patienceAtEnd is how long a process may take to end by itself. A broken connection is
// seen a little earlier than the end that broke it.
const patienceAtEnd = 2 * time.Second

// end waits for the process to be gone, and kills it if that takes too long.
func (proc *process) end(patience time.Duration) {
	select {
	case <-proc.command.gone:
		return
	case <-time.After(patience):
	}
	_ = proc.command.Kill(context.Background())
	select {
	case <-proc.command.gone:
	case <-time.After(patienceAtEnd):
	}
}

// kill ends the process, politely if it listens, and waits for it. go-plugin would wait
// for ever for one that does not answer.
func (proc *process) kill() {
	proc.hangUp()
	late := time.AfterFunc(patienceAtEnd, func() { _ = proc.command.Kill(context.Background()) })
	defer late.Stop()
	proc.client.Kill()
}
