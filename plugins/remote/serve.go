package remote

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/methodpb"
)

// Serve is the main function of a plugin: it serves the methods until the host ends.
// Started by anything but a host, it says so on standard error and exits with 1.
func Serve(set []method.Method) {
	if !IsPlugin() {
		_, _ = os.Stderr.WriteString(byHand(os.Args[0], set))
		os.Exit(1)
	}
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

// byHand is what somebody reads who started a plugin himself.
func byHand(program string, set []method.Method) string {
	names := make([]string, len(set))
	for i, m := range set {
		names[i] = m.Describe().Name
	}
	return fmt.Sprintf("%s serves %s to simrun, which starts it. Call the program simrun-method-NAME, and name its folder:\n  simrun plugin list --plugin-path %s\n",
		filepath.Base(program), strings.Join(names, ", "), filepath.Dir(program))
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
	out := &methodpb.DescribeResponse{Maps: blob.Maps, Sequels: true}
	for _, m := range s.set {
		_, checks := m.(method.MethodWithCheck)
		out.Methods = append(out.Methods, &methodpb.Served{Card: methodpb.FromCard(m.Describe()), Checks: checks})
	}
	return out, nil
}

// Call answers one call after the other until the host hangs up.
func (s *server) Call(stream methodpb.Methods_CallServer) (err error) {
	reader, room, gone := blob.NewReader(), &room{}, beginFreeing() // what one call looked at is often what the next one looks at
	defer func() { err = errors.Join(err, gone.end(), reader.Close()) }()
	for {
		if err := s.one(stream, reader, room, gone); err != nil {
			return err
		}
	}
}

// one answers one call, and the plan that follows if that came with it. Files that are gone are let go of
// before and after, never during a call: a method may look at whatever it has opened.
func (s *server) one(stream methodpb.Methods_CallServer, reader *blob.Reader, room *room, gone *freeing) error {
	var first text
	if err := stream.RecvMsg(&first); err != nil {
		return err
	}
	begin, offered, err := methodpb.UnmarshalBegin(string(first))
	if err != nil || begin == nil {
		return status.Errorf(codes.InvalidArgument, "a call begins with Begin (%v)", err)
	}
	free := reader.Leave() // a path may be another file's by now
	defer func() {         // not before: the host waits for the answer
		gone.hand(free)
		gone.hand(reader.Leave())
	}()
	ask := newAsker(stream, reader, room, begin)
	done, err := s.call(ask, begin, offered)
	left := ask.end()
	if err == nil && done.GetSequel() {
		left, err = s.sequel(ask, gone, left, done.GetFold())
	}
	for range left { // batches that were asked for and are not wanted, and what became of blobs
		if err == nil {
			err = stream.RecvMsg(&first)
		}
	}
	return err
}

// call answers a request.
func (s *server) call(ask *asker, begin *methodpb.Begin, offered []method.Participant) (*methodpb.Done, error) {
	done := s.answer(ask.stream.Context(), begin, offered, ask)
	done.Sequel = begin.GetSequel() && done.GetFold() != nil && len(done.GetFold().GetNotes()) == 0 && ask.whole()
	err := ask.stream.Send(&methodpb.FromPlugin{Kind: &methodpb.FromPlugin_Done{Done: done}})
	runtime.Gosched() // gRPC's writer goes first: what is begun here would keep it waiting
	return done, err
}

// sequel answers the plan that follows a fold, of which some is left to be read: the plan too, where the
// method has not read as far.
func (s *server) sequel(fold *asker, gone *freeing, left []pending, folded *methodpb.FoldResponse) ([]pending, error) {
	for !fold.told && len(left) > 0 {
		var m text
		if err := fold.stream.RecvMsg(&m); err != nil {
			return nil, err
		}
		if left[0].sequel {
			fold.sequel, fold.told = m, true
		}
		left = left[1:]
	}
	begin, offered, err := methodpb.UnmarshalSequel(string(fold.sequel))
	if err != nil || begin.GetPlan().GetScene() == nil {
		return nil, status.Errorf(codes.InvalidArgument, "what follows a fold is a plan (%v)", err)
	}
	if begin.GetPlan().Scene.State, err = travelled(folded.GetState()); err != nil {
		return nil, err
	}
	ask := fold.after(left)
	ask.late = func() { gone.hand(fold.reader.Leave()) }
	_, err = s.call(ask, begin, offered)
	return ask.end(), err
}

// travelled is a state as it is once it has been to the host and back.
func travelled(x *methodpb.State) (*methodpb.State, error) {
	wire, err := proto.Marshal(x)
	if err != nil {
		return nil, err
	}
	back := &methodpb.State{}
	return back, proto.Unmarshal(wire, back)
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
