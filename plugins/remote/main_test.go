package remote_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/remote"
	"github.com/loramesh/loramesh/plugins/remote/remotetest"
)

// The test binary is also the plugins it tests with, and a host that is killed.
func TestMain(m *testing.M) {
	switch {
	case remote.IsPlugin():
		remotetest.Main(os.Args[1])
	case len(os.Args) == 2 && os.Args[1] == "host":
		hostToKill()
	default:
		os.Exit(m.Run())
	}
}

func self(t testing.TB) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// open starts this binary as a plugin with the given fault.
func open(t *testing.T, mode string, change ...func(*remote.Options)) *remote.Plugin {
	t.Helper()
	p, err := tryOpen(t, mode, change...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// signal signals a process by its number, on any system that knows the signal.
func signal(pid int, s os.Signal) error {
	p, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	return p.Signal(s)
}

func tryOpen(t *testing.T, mode string, change ...func(*remote.Options)) (*remote.Plugin, error) {
	t.Helper()
	o := remote.Options{
		Command: []string{self(t), mode}, Name: mode, RunDir: t.TempDir(),
		Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
	for _, f := range change {
		f(&o)
	}
	p, err := remote.Open(t.Context(), o)
	if err == nil {
		t.Cleanup(func() { p.Close() })
	}
	return p, err
}

// world is a store and the requests of one round.
type world struct {
	store *blob.Store
	plan  method.PlanRequest
	fold  method.FoldRequest
}

func newWorld(t testing.TB, participants int) world {
	t.Helper()
	s, err := blob.Create(filepath.Join(t.TempDir(), "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	scene := method.Scene{
		Params: remotetest.Toy{}.Describe().Defaults(), Round: 2, Now: 7.5, Seed: 1 << 63,
		Stage: method.Stage{Name: "train", Count: 1, Rounds: 5},
		Bases: []method.Base{{Name: "main", Width: 4, Blocks: 1, Modules: []method.Module{{Name: "0.q", Out: 4, In: 4}}}},
		Start: method.Model{Base: "main"},
		State: method.State{Bytes: []byte("before")},
		Blobs: s,
	}
	w := world{store: s, plan: method.PlanRequest{Scene: scene, Pools: []method.Pool{{Role: "client", Size: participants}}}}
	var reports method.ReportList
	for i := range participants {
		id := method.ID{Pool: "client", Index: i}
		w.plan.Offered = append(w.plan.Offered, method.Participant{ID: id, Role: "client", Examples: i + 1, Rank: 2})
		b, err := s.Put(method.Tensors{Meta: map[string]string{"kind": "adapter"}, List: []method.Tensor{
			{Name: "0.q.A", Shape: []int{1, 4}, Data: []float32{float32(i), 1, 2, 3}}}})
		if err != nil {
			t.Fatal(err)
		}
		reports = append(reports, method.Report{Round: 2, Name: "fit", From: id, Examples: i + 1, Share: 1,
			Made: []method.Named{{Name: "lora", Blob: b}}, Values: []method.Value{{Name: "loss", Value: 1.5, Weight: 3}}})
	}
	w.fold = method.FoldRequest{Scene: scene, Reports: reports, Missing: []method.Missing{{To: method.ID{Pool: "client", Index: 99}, Name: "fit", Why: "late"}}}
	return w
}

// round is one Plan and one Fold, as canonical bytes.
func round(ctx context.Context, m method.Method, w world) (string, error) {
	plan, err := m.Plan(ctx, w.plan)
	if err != nil {
		return "", err
	}
	fold, err := m.Fold(ctx, w.fold)
	if err != nil {
		return "", err
	}
	w.plan.State = fold.State // what was put is there for the next call
	next, err := m.Plan(ctx, w.plan)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s\n%s\n%s", method.Canonical(plan), method.Canonical(fold), method.Canonical(next)), nil
}

// hostToKill opens a plugin, says its number and waits.
func hostToKill() {
	path, _ := os.Executable()
	p, err := remote.Open(context.Background(), remote.Options{Command: []string{path, "good"}})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(p.Pid())
	time.Sleep(time.Hour)
}
