package remote

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/methodpb"
)

// client is a method as the host sees it.
type client struct {
	plugin *Plugin
	card   method.Card
}

// checker is a client whose method has the power to check.
type checker struct{ *client }

var (
	_ method.Method          = (*client)(nil)
	_ method.MethodWithCheck = checker{}
)

// Describe is what the plugin said when it started.
func (c *client) Describe() method.Card { return c.card }

func (c *client) Plan(ctx context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	return c.plan(ctx, r, nil)
}

// plan asks for a plan, of which a process may have died already.
func (c *client) plan(ctx context.Context, r method.PlanRequest, died *process) (method.PlanResponse, error) {
	host := newHost(r.Blobs, nil)
	done, err := c.call(ctx, "plan", host, died, func() (frame, error) { return methodpb.MarshalPlan(c.card.Name, r) })
	if err != nil {
		return method.PlanResponse{}, err
	}
	return c.planned(r, host, done)
}

// planned is a plugin's answer to a Plan.
func (c *client) planned(r method.PlanRequest, host *host, done *methodpb.Done) (method.PlanResponse, error) {
	kind, ok := done.GetKind().(*methodpb.Done_Plan)
	if !ok {
		return method.PlanResponse{}, c.fault("plan", nil, "it answered with %T", done.GetKind())
	}
	out := methodpb.ToPlanResponse(kind.Plan)
	if err := method.ValidatePlan(r, out, host.has); err != nil {
		return method.PlanResponse{}, c.fault("plan", err, "its answer makes no sense: %v", err)
	}
	return out, nil
}

func (c *client) Fold(ctx context.Context, r method.FoldRequest) (method.FoldResponse, error) {
	return c.fold(ctx, r, newHost(r.Blobs, r.Reports))
}

func (c *client) fold(ctx context.Context, r method.FoldRequest, host *host) (method.FoldResponse, error) {
	done, err := c.call(ctx, "fold", host, nil, func() (frame, error) {
		return begin(&methodpb.Begin{Method: c.card.Name, Sequel: host.tells, Request: &methodpb.Begin_Fold{Fold: methodpb.FromFoldRequest(r)}})
	})
	if err != nil {
		return method.FoldResponse{}, err
	}
	kind, ok := done.GetKind().(*methodpb.Done_Fold)
	if !ok {
		return method.FoldResponse{}, c.fault("fold", nil, "it answered with %T", done.GetKind())
	}
	out := methodpb.ToFoldResponse(kind.Fold)
	if err := method.ValidateFold(r, out, host.has); err != nil {
		return method.FoldResponse{}, c.fault("fold", err, "its answer makes no sense: %v", err)
	}
	return out, nil
}

// Check asks the method what is wrong with a scenario.
func (c checker) Check(ctx context.Context, s method.Scene) ([]method.Problem, error) {
	done, err := c.call(ctx, "check", newHost(s.Blobs, nil), nil, func() (frame, error) {
		return begin(&methodpb.Begin{Method: c.card.Name, Request: &methodpb.Begin_Check{Check: methodpb.FromScene(s)}})
	})
	if err != nil {
		return nil, err
	}
	kind, ok := done.GetKind().(*methodpb.Done_Check)
	if !ok {
		return nil, c.fault("check", nil, "it answered with %T", done.GetKind())
	}
	var found []method.Problem
	for _, p := range kind.Check.GetProblems() {
		found = append(found, methodpb.ToProblem(p))
	}
	return found, nil
}

// begin is the first message of a call.
func begin(b *methodpb.Begin) (frame, error) {
	return proto.Marshal(&methodpb.FromHost{Kind: &methodpb.FromHost_Begin{Begin: b}})
}

// call asks until there is an answer. A process that died is replaced, and asked the
// same: the method is a pure function of the request, so nothing is lost by it. failed is one
// that died of the request before; nil: none has.
func (c *client) call(ctx context.Context, name string, h *host, failed *process, begin func() (frame, error)) (*methodpb.Done, error) {
	crashes := 1
	if failed != nil {
		crashes++
	}
	for ; ; crashes++ {
		proc, err := c.plugin.running(ctx, failed)
		if err != nil {
			return nil, err
		}
		done, err := c.once(ctx, proc, name, h, begin)
		if !errors.Is(err, errDied) {
			return done, err
		}
		if crashes > repeats {
			return nil, c.fault(name, nil, "it crashed %d times in a row on the same request%s", crashes, proc.said.last())
		}
		failed = proc
	}
}

// errDied marks an attempt that ended with the process.
var errDied = errors.New("the plugin's process died")

// once asks one process once.
func (c *client) once(ctx context.Context, proc *process, name string, h *host, begin func() (frame, error)) (*methodpb.Done, error) {
	patience := c.plugin.options.CallTimeout
	within, cancel := detach(ctx, patience)
	defer cancel(nil)
	h.begin(proc, c.plugin.options.Inline)
	defer h.end()
	first, err := begin()
	if err != nil {
		return nil, fmt.Errorf("plugin %s, method %s: the request of a %s has no form: %w", c.plugin.options.Name, c.card.Name, name, err)
	}
	done, err := h.converse(within, proc, first)
	cause := context.Cause(within)
	var nonsense nonsense
	switch {
	case cause != nil && cause != errSlow:
		return nil, fmt.Errorf("plugin %s, method %s: %s: %w", c.plugin.options.Name, c.card.Name, name, cause)
	case err == nil:
		return c.said(name, h, done)
	case cause == errSlow:
		proc.end(0) // whoever else is asking this process asks a fresh one
		return nil, c.fault(name, errSlow, "no answer within %v: its process was killed", patience)
	case errors.As(err, &nonsense):
		return nil, c.fault(name, err, "%v", err)
	case status.Code(err) == codes.Unavailable || proc.gone():
		proc.end(patienceAtEnd)
		return nil, errDied
	}
	return nil, c.fault(name, err, "its answer did not arrive: %s", status.Convert(err).Message())
}

// detach is ctx without its deadline, cancelled when ctx is or when patience is over: gRPC
// would tell the plugin of a deadline, and then it is chance whether the host or the plugin
// ends the call first, and with which words.
func detach(ctx context.Context, patience time.Duration) (context.Context, context.CancelCauseFunc) {
	within, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })
	late := time.AfterFunc(patience, func() { cancel(errSlow) })
	return within, func(cause error) {
		stop()
		late.Stop()
		cancel(cause)
	}
}

// said tells an answer from an error of the method, and the method's from the host's: a
// disk that is full is no fault of a plugin that passes the news on, or keeps it.
func (c *client) said(name string, h *host, done *methodpb.Done) (*methodpb.Done, error) {
	if h.failed != nil {
		return nil, fmt.Errorf("method %s: %s: %w", c.card.Name, name, h.failed)
	}
	switch kind := done.GetKind().(type) {
	case *methodpb.Done_Error:
		return nil, c.fault(name, nil, "%s", kind.Error)
	case *methodpb.Done_Panic:
		return nil, c.fault(name, nil, "it panicked: %s", kind.Panic)
	}
	return done, nil
}

func (c *client) fault(call string, err error, format string, args ...any) *Fault {
	return &Fault{Plugin: c.plugin.options.Name, Method: c.card.Name, Call: call, Why: fmt.Sprintf(format, args...), Err: err}
}
