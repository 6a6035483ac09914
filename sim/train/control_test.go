package train_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/lora/server"
	"github.com/loramesh/loramesh/plugins/method"
)

// steer does a Fit of two updates with controls, for one who keeps a control or none.
func (r rig) steer(kept, sent method.Blob, of string, change ...func(*method.Fit, *method.LoRA)) (method.Report, []method.Named, error) {
	change = append([]func(*method.Fit, *method.LoRA){sgd, steps(2), terms(ce(1), method.Times(1, method.Control{Of: of, Server: sent})),
		func(f *method.Fit, _ *method.LoRA) { f.Batch = 0 }}, change...)
	req := method.WorkRequest{Whom: method.ID{Pool: "client"}, Draws: []uint64{1},
		Assign: []method.Assignment{{Name: "fit", Recipe: fit(change...), Upload: []string{"lora", method.KeptControl}, Keep: []string{method.KeptControl}}}}
	if kept != "" {
		req.Kept = []method.Named{{Name: method.KeptControl, Blob: kept}}
	}
	out, err := r.work(req)
	if err != nil {
		return method.Report{}, nil, err
	}
	return out.Reports[0], out.Kept, nil
}

// At first both controls are 0 and nothing is corrected; what is kept then is the mean
// gradient, (x − y)/Σrates. With c and c_i each update moves by −rate·(c − c_i) more.
func TestControl(t *testing.T) {
	r := newRig(t)
	start := r.put(given(2, 2))
	plain := r.adapter(r.do(0, 1, fit(sgd, from(start), steps(2), func(f *method.Fit, _ *method.LoRA) { f.Batch = 0 })).Blob("lora"))
	rep, kept, err := r.steer("", "", "lora", from(start))
	if err != nil {
		t.Fatal(err)
	}
	if got := r.adapter(rep.Blob("lora")); !slices.Equal(flat(got), flat(plain)) {
		t.Error("controls of 0 correct something")
	}
	own := r.variates(kept[0].Blob)
	if kept[0].Name != method.KeptControl || kept[0].Blob != rep.Blob(method.KeptControl) || len(own) != 2*len(plain) || len(rep.Began) != 1 {
		t.Fatalf("%v is kept, %+v reported, controls of %d parameters", kept, rep, len(own))
	}
	mean := descended(given(2, 2), plain, 1) // two updates at the rate ½
	nearly(t, "the mean gradient", numbers(own, plain), mean)

	// c = c_i + δ moves every update by −½·δ, up to what the gradients change by on the way.
	pushed := server.Variates{}
	for name, x := range own {
		pushed[name] = slices.Clone(x)
		for i := range x {
			pushed[name][i] += 1e-4
		}
	}
	sent, err := r.blobs.Put(pushed.Tensors())
	if err != nil {
		t.Fatal(err)
	}
	rep, kept2, err := r.steer(kept[0].Blob, sent, "lora", from(start), steps(1))
	if err != nil {
		t.Fatal(err)
	}
	one := r.adapter(r.do(0, 1, fit(sgd, from(start), steps(1), func(f *method.Fit, _ *method.LoRA) { f.Batch = 0 })).Blob("lora"))
	for i, x := range flat(r.adapter(rep.Blob("lora"))) {
		if d := float64(x - flat(one)[i]); d > -4.5e-5 || d < -5.5e-5 {
			t.Fatalf("number %d is moved by %g, expected −5e-5", i, d)
		}
	}
	// c_i⁺ = c_i − c + (x − y)/rate, and what it was is reported beside it.
	next, want := numbers(r.variates(kept2[0].Blob), plain), descended(given(2, 2), r.adapter(rep.Blob("lora")), 0.5)
	for i := range want {
		want[i] -= 1e-4
	}
	nearly(t, "the renewed control", next, want)
	if len(rep.Began) != 2 || rep.Began[1] != kept[0] {
		t.Errorf("it began from %v, expected %v", rep.Began, kept)
	}
}

// A control may be of one factor, and is refused at another rank and where descent is not plain.
func TestControlOfAFactorAndRefusals(t *testing.T) {
	r := newRig(t)
	_, kept, err := r.steer("", "", "lora.B")
	if err != nil {
		t.Fatal(err)
	}
	for name := range r.variates(kept[0].Blob) {
		if !strings.HasSuffix(name, ".B") {
			t.Errorf("a control of %s", name)
		}
	}
	for want, change := range map[string]func(*method.Fit, *method.LoRA){
		"the optimiser sgd without": func(f *method.Fit, _ *method.LoRA) { f.Optimiser.Name = "adamw" },
		"clip 1":                    func(f *method.Fit, _ *method.LoRA) { f.Clip = 1 },
		"has the weight 0.5":        func(f *method.Fit, _ *method.LoRA) { f.Objective[1].Weight = 0.5 },
		"control twice":             func(f *method.Fit, _ *method.LoRA) { f.Objective = append(f.Objective, f.Objective[1]) },
		"one rank for all rounds":   func(_ *method.Fit, l *method.LoRA) { l.Rank = 3 },
		`is of "head"`: func(f *method.Fit, _ *method.LoRA) {
			f.Objective[1].Loss = method.Control{Of: "head"}
		},
	} {
		if _, _, err := r.steer(kept[0].Blob, "", "lora.B", change); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v was said, expected %q", err, want)
		}
	}
}

func (r rig) variates(b method.Blob) server.Variates {
	r.t.Helper()
	x, err := r.blobs.Open(b)
	if err != nil {
		r.t.Fatal(err)
	}
	v, err := server.ParseVariates(x)
	if err != nil {
		r.t.Fatal(err)
	}
	return v
}

// numbers are variates in the order of an adapter's numbers.
func numbers(v server.Variates, like lora.Adapter) (out []float32) {
	for _, p := range like {
		for _, factor := range []string{"A", "B"} {
			for _, x := range v[p.Module+"."+factor] {
				out = append(out, float32(x))
			}
		}
	}
	return out
}

// descended is (x − y)/rates.
func descended(x, y lora.Adapter, rates float32) (out []float32) {
	to := flat(y)
	for i, v := range flat(x) {
		out = append(out, (v-to[i])/rates)
	}
	return out
}
