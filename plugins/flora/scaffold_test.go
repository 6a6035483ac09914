package flora

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/lora/server"
	"github.com/loramesh/loramesh/plugins/method"
)

// The server's control gathers what clients' changed by, a cohort's share of the population
// of 100 in each round, and every client is sent it for what all share, and that alone.
func TestServersControl(t *testing.T) {
	for name, c := range map[string]struct {
		m  method.Method
		of string
	}{"fedit": {FedIT(), upload}, "ffa": {FFA(), factorB}, "fedsa": {FedSA(), factorA}, "ditto": {Ditto(), upload}, "fedrep": {FedRep(), upload}} {
		g := newGame(t, c.m, 2, 2, 2)
		g.with["control"], g.with["server"], g.with["server_lr"] = byScaffold, "fedadam", 0.5
		g.people[0].Examples = 30
		want := server.Variates{}
		var sent method.Blob
		for r, present := range [][]int{{0, 1, 2}, {0, 2}, {1}} {
			out := g.round(present...)
			for _, a := range g.asked {
				f := a.Recipe.(method.Fit)
				i := slices.IndexFunc(f.Objective, func(x method.Term) bool { _, ok := x.Loss.(method.Control); return ok })
				if (i >= 0) != (a.Name == "fit") {
					t.Fatalf("%s, round %d: the assignment %q has the objective %+v", name, r, a.Name, f.Objective)
				}
				if i >= 0 {
					if l := f.Objective[i].Loss.(method.Control); l.Of != c.of || l.Server != sent {
						t.Errorf("%s, round %d: it is corrected by %+v, expected of %s by %.8s…", name, r, l, c.of, sent)
					}
				}
			}
			n := 0
			for _, rep := range g.reports {
				if rep.Name == "fit" {
					n += rep.Examples
				}
			}
			for _, rep := range g.reports {
				if rep.Name != "fit" {
					continue
				}
				now, was := g.variates(rep.Made), g.variates(rep.Began)
				if err := want.Gather(float64(len(present))/100*float64(rep.Examples)/float64(n), was, now); err != nil {
					t.Fatal(err)
				}
			}
			sent = out.State.Holds[len(out.State.Holds)-1]
			got := g.variates([]method.Named{{Name: method.KeptControl, Blob: sent}})
			if len(got) != len(want) || len(want) == 0 {
				t.Fatalf("%s: controls of %d parameters, expected %d", name, len(got), len(want))
			}
			for name, x := range want {
				for i := range x {
					if math.Abs(got[name][i]-x[i]) > 1e-6 {
						t.Fatalf("round %d: number %d of %s is %v, expected %v", r, i, name, got[name][i], x[i])
					}
				}
			}
		}
	}
}

// variates are the control variates among named blobs.
func (g *game) variates(list []method.Named) server.Variates {
	g.t.Helper()
	v, err := variatesIn(method.KeptAs(list, method.KeptControl), g.store)
	if err != nil {
		g.t.Fatal(err)
	}
	return v
}

// Where the algebra does not allow controls the reason is given; where it does, what is no
// plain descent is refused, and a rank that may fall.
func TestControlsAreRefusedWithAReason(t *testing.T) {
	allowed := []string{"fedit", "ffa-lora", "fedsa-lora", "ditto", "fedrep", "full-fine-tuning", "fedit-first-client-only"}
	for _, m := range Set() {
		w := newWorld(t, m)
		w.with["control"], w.with["modules"] = byScaffold, "o"
		check := func() (paths []string) {
			t.Helper()
			found, err := m.(method.MethodWithCheck).Check(context.Background(), w.scene())
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range found {
				paths = append(paths, p.Path)
				if p.Path == "params.control" && !strings.Contains(p.Text, "scaffold is not for this method: ") {
					t.Errorf("%s: %s", m.Describe().Name, p.Text)
				}
			}
			return paths
		}
		name := m.Describe().Name
		if !slices.Contains(allowed, name) {
			if got := check(); !slices.Equal(got, []string{"params.control"}) {
				t.Errorf("%s refuses %q", name, got)
			}
			continue
		}
		want := []string{"params.optimiser", "params.clip", "params.proximal"}
		w.with["proximal"] = 0.1
		if _, ok := w.with["mixing"]; ok {
			w.with["mixing"], want = 0.5, append(want, "params.mixing")
		}
		if _, ok := w.with["rank"]; ok {
			want = append(want, "params.rank")
		}
		if got := check(); !slices.Equal(got, want) {
			t.Errorf("%s refuses %q, expected %q", name, got, want)
		}
		w.with["optimiser"], w.with["clip"], w.with["proximal"] = "sgd", 0.0, 0.0
		for param, x := range map[string]any{"mixing": 0.0, "rank": 2} {
			if _, ok := w.with[param]; ok {
				w.with[param] = x
			}
		}
		if got := check(); got != nil {
			t.Errorf("%s refuses %q", name, got)
		}
	}
}
