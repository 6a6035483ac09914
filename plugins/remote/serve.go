package remote

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/methodpb"
)

// Serve is the main function of a plugin: it serves the methods until the host ends.
// Started by anything but a host, it says so on standard error and exits with 1.
func Serve(set []method.Method) {
	dieWithParent()
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig:  handshake,
		VersionedPlugins: versions(&server{set: set}),
		GRPCServer: func(o []grpc.ServerOption) *grpc.Server {
			return grpc.NewServer(append(o, grpc.ForceServerCodecV2(newCodec()), grpc.InitialWindowSize(windowBytes), grpc.InitialConnWindowSize(windowBytes),
				grpc.MaxRecvMsgSize(maxMessageBytes), grpc.MaxSendMsgSize(maxMessageBytes))...)
		},
	})
}

// server is the plugin's end of the conversation. Calls may be concurrent.
type server struct {
	methodpb.UnimplementedMethodsServer
	set []method.Method
}

func (s *server) Describe(context.Context, *methodpb.DescribeRequest) (_ *methodpb.DescribeResponse, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = status.Errorf(codes.Internal, "it panicked: %v", p)
		}
	}()
	out := &methodpb.DescribeResponse{Maps: blob.Maps}
	for _, m := range s.set {
		_, checks := m.(method.MethodWithCheck)
		out.Methods = append(out.Methods, &methodpb.Served{Card: methodpb.FromCard(m.Describe()), Checks: checks})
	}
	return out, nil
}

// Call answers one call after the other until the host hangs up.
func (s *server) Call(stream methodpb.Methods_CallServer) (err error) {
	reader, gone := blob.NewReader(), beginFreeing() // what one call looked at is often what the next one looks at
	defer func() { err = errors.Join(err, gone.end(), reader.Close()) }()
	for {
		if err := s.one(stream, reader, gone); err != nil {
			return err
		}
	}
}

// one answers one call. Files that are gone are let go of before and after it, never during it:
// a method may look at whatever it has opened.
func (s *server) one(stream methodpb.Methods_CallServer, reader *blob.Reader, gone *freeing) error {
	var first frame
	if err := stream.RecvMsg(&first); err != nil {
		return err
	}
	begin, offered, err := methodpb.UnmarshalBegin(first)
	if err != nil || begin == nil {
		return status.Errorf(codes.InvalidArgument, "a call begins with Begin (%v)", err)
	}
	free := reader.Leave() // a path may be another file's by now
	ask := newAsker(stream, reader, begin.GetFold() != nil)
	done := s.answer(stream.Context(), begin, offered, ask)
	unread := ask.end()
	defer func() { // not before: the host waits for the answer
		gone.hand(free)
		gone.hand(reader.Leave())
	}()
	if err := stream.Send(&methodpb.FromPlugin{Kind: &methodpb.FromPlugin_Done{Done: done}}); err != nil {
		return err
	}
	for range unread { // batches that were asked for and are not wanted, and what became of blobs
		if err := stream.RecvMsg(&first); err != nil {
			return err
		}
	}
	return nil
}

// answer calls the method. What it panics of, or returns as an error, is an answer too.
func (s *server) answer(ctx context.Context, begin *methodpb.Begin, offered []method.Participant, ask *asker) (done *methodpb.Done) {
	debug.SetPanicOnFault(true) // writing to a mapped tensor is a panic, not the end of the process
	defer func() {
		if p := recover(); p != nil {
			done = &methodpb.Done{Kind: &methodpb.Done_Panic{Panic: clean(fmt.Sprintf("%v\n%s", p, debug.Stack()))}}
		}
	}()
	done, err := s.dispatch(ctx, begin, offered, ask)
	if err != nil {
		return &methodpb.Done{Kind: &methodpb.Done_Error{Error: clean(err.Error())}}
	}
	return done
}

func clean(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }

func (s *server) dispatch(ctx context.Context, begin *methodpb.Begin, offered []method.Participant, ask *asker) (*methodpb.Done, error) {
	var m method.Method
	for _, x := range s.set {
		if x.Describe().Name == begin.GetMethod() {
			m = x
		}
	}
	if m == nil {
		return nil, fmt.Errorf("this plugin has no method %q", begin.GetMethod())
	}
	switch r := begin.GetRequest().(type) {
	case *methodpb.Begin_Plan:
		in := methodpb.ToPlanRequest(r.Plan)
		in.Blobs, in.Offered = ask, offered
		out, err := m.Plan(ctx, in)
		if err != nil {
			return nil, err
		}
		return &methodpb.Done{Kind: &methodpb.Done_Plan{Plan: methodpb.FromPlanResponse(out)}}, nil
	case *methodpb.Begin_Fold:
		in := methodpb.ToFoldRequest(r.Fold)
		in.Blobs, in.Reports = ask, reports{ask, int(r.Fold.GetReports())}
		out, err := m.Fold(ctx, in)
		if err != nil {
			return nil, err
		}
		return &methodpb.Done{Kind: &methodpb.Done_Fold{Fold: methodpb.FromFoldResponse(out)}}, nil
	case *methodpb.Begin_Check:
		c, ok := m.(method.MethodWithCheck)
		if !ok {
			return nil, fmt.Errorf("method %q does not check", begin.GetMethod())
		}
		in := methodpb.ToScene(r.Check)
		in.Blobs = ask
		problems, err := c.Check(ctx, in)
		if err != nil {
			return nil, err
		}
		out := &methodpb.CheckResponse{}
		for _, p := range problems {
			out.Problems = append(out.Problems, methodpb.FromProblem(p))
		}
		return &methodpb.Done{Kind: &methodpb.Done_Check{Check: out}}, nil
	}
	return nil, errors.New("a request of an unknown kind: the host speaks a newer protocol")
}
