package remotetest

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/remote"
)

// bad is the toy with a fault in the answer to Plan or Fold.
type bad struct {
	Toy
	plan func(*method.PlanResponse) error
	fold func(*method.FoldResponse) error
}

func (b bad) Plan(ctx context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	out, err := b.Toy.Plan(ctx, r)
	if err == nil && b.plan != nil {
		err = b.plan(&out)
	}
	return out, err
}

func (b bad) Fold(ctx context.Context, r method.FoldRequest) (method.FoldResponse, error) {
	out, err := b.Toy.Fold(ctx, r)
	if err == nil && b.fold != nil {
		err = b.fold(&out)
	}
	return out, err
}

// badAnswers are faults of a method. Those of a program are in [Main].
var badAnswers = map[string]bad{
	"good":        {},
	"quiet":       {fold: quiet},
	"quiet-panic": {plan: func(*method.PlanResponse) error { panic("on purpose") }, fold: quiet},
	"quiet-hang":  {plan: func(*method.PlanResponse) error { time.Sleep(time.Hour); return nil }, fold: quiet},
	"quiet-crash": {plan: func(*method.PlanResponse) error { os.Exit(3); return nil }, fold: quiet},
	"quiet-huge":  {plan: func(p *method.PlanResponse) error { p.State.Bytes = make([]byte, method.MaxStateBytes+1); return nil }, fold: quiet},
	"crash":       {plan: func(*method.PlanResponse) error { os.Exit(3); return nil }},
	"crash-fold":  {fold: func(*method.FoldResponse) error { os.Exit(3); return nil }},
	"crash-once": {plan: func(*method.PlanResponse) error { once(); return nil },
		fold: func(*method.FoldResponse) error { once(); return nil }},
	"panic": {plan: func(*method.PlanResponse) error { panic("on purpose") }},
	"panic-aside": {plan: func(*method.PlanResponse) error {
		go panic("on purpose")
		select {}
	}},
	"hang":      {plan: func(*method.PlanResponse) error { time.Sleep(time.Hour); return nil }},
	"hang-fold": {fold: func(*method.FoldResponse) error { time.Sleep(time.Hour); return nil }},
	"error":     {fold: func(*method.FoldResponse) error { return fmt.Errorf("no such luck") }},
	"big-state": {plan: func(p *method.PlanResponse) error { p.State.Bytes = make([]byte, method.MaxStateBytes+1); return nil }},
	"no-blob": {fold: func(f *method.FoldResponse) error {
		f.State.Holds = append(f.State.Holds, method.Blob(strings.Repeat("0", 64)))
		return nil
	}},
	"bad-recipe": {plan: func(p *method.PlanResponse) error {
		p.Assign[0].Recipe = method.Fit{Model: method.Model{Base: "nowhere"}}
		return nil
	}},
	"no-recipe": {plan: func(p *method.PlanResponse) error { p.Assign[0].Recipe = nil; return nil }},
	"not-utf8":  {plan: func(p *method.PlanResponse) error { p.Assign[0].Name = "\xff"; return nil }},
	"idle":      {plan: func(p *method.PlanResponse) error { *p = method.PlanResponse{}; return nil }},
	"long-note": {fold: func(f *method.FoldResponse) error {
		f.Notes = []method.Note{{Text: make([]byte, method.MaxNoteBytes+1)}}
		return nil
	}},
	"env": {fold: func(f *method.FoldResponse) error { f.Warnings = os.Environ(); return nil }},
	"huge": {fold: func(f *method.FoldResponse) error {
		f.Warnings = []string{strings.Repeat("w", 65<<20)}
		return nil
	}},
}

// quiet has nothing to note about anybody, so that a plan can follow at once.
func quiet(f *method.FoldResponse) error { f.Notes = nil; return nil }

// writer writes to what it was lent.
type writer struct{ Toy }

func (writer) Fold(_ context.Context, r method.FoldRequest) (out method.FoldResponse, _ error) {
	for x, err := range r.Reports.All() {
		if err != nil {
			return out, err
		}
		t, err := r.Blobs.Open(x.Blob("lora"))
		if err != nil {
			return out, err
		}
		t.List[0].Data[0] = 1
	}
	return out, nil
}

// badPrograms are faults of a program, or what takes one to show, most of them before any method is called.
var badPrograms = map[string]func(){
	"exit":       func() { fmt.Fprintln(os.Stderr, "cannot find my configuration"); os.Exit(2) },
	"garbage":    func() { fmt.Println("Hello, I am not a plugin."); time.Sleep(time.Hour) },
	"silent":     func() { time.Sleep(time.Hour) },
	"version":    otherVersion,
	"empty":      func() { remote.Serve(nil) },
	"twins":      func() { remote.Serve([]method.Method{Toy{}, Toy{}}) },
	"writes":     func() { remote.Serve([]method.Method{writer{}}) },
	"quiet-puts": func() { remote.Serve([]method.Method{&thinker{bad: bad{fold: quiet}}}) },
	"no-card":    func() { remote.Serve([]method.Method{nameless{}}) },
}

type nameless struct{ Toy }

func (nameless) Describe() method.Card { return method.Card{Name: "No Name"} }

// Modes are the faults that [Main] can show, and "good".
func Modes() []string {
	var list []string
	for name := range badAnswers {
		list = append(list, name)
	}
	for name := range badPrograms {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// Main is the main function of a plugin with the given fault. "crash-once" crashes in
// every call until the file that SIMRUN_TEST_CRASHES names is as long as it likes: three
// bytes, one for each crash.
func Main(mode string) {
	if f, ok := badPrograms[mode]; ok {
		f()
		return
	}
	m, ok := badAnswers[mode]
	if !ok {
		fmt.Fprintf(os.Stderr, "%q is no mode; there are %q\n", mode, Modes())
		os.Exit(2)
	}
	remote.Serve([]method.Method{m})
}

// once crashes, unless it has done so three times.
func once() {
	name := os.Getenv("SIMRUN_TEST_CRASHES")
	if info, err := os.Stat(name); err == nil && info.Size() >= 3 {
		return
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	_, _ = f.WriteString("x")
	f.Close()
	os.Exit(3)
}

// otherVersion speaks a protocol that does not exist yet.
func otherVersion() {
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig:  remote.Handshake(),
		VersionedPlugins: map[int]plugin.PluginSet{remote.ProtocolVersion + 1: {}},
		GRPCServer:       func(o []grpc.ServerOption) *grpc.Server { return grpc.NewServer(o...) },
	})
}
