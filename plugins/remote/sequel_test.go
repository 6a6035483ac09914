package remote_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/remote"
)

// following is a fold, the plan that was said to follow, and the plan that is asked for.
func following(t *testing.T, m method.Method, w world, change func(*method.PlanRequest), between func()) string {
	t.Helper()
	next := w.plan
	next.Round++
	next.State = method.State{}
	fold, sequel, err := m.(method.MethodWithSequel).FoldWithSequel(t.Context(), w.fold, next)
	if err != nil {
		t.Fatal(err)
	}
	if sequel == nil {
		t.Fatal("the plugin thinks about no plan")
	}
	between()
	next.State = fold.State
	change(&next)
	plan, err := sequel.Plan(t.Context(), next)
	if err != nil {
		t.Fatal(err)
	}
	want, err := m.Plan(t.Context(), next)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(method.Canonical(plan)), string(method.Canonical(want)); got != want {
		t.Errorf("told of it beforehand %.300s…\nasked %.300s…", got, want)
	}
	return fmt.Sprintf("%s\n%s", method.Canonical(fold), method.Canonical(plan))
}

// A plan that a plugin was told of with a fold is the one that it makes when asked: where reports take
// one batch or three, where tensors are mapped or sent, where it is asked for something else after all,
// and where the process has died since.
func TestSequelsArePlans(t *testing.T) {
	same, none := func(*method.PlanRequest) {}, func() {}
	for _, participants := range []int{1, 2500} {
		w := newWorld(t, participants)
		first := following(t, open(t, "quiet").Methods()[0], w, same, none)
		if got := following(t, open(t, "quiet", inline).Methods()[0], w, same, none); got != first {
			t.Errorf("mapped %.300s…\nsent %.300s…", first, got)
		}
		p := open(t, "quiet")
		killed := func() {
			if x, err := os.FindProcess(p.Pid()); err != nil || x.Kill() != nil {
				t.Fatal("not killed", err)
			}
		}
		if got := following(t, p.Methods()[0], w, same, killed); got != first || p.Restarts() != 1 {
			t.Errorf("%d restarts\n  lives %.300s…\nkilled %.300s…", p.Restarts(), first, got)
		}
		for name, change := range map[string]func(*method.PlanRequest){
			"round": func(r *method.PlanRequest) { r.Round++ },
			"state": func(r *method.PlanRequest) { r.State.Holds = nil },
			"params": func(r *method.PlanRequest) {
				r.Params = method.Values{}
				for k, v := range w.plan.Params {
					r.Params[k] = v
				}
				r.Params["name"] = "train"
			},
			"offered": func(r *method.PlanRequest) { r.Offered = r.Offered[:0] },
		} {
			p := open(t, "quiet")
			following(t, p.Methods()[0], w, change, none)
			if p.Restarts() != 0 {
				t.Errorf("%s: the process was started again", name)
			}
		}
	}
}

// Whatever came of a fold, a plan is thought about where there can be one, and is dropped without a trace.
func TestSequelsThatAreNone(t *testing.T) {
	w := newWorld(t, 3)
	fold := func(mode string) (method.Sequel, error) {
		_, s, err := open(t, mode).Methods()[0].(method.MethodWithSequel).FoldWithSequel(t.Context(), w.fold, w.plan)
		return s, err
	}
	if s, err := fold("good"); s != nil || err != nil {
		t.Errorf("a method that notes something goes on with %v, %v", s, err)
	}
	for _, mode := range []string{"error", "no-blob", "crash-fold"} {
		var f *remote.Fault
		if s, err := fold(mode); s != nil || !errors.As(err, &f) {
			t.Errorf("%s: %v, %v", mode, s, err)
		}
	}
	s, err := fold("quiet")
	if err != nil || s == nil {
		t.Fatal(s, err)
	}
	s.Drop()
}

// An answer that makes no sense is refused as it is where the plan is asked for.
func TestSequelsAreValidated(t *testing.T) {
	w := newWorld(t, 3)
	m := open(t, "quiet-huge").Methods()[0]
	out, s, err := m.(method.MethodWithSequel).FoldWithSequel(t.Context(), w.fold, w.plan)
	if err != nil || s == nil {
		t.Fatal(s, err)
	}
	w.plan.State = out.State
	_, err = s.Plan(t.Context(), w.plan)
	_, asked := m.Plan(t.Context(), w.plan)
	if err == nil || asked == nil || err.Error() != asked.Error() || !strings.Contains(err.Error(), "state.bytes") {
		t.Errorf("told %v\nasked %v", err, asked)
	}
}
