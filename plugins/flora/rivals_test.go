package flora

import (
	"context"
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/lora/server"
	"github.com/loramesh/loramesh/plugins/method"
)

// Which methods are exact, which nearly, and that the controls are not, in their second round.
func TestAggregationErrorOfTheRivals(t *testing.T) {
	for name, c := range map[string]struct {
		m           method.Method
		least, most float64
	}{
		"fedex": {FedEx(), 0, 1e-6}, "flora": {FLoRA(), 0, 1e-6},
		"florist at 1": {FLoRIST(), 0, 1e-6}, "fedit": {FedIT(), 0.05, 2}, "fair": {LoRAFAIR(), 0.01, 2},
		"first only": {FirstClientOnly(), 0.3, 2}, "on both": {WeightsOnBoth(), 0.3, 2},
	} {
		g := newGame(t, c.m, 4, 4, 4)
		if _, ok := g.with["tau"]; ok {
			g.with["tau"] = 1.0
		}
		first := g.round()
		second := g.round()
		if e := g.gapOf(first.Deploy, second.Deploy).Relative(); e < c.least || e > c.most {
			t.Errorf("%s: relative error %.3g, expected %g to %g", name, e, c.least, c.most)
		}
	}
}

// FedEx's residual, transposed, is about √2 times as wrong as leaving it out; LoRA-FAIR is less
// wrong than FedIT.
func TestWhatTheResidualIsWorth(t *testing.T) {
	errors := map[string]float64{}
	for name, m := range map[string]method.Method{"fedit": FedIT(), "transposed": FedExTransposed(), "fair": LoRAFAIR()} {
		g := newGame(t, m, 3, 3, 3)
		g.with["modules"] = "o"
		errors[name] = g.gapOf(nil, g.round().Deploy).Absolute
	}
	if ratio := errors["transposed"] / errors["fedit"]; math.Abs(ratio-math.Sqrt2) > 0.2 {
		t.Errorf("the transposed residual is %.3g times as wrong as none", ratio)
	}
	if errors["fair"] >= errors["fedit"] {
		t.Errorf("the corrected mean is %.3g away, the plain one %.3g", errors["fair"], errors["fedit"])
	}
}

// The transposed residual is refused where a weight is not square.
func TestTransposeNeedsSquareModules(t *testing.T) {
	for modules, want := range map[string]bool{"o": false, "q": true, "o,v": true} {
		w := newWorld(t, FedExTransposed())
		w.with["modules"] = modules
		found, err := w.m.(method.MethodWithCheck).Check(context.Background(), w.scene())
		if err != nil || (len(found) > 0) != want {
			t.Errorf("modules %s: %v, %v", modules, found, err)
		}
	}
}

// FlexLoRA deploys the best approximation of the sum at the largest rank offered, and each
// client begins with the leading rows that it can hold.
func TestFlexLoRAHandsOut(t *testing.T) {
	g := newGame(t, FlexLoRA(), 6, 3, 2)
	out := g.round()
	var sum linalg.ProductSum
	for _, r := range g.reports {
		p := adapterIn(t, g.store, r.Made[0].Blob)[0]
		sum.Add(p.Scale/3, linalg.Widen(p.Out, p.Rank, p.B), linalg.Widen(p.Rank, p.In, p.A))
	}
	deployed := adapterIn(t, g.store, out.Deploy.Attach[0].From.Blob)
	if deployed.Rank() != 6 {
		t.Fatalf("deployed at rank %d", deployed.Rank())
	}
	gram := linalg.Mul(linalg.Widen(6, deployed[0].In, deployed[0].A), linalg.Widen(6, deployed[0].In, deployed[0].A).T())
	for i := range 6 {
		if math.Abs(gram.At(i, i)-1) > 1e-5 {
			t.Errorf("row %d of A has length² %v: all singular values belong to B", i, gram.At(i, i))
		}
	}
	g.round()
	for i, rank := range []int{6, 3, 2} {
		began := adapterIn(t, g.store, g.reports[i].Began[0].Blob)
		want, err := deployed.Truncate(rank)
		if err != nil || !reflect.DeepEqual(began, want) {
			t.Errorf("client %d of rank %d does not begin with the leading rows: %v", i, rank, err)
		}
	}
}

// HetLoRA weighs by norm, and a client whose tail has shrunk goes on at a smaller rank.
func TestHetLoRAWeighsAndPrunes(t *testing.T) {
	g := newGame(t, HetLoRA(), 4, 2)
	g.with["gamma"], g.with["min_rank"] = 0.5, 2
	out := g.round()
	var want lora.Mean
	want.Pad = true
	var norms []float64
	for _, r := range g.reports {
		norms = append(norms, weightOf("norm", 0, adapterIn(t, g.store, r.Made[0].Blob)))
	}
	for k, r := range g.reports {
		if err := want.AddAdapter(norms[k]/(norms[0]+norms[1]), adapterIn(t, g.store, r.Made[0].Blob)); err != nil {
			t.Fatal(err)
		}
	}
	if got := adapterIn(t, g.store, out.Deploy.Attach[0].From.Blob); !reflect.DeepEqual(got, want.Adapter()) {
		t.Error("what is deployed is not the mean by norms")
	}
	if len(out.Notes) != 0 {
		t.Errorf("in a first round, which begins with B = 0, a rank was pruned: %s", out.Notes[0].Text)
	}
	terms := g.asked[0].Recipe.(method.Fit).Objective
	if tail, ok := terms[len(terms)-1].Loss.(method.Tail); !ok || tail.Gamma != 0.5 || terms[len(terms)-1].Weight != 1e-3 {
		t.Errorf("the objective is %+v", terms)
	}

	// The tail falls: what client 0 made is as it began, but for half its rows.
	began := adapterIn(t, g.store, out.Deploy.Attach[0].From.Blob)
	made := slices.Clone(began)
	for i := range made {
		made[i].A = slices.Clone(made[i].A)
		clear(made[i].A[2*made[i].In:])
	}
	rep := method.Report{Name: "fit", From: g.people[0].ID, Examples: 1, Made: []method.Named{{Name: upload, Blob: g.mustPut(made, upload)}},
		Began: []method.Named{{Name: upload, Blob: g.mustPut(began, upload)}}}
	fell, err := g.m.Fold(context.Background(), method.FoldRequest{Scene: g.scene(), Reports: reports{rep}})
	if err != nil || len(fell.Notes) != 1 || string(fell.Notes[0].Text) != `{"rank":2}` {
		t.Fatalf("notes %v, %v", fell.Notes, err)
	}
	g.people[0].Note = fell.Notes[0].Text
	g.round()
	for _, a := range g.asked {
		if part := a.Recipe.(method.Fit).Train[0].(method.LoRA); part.Rank != 2 {
			t.Errorf("%v are asked at rank %d", a.To, part.Rank)
		}
	}
	g.people[0].Note = []byte("nonsense")
	if _, err := g.m.Plan(context.Background(), method.PlanRequest{Scene: g.scene(), Offered: g.people}); err == nil {
		t.Error("a note of somebody else's: went through")
	}
}

// FFA and RoLoRA: whoever is asked holds the factors that the server holds, however many
// rounds it has missed, and the mean of one factor is exact.
func TestOneFactorAtATime(t *testing.T) {
	for name, m := range map[string]method.Method{"ffa": FFA(), "rolora": RoLoRA()} {
		g := newGame(t, m, 3, 3, 3)
		var before *method.Model
		for r, present := range [][]int{{0, 1}, {0, 1, 2}, {0, 2}, {1, 2}, {0, 1, 2}} {
			out := g.round(present...)
			trained := "lora.B"
			if name == "rolora" && r%2 == 1 {
				trained = "lora.A"
			}
			var mean lora.Mean
			for _, rep := range g.reports {
				if rep.Made[0].Name != trained || len(rep.Made) != 1 {
					t.Fatalf("%s, round %d: uploaded %v", name, r, rep.Made)
				}
				f, err := factorsIn(rep.Made[0].Blob, g.store)
				if err != nil {
					t.Fatal(err)
				}
				if err := mean.AddFactors(1/float64(len(g.reports)), f); err != nil {
					t.Fatal(err)
				}
				if before != nil { // what it began from is what was deployed
					want, err := onlyPart(lora.Factors(adapterIn(t, g.store, before.Attach[0].From.Blob)), trained)
					began, err2 := factorsIn(rep.Began[0].Blob, g.store)
					if err != nil || err2 != nil || !reflect.DeepEqual(began, want) {
						t.Errorf("%s, round %d: %s begins from another %s", name, r, rep.From, trained)
					}
				}
			}
			now := adapterIn(t, g.store, out.Deploy.Attach[0].From.Blob)
			got, err := onlyPart(lora.Factors(now), trained)
			if err != nil || !reflect.DeepEqual(got, mean.Factors()) {
				t.Errorf("%s, round %d: deployed is not the mean of %s (%v)", name, r, trained, err)
			}
			if before != nil {
				old, _ := onlyPart(lora.Factors(adapterIn(t, g.store, before.Attach[0].From.Blob)), otherFactor(trained))
				still, _ := onlyPart(lora.Factors(now), otherFactor(trained))
				if !reflect.DeepEqual(old, still) {
					t.Errorf("%s, round %d: the frozen factor moved", name, r)
				}
			}
			before = out.Deploy
		}
	}
}

// A client that did not take part in every round begins all the same from what is deployed.
func TestWhoMissedARoundIsSentBoth(t *testing.T) {
	g := newGame(t, RoLoRA(), 3, 3)
	g.round()
	g.round(0)
	g.round()
	if len(g.asked) != 2 || g.asked[0].Recipe.(method.Fit).Train[0].(method.LoRA).From.Kept || g.asked[0].To[0].Index != 1 {
		t.Errorf("asked %+v", g.asked)
	}
}

// The personal methods: what is kept, what is sent, and by what users are answered.
func TestPersonalModels(t *testing.T) {
	for name, c := range map[string]struct {
		m           method.Method
		up, kept    []string
		attachments int
	}{
		"fedsa":  {FedSA(), []string{"lora.A"}, []string{"lora.B"}, 1},
		"ditto":  {Ditto(), []string{"lora"}, []string{"own"}, 1},
		"fedrep": {FedRep(), []string{"lora"}, []string{"own"}, 2},
		"local":  {LocalOnly(), nil, []string{"lora"}, 1},
	} {
		g := newGame(t, c.m, 2, 2)
		if name == "fedrep" {
			g.with["modules"], g.with["own_blocks"] = "q,v,o,1.q", 1
		}
		g.round()
		out := g.round()
		var up []string
		for _, rep := range g.reports {
			for _, n := range rep.Made {
				if rep.From.Index == 0 {
					up = append(up, n.Name)
				}
			}
		}
		var kept []string
		for _, n := range g.kept[g.people[0].ID] {
			kept = append(kept, n.Name)
		}
		if !slices.Equal(up, c.up) || !slices.Equal(kept, c.kept) {
			t.Errorf("%s uploads %q and keeps %q", name, up, kept)
		}
		if n := len(out.Deploy.Attach); n != c.attachments || !out.Deploy.Attach[n-1].From.Kept {
			t.Errorf("%s deploys %+v", name, out.Deploy.Attach)
		}
	}
}

// A server's optimiser: two rounds by hand.
func TestServerOptimiser(t *testing.T) {
	g := newGame(t, FedIT(), 2, 2)
	g.with["server"], g.with["server_lr"] = "fedadam", 0.5
	o := server.Optimiser{Rule: server.FedAdam, Rate: 0.5, Beta1: 0.9, Beta2: 0.99, Tau: 1e-3}
	var x []float64
	var memory server.Memory
	for range 2 {
		out := g.round()
		change := make([]float64, 0)
		for k, rep := range g.reports {
			began, made := lora.Factors(adapterIn(t, g.store, rep.Began[0].Blob)).Numbers(), lora.Factors(adapterIn(t, g.store, rep.Made[0].Blob)).Numbers()
			if k == 0 {
				x, change = began, make([]float64, len(began))
			}
			for i := range made {
				change[i] += 0.5 * (made[i] - began[i])
			}
		}
		x, memory = o.Step(x, change, memory)
		got := lora.Factors(adapterIn(t, g.store, out.Deploy.Attach[0].From.Blob)).Numbers()
		for i := range x {
			if math.Abs(got[i]-x[i]) > 1e-5*(1+math.Abs(x[i])) {
				t.Fatalf("number %d is %v, expected %v", i, got[i], x[i])
			}
		}
		if len(out.State.Holds) != 3 {
			t.Errorf("it holds %d blobs, expected the adapter, m and v", len(out.State.Holds))
		}
	}
	// A smaller client comes: what the optimiser remembers is cut with the adapter.
	g.people[1].Rank = 1
	g.round()
}

// Options that the algebra of a method does not allow are refused with its reason.
func TestServerOptimisersAreRefusedWithAReason(t *testing.T) {
	allowed := []string{"fedit", "ffa-lora", "fedsa-lora", "ditto", "fedrep", "full-fine-tuning", "fedit-first-client-only"}
	for _, m := range Set() {
		w := newWorld(t, m)
		w.with["server"], w.with["modules"] = "fedyogi", "o"
		found, err := m.(method.MethodWithCheck).Check(context.Background(), w.scene())
		if err != nil {
			t.Fatal(err)
		}
		found = slices.DeleteFunc(found, func(p method.Problem) bool { return p.Path != "params.server" })
		name := m.Describe().Name
		if refuses := len(found) == 1 && strings.Contains(found[0].Text, "fedyogi is not for this method: "); refuses == slices.Contains(allowed, name) {
			t.Errorf("%s: %v", name, found)
		}
	}
}

// FedBuff: a report counts less by its age, and moves the model from where it is now.
func TestOldReportsCountLess(t *testing.T) {
	for how, left := range map[string]float64{"none": 1, "sqrt": 1 / math.Sqrt(3), "linear": 1. / 3} {
		w := newWorld(t, FedIT())
		w.with["discount"] = how
		w.mustFold([]int{1}, client(0, 2, 2))
		now := lora.Factors(adapterIn(t, w.store, w.state.Holds[0])).Numbers()
		reps := w.reports([]int{1}, client(1, 2, 2))
		began, err := w.store.Put(client(2, 2, 2).Tensors())
		if err != nil {
			t.Fatal(err)
		}
		reps[0].Age, reps[0].Began = 2, []method.Named{{Name: upload, Blob: began}}
		out, err := w.m.Fold(context.Background(), method.FoldRequest{Scene: w.scene(), Reports: reps})
		if err != nil {
			t.Fatal(err)
		}
		got := lora.Factors(adapterIn(t, w.store, out.State.Holds[0])).Numbers()
		from, to := lora.Factors(client(2, 2, 2)).Numbers(), lora.Factors(client(1, 2, 2)).Numbers()
		for i := range got {
			if want := now[i] + left*(to[i]-from[i]); math.Abs(got[i]-want) > 1e-5 {
				t.Fatalf("%s: number %d is %v, expected %v", how, i, got[i], want)
			}
		}
	}
}

// FedAsync: the model goes a share of the way to a report, less by its age.
func TestMixing(t *testing.T) {
	for age, left := range []float64{0.6, 0.6 / math.Sqrt2} {
		w := newWorld(t, FedIT())
		w.with["mixing"] = 0.6
		w.state.Holds = []method.Blob{w.reports([]int{1}, client(0, 2, 2))[0].Made[0].Blob}
		now := lora.Factors(client(0, 2, 2)).Numbers()
		reps := w.reports([]int{1}, client(1, 2, 2))
		reps[0].Age, reps[0].Began = age, []method.Named{{Name: upload, Blob: w.reports([]int{1}, client(2, 2, 2))[0].Made[0].Blob}}
		out, err := w.m.Fold(context.Background(), method.FoldRequest{Scene: w.scene(), Reports: reps})
		if err != nil {
			t.Fatal(err)
		}
		got, to := lora.Factors(adapterIn(t, w.store, out.State.Holds[0])).Numbers(), lora.Factors(client(1, 2, 2)).Numbers()
		for i := range got {
			if want := (1-left)*now[i] + left*to[i]; math.Abs(got[i]-want) > 1e-5 {
				t.Fatalf("age %d: number %d is %v, expected %v", age, i, got[i], want)
			}
		}
	}
}

func TestProximalTermIsAsked(t *testing.T) {
	for _, m := range Set() {
		if m.Describe().Name == "full-fine-tuning" { // trains no adapter
			continue
		}
		w := newGame(t, m, 2, 2)
		w.with["proximal"], w.with["modules"] = 0.5, "0.o,1.o"
		w.round()
		found := false
		for _, a := range w.asked {
			for _, term := range a.Recipe.(method.Fit).Objective {
				q, ok := term.Loss.(method.Quadratic)
				found = found || ok && term.Weight == 0.5 && q.Of == upload && q.Centre == ""
			}
		}
		if !found {
			text, _ := json.Marshal(w.asked)
			t.Errorf("%s does not ask for it: %s", m.Describe().Name, text)
		}
	}
}
