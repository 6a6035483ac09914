package flora

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
)

func TestCardsAreValid(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range Set() {
		c := m.Describe()
		if err := method.ValidateCard(c); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
		if seen[c.Name] {
			t.Errorf("%s comes twice", c.Name)
		}
		seen[c.Name] = true
	}
}

// four are the methods that differ in how adapters are joined, and in nothing else.
func four() []method.Method { return Set()[:4] }

// What is asked of a client is the same in all four, but for rank and where it begins.
func TestAllAskForTheSameFit(t *testing.T) {
	var first method.Fit
	for i, m := range four() {
		fit, err := newWorld(t, m).plan(8, 4, 2)
		if err != nil {
			t.Fatal(err)
		}
		part := fit.Train[0].(method.LoRA)
		want := map[string]int{"flora": method.OwnRank, "zeropad": method.OwnRank, "fedit": 2, "fedit-restart": 2}[m.Describe().Name]
		if part.Rank != want {
			t.Errorf("%s asks for rank %d, expected %d", m.Describe().Name, part.Rank, want)
		}
		if shared := m.Describe().Name != "flora"; part.Shared != shared {
			t.Errorf("%s: shared start is %v", m.Describe().Name, part.Shared)
		}
		part.Rank, part.Shared = 0, false
		fit.Train = []method.Part{part}
		if i == 0 {
			first = fit
		} else if !reflect.DeepEqual(fit, first) {
			t.Errorf("%s asks for %+v, flora for %+v", m.Describe().Name, fit, first)
		}
	}
}

// FLoRA and restart merge what each round made and begin anew; the others go on from it.
func TestWhatRoundsLeaveBehind(t *testing.T) {
	for _, m := range four() {
		name := m.Describe().Name
		w := newWorld(t, m)
		for r := range 3 {
			fit, err := w.plan(4, 4)
			if err != nil {
				t.Fatal(err)
			}
			from := fit.Train[0].(method.LoRA).From.Blob
			merges := name == "flora" || name == "fedit-restart"
			if begins := from == ""; begins != (merges || r == 0) {
				t.Errorf("%s in round %d begins from %q", name, r, from)
			}
			if n := len(fit.Model.Attach); merges && n != r || !merges && n != 0 {
				t.Errorf("%s in round %d works on %d attachments", name, r, n)
			}
			out := w.mustFold([]int{3, 5}, client(10*r, 4, 2), client(10*r+1, 4, 2))
			last := out.Deploy.Attach[len(out.Deploy.Attach)-1]
			if last.Merge != merges || last.Scale != 1 || last.From.Blob != w.state.Holds[len(w.state.Holds)-1] {
				t.Errorf("%s deploys %+v", name, last)
			}
			if n := len(out.Deploy.Attach); merges && n != r+1 || !merges && n != 1 {
				t.Errorf("%s deploys %d attachments after round %d", name, n, r)
			}
			if got := out.Values; len(got) != 1 || got[0].Name != "rank" || got[0].Value != 4 {
				t.Errorf("%s: values %v", name, got)
			}
		}
	}
}

// A chain: what the method before deployed stays, and names do not clash.
func TestBuildsOnWhatWasThere(t *testing.T) {
	for _, m := range four() {
		w := newWorld(t, m)
		before := w.mustFold([]int{1}, client(0, 4, 2))
		req := method.FoldRequest{Scene: w.scene(), Reports: w.reports([]int{1}, client(1, 4, 2))}
		req.Start = method.Model{Base: "main", Attach: merged(req.Start, before.State.Holds).Attach}
		req.State = method.State{}
		out, err := m.Fold(context.Background(), req)
		if err != nil {
			t.Fatal(err)
		}
		names := map[string]bool{}
		for _, x := range out.Deploy.Attach {
			names[x.Name] = true
		}
		if len(out.Deploy.Attach) != 2 || len(names) != 2 || !reflect.DeepEqual(out.Deploy.Attach[0], req.Start.Attach[0]) {
			t.Errorf("%s deploys %+v on %+v", m.Describe().Name, out.Deploy.Attach, req.Start.Attach)
		}
		if len(req.Start.Attach) != 1 {
			t.Errorf("%s wrote to its request", m.Describe().Name)
		}
	}
}

// Any non-empty subset of reports folds, shares being taken among those that came.
func TestMissingReportsCountForNothing(t *testing.T) {
	for _, m := range four() {
		w := newWorld(t, m)
		out := w.mustFold([]int{2, 6}, client(1, 3, 2), client(2, 3, 2))
		if m.Describe().Name == "flora" {
			if g := w.gap(out.Deploy, []float64{0.25, 0.75}, client(1, 3, 2), client(2, 3, 2)); g.Relative() > 1e-6 {
				t.Errorf("shares are not those of the reports that came: %v", g)
			}
		}
		alone := newWorld(t, m)
		one := alone.mustFold([]int{6}, client(2, 3, 2))
		if got := adapterIn(t, alone.store, one.Deploy.Attach[0].From.Blob); !reflect.DeepEqual(got, client(2, 3, 2)) {
			t.Errorf("%s of one client is not that client's adapter", m.Describe().Name)
		}
	}
}

// The one rank of FedIT is the smallest so far; the adapter is cut when it falls.
func TestEqualRankIsTheSmallestSeen(t *testing.T) {
	w := newWorld(t, FedIT())
	for _, c := range []struct {
		offered []int
		want    int
	}{{[]int{8, 0, 4}, 4}, {[]int{8, 8}, 4}, {[]int{2, 8}, 2}, {[]int{16}, 2}} {
		fit, err := w.plan(c.offered...)
		if err != nil {
			t.Fatal(err)
		}
		part := fit.Train[0].(method.LoRA)
		if part.Rank != c.want {
			t.Errorf("offered %v: rank %d, expected %d", c.offered, part.Rank, c.want)
		}
		if from := part.From.Blob; from != "" && adapterIn(t, w.store, from).Rank() != c.want {
			t.Errorf("offered %v: begins at rank %d", c.offered, adapterIn(t, w.store, from).Rank())
		}
		if from := part.From.Blob; from != "" && !reflect.DeepEqual(w.state.Holds, []method.Blob{from}) {
			t.Errorf("offered %v: holds %v, and clients begin from %v", c.offered, w.state.Holds, from)
		}
		w.mustFold([]int{1}, client(w.round, c.want, 2))
	}
}

func TestStatedRankBinds(t *testing.T) {
	for _, m := range []method.Method{FedIT(), FedITRestart()} {
		w := newWorld(t, m)
		w.with["rank"] = 4
		fit, err := w.plan(8, 0)
		if err != nil || fit.Train[0].(method.LoRA).Rank != 4 {
			t.Errorf("rank 4 of 8: %+v, %v", fit.Train, err)
		}
		if _, err := w.plan(8, 2); err == nil || !strings.Contains(err.Error(), "client/1 can hold 2") {
			t.Errorf("rank 4 of a client that can hold 2: %v", err)
		}
		if _, err := newWorld(t, m).plan(0, 0); err == nil || !strings.Contains(err.Error(), "set `rank`") {
			t.Errorf("no rank anywhere: %v", err)
		}
	}
}

func TestFoldRefuses(t *testing.T) {
	for _, m := range four() {
		w := newWorld(t, m)
		if _, err := w.fold([]int{0, 0}, client(1, 3, 2), client(2, 3, 2)); err == nil || !strings.Contains(err.Error(), "not one example") {
			t.Errorf("no examples: %v", err)
		}
		other := lora.Adapter{full("0.k", 24, 20, 3)}
		if _, err := w.fold([]int{1, 1}, client(1, 3, 2), other); err == nil || !strings.Contains(err.Error(), "client/1") {
			t.Errorf("other modules: %v", err)
		}
		req := method.FoldRequest{Scene: w.scene(), Reports: reports{{From: method.ID{Pool: "client"}, Examples: 1}}}
		if _, err := m.Fold(context.Background(), req); err == nil || !strings.Contains(err.Error(), `no "lora"`) {
			t.Errorf("nothing uploaded: %v", err)
		}
	}
	w := newWorld(t, FedIT())
	if _, err := w.fold([]int{1, 1}, client(1, 3, 2), client(2, 2, 2)); err == nil || !strings.Contains(err.Error(), "equal ranks") {
		t.Errorf("FedIT of unequal ranks: %v", err)
	}
	w.state.Bytes = []byte("nonsense")
	if _, err := w.plan(4); err == nil {
		t.Error("a state of somebody else's: went through")
	}
}

func TestCheckNamesWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		modules string
		rank    int
		path    string
		words   string
	}{
		{"q,v", 0, "", ""}, {"*", 20, "", ""}, {"0.up, q", 3, "", ""},
		{"q,query", 0, "params.modules", `"*.query" names no module of base "main": expected some of q, v, up, o`},
		{"1.v", 0, "params.modules", `"1.v" names no module`},
		{"x-y.q", 0, "params.modules", "expected a number"},
		{"q", 21, "params.rank", "which is 20"},
	} {
		w := newWorld(t, FedIT())
		w.with["modules"], w.with["rank"] = c.modules, c.rank
		found, err := w.m.(method.MethodWithCheck).Check(context.Background(), w.scene())
		switch {
		case err != nil:
			t.Error(err)
		case c.path == "" && len(found) > 0, c.path != "" && (len(found) != 1 || found[0].Path != c.path || !strings.Contains(found[0].Text, c.words)):
			t.Errorf("modules %q, rank %d: %v, expected %s with %q", c.modules, c.rank, found, c.path, c.words)
		}
	}
}

func TestCheckAsksForRounds(t *testing.T) {
	for _, m := range four() {
		s := newWorld(t, m).scene()
		s.Stage.Rounds = 0
		found, err := m.(method.MethodWithCheck).Check(context.Background(), s)
		if err != nil || len(found) != 1 || found[0].Path != "rounds" {
			t.Errorf("%s without rounds: %v, %v", m.Describe().Name, found, err)
		}
	}
}

// Between two calls a method is nothing but its state: another instance goes on alike.
func TestSameRequestSameAnswer(t *testing.T) {
	for i, m := range four() {
		w := newWorld(t, m)
		w.mustFold([]int{1, 2}, client(1, 3, 2), client(2, 3, 2))
		text, err := json.Marshal(w.state)
		if err != nil {
			t.Fatal(err)
		}
		again := &world{t: t, m: four()[i], with: w.with, store: w.store, round: w.round}
		if err := json.Unmarshal(text, &again.state); err != nil {
			t.Fatal(err)
		}
		x, err1 := w.plan(4, 4)
		y, err2 := again.plan(4, 4)
		if err1 != nil || err2 != nil || !reflect.DeepEqual(x, y) || !reflect.DeepEqual(w.state, again.state) {
			t.Errorf("%s: %+v and %+v (%v, %v)", m.Describe().Name, x, y, err1, err2)
		}
	}
}
