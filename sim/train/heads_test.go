package train_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/linalg/tokenizer"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/simtest"
	"github.com/loramesh/loramesh/sim/train"
	"github.com/loramesh/loramesh/sim/world"
)

// seen is a scenario over pictures of 4×4 pixels that are dark, light or striped.
const seen = `
version: 1
name: seen
question: Does it see?
bases:
  main: BASE
data:
  shades: {file: shades-images-idx3-ubyte, format: idx, label: label, valid: 0.2}
population:
  client: {count: 2, rank: 4}
method:
  - {use: flora, with: {epochs: 1, batch: 4, lr: 1e-2}, rounds: 1}
evaluate:
  - {at: end, on: valid, metrics: [accuracy]}
`

const vit = `{recipe: {family: vit, image: 4, patch: 2, d: 16, layers: 1, heads: 2, pretrain: {data: shades, tokens: TOKENS, seed: 3}}}`

// shades are 24 pictures of three kinds as IDX files.
func shades() simtest.Files {
	pictures, labels := []byte{0, 0, 8, 3, 0, 0, 0, 24, 0, 0, 0, 4, 0, 0, 0, 4}, []byte{0, 0, 8, 1, 0, 0, 0, 24}
	for i := range 24 {
		for p := range 16 {
			pictures = append(pictures, []byte{byte(i), byte(250 - i), byte(200 * (p % 2))}[i%3])
		}
		labels = append(labels, byte(i%3))
	}
	return simtest.Files{"shades-images-idx3-ubyte": string(pictures), "shades-labels-idx1-ubyte": string(labels)}
}

// seeing is a rig over pictures, on a base.
func seeing(t *testing.T, base string, files simtest.Files) rig {
	t.Helper()
	source := strings.Replace(seen, "BASE", base, 1)
	w := simtest.World(t, simtest.Trials(t, source)[0], world.NewAssets(files, &simtest.Cache{}, nil))
	blobs := simtest.Blobs(t)
	return rig{t, w, blobs, train.New(w, blobs, &train.Merged{})}
}

func seeFit(steps int) method.Fit {
	return fit(func(f *method.Fit, _ *method.LoRA) {
		f.Epochs, f.Steps, f.Batch, f.Optimiser.LR = 0, steps, 6, 3e-2
	})
}

func classLosses() method.Score {
	return method.Score{Model: main, Metrics: []string{"loss", "accuracy"}, By: []string{"label"}}
}

// A base of pictures with random weights answers by its codebook, and adapters learn to point
// there; what is learned is the same bits each time.
func TestPicturesAreLearned(t *testing.T) {
	r := seeing(t, strings.Replace(vit, "TOKENS", "0", 1), shades())
	b := r.world.Bases[0]
	if got := b.Classes(); !slices.Equal(got, []string{"0", "1", "2"}) || b.Tokenizer != nil || !b.Answers() {
		t.Fatalf("classes %q", got)
	}
	before := r.do(0, 0, classLosses())
	rep := r.do(0, 1, seeFit(40))
	after := r.do(0, 0, method.Score{Model: attach(method.Attach{From: method.From{Blob: rep.Made[0].Blob}}), Metrics: []string{"loss", "accuracy"}})
	if l := value(t, after, "loss", "").Value; !(l < 0.5*value(t, before, "loss", "").Value) || value(t, after, "accuracy", "").Value < 0.9 {
		t.Errorf("before %+v, after %+v", before.Values, after.Values)
	}
	again := seeing(t, strings.Replace(vit, "TOKENS", "0", 1), shades()).do(0, 1, seeFit(40))
	if again.Made[0].Blob != rep.Made[0].Blob {
		t.Error("learned twice, it is two adapters")
	}
	// Metrics of classes say the same of the same answers.
	classed := r.do(0, 0, method.Score{Model: attach(method.Attach{From: method.From{Blob: rep.Made[0].Blob}}), Metrics: []string{"macro-f1", "accuracy"}})
	if f1 := value(t, classed, "macro-f1", "").Value; (f1 == 1) != (value(t, after, "accuracy", "").Value == 1) || f1 < 0.8 {
		t.Errorf("macro-F1 is %g, and %+v", f1, after.Values)
	}
	for want, recipe := range map[string]method.Recipe{
		"written texts cannot be asked":  method.Score{Model: main, Metrics: []string{"rouge-l"}},
		"a head's answers are no tokens": method.Probe{Model: main, What: []method.Statistic{method.Input{Modules: []string{"*.q"}, Answers: true}}},
		"no labels on its prompts": fit(func(f *method.Fit, _ *method.LoRA) {
			f.Objective = []method.Term{{Weight: 1, Loss: method.CrossEntropy{Inputs: true}}}
		}),
	} {
		if _, err := r.try(0, 1, recipe); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; %q was expected in it", err, want)
		}
	}
}

// A model that answers by a head is measured from inside as others are: places of pictures in
// the place of tokens, answers of examples in the place of labels.
func TestPicturesAreProbed(t *testing.T) {
	r := seeing(t, strings.Replace(vit, "TOKENS", "0", 1), shades())
	q := []string{"*.q"}
	probe := func(by ...string) method.Report {
		return r.do(0, 0, method.Probe{Model: main, By: by, What: []method.Statistic{
			method.Input{Modules: q}, method.Input{Modules: q, Second: true}, method.Gradient{Modules: q},
			method.Feature{After: method.Last, Pool: "mean"}, method.Feature{After: 0, Pool: "first"}}})
	}
	all, each := probe(), probe("label")
	n := all.Examples
	for k, places := range []int{5, 5, 1, 1, 1} { // four pieces and the place that answers
		whole, err := r.blobs.Open(all.Made[k].Blob)
		if err != nil {
			t.Fatal(err)
		}
		parts, err := r.blobs.Open(each.Made[k].Blob)
		if err != nil {
			t.Fatal(err)
		}
		name := all.Made[k].Name
		count, counts := whole.List[1].Data, parts.List[1].Data
		if int(count[0]) != n*places || len(counts) < 2 {
			t.Errorf("%s is a mean over %g, expected %d", name, count[0], n*places)
		}
		size, largest := len(whole.List[0].Data), 0.0
		for i, want := range whole.List[0].Data {
			sum := 0.0
			for g, c := range counts {
				sum += float64(c) * float64(parts.List[0].Data[g*size+i]) / float64(count[0])
			}
			largest = max(largest, float64(want), -float64(want))
			if d := sum - float64(want); d > 1e-5 || d < -1e-5 {
				t.Fatalf("%s: number %d is %g, and by groups %g", name, i, want, sum)
			}
		}
		if largest == 0 {
			t.Errorf("%s is 0 everywhere", name)
		}
	}
}

// Routers over experts of pictures are measured by the places that a picture has.
func TestPicturesAreRouted(t *testing.T) {
	r := seeing(t, strings.Replace(vit, "TOKENS", "0", 1), shades())
	b := r.do(0, 1, seeFit(2)).Made[0].Blob
	model := method.Model{Base: "main", Attach: []method.Attach{{Name: "0", From: method.From{Blob: b}, Scale: 1}, {Name: "1", From: method.From{Blob: b}, Scale: 1}}}
	model.Routers = []method.Router{{By: method.Uniform, Grain: method.Token, Mix: method.Outputs, Column: "label", Over: []method.Expert{{Attach: "0"}, {Attach: "1"}}}}
	rep := r.do(0, 0, method.Score{Model: model, Metrics: []string{"route.mass", "route.accuracy.sequence"}})
	if m := value(t, rep, "route.mass", ""); m.Value != 0.5 || m.Weight == 0 {
		t.Errorf("mass %+v; want a half for each of two experts", m)
	}
}

// One that is pre-trained knows its pictures, and its codebook is that of the one that is not.
func TestPicturesArePretrained(t *testing.T) {
	raw := seeing(t, strings.Replace(vit, "TOKENS", "0", 1), shades())
	r := seeing(t, strings.Replace(vit, "TOKENS", "20000", 1), shades())
	if a := value(t, r.do(0, 0, classLosses()), "accuracy", "").Value; a < 0.9 {
		t.Errorf("accuracy %g", a)
	}
	head := func(r rig) []float32 {
		for _, s := range r.world.Bases[0].Model.Sources() {
			if s.Name == "classifier.weight" {
				return s.Data()
			}
		}
		return nil
	}
	w := head(r)
	if !slices.Equal(w, head(raw)) || len(w) != 3*16 {
		t.Error("pre-training moved the codebook")
	}
	for i := range 3 {
		for j := range 3 {
			dot := 0.0
			for k := range 16 {
				dot += float64(w[i*16+k]) * float64(w[j*16+k])
			}
			if want := map[bool]float64{true: 1}[i == j]; dot < want-1e-6 || dot > want+1e-6 {
				t.Errorf("rows %d and %d: %g", i, j, dot)
			}
		}
	}
}

// An encoder of a folder answers by the head that it has, or by a codebook for the answers of
// the data.
func TestEncodersFromFolders(t *testing.T) {
	tok, err := tokenizer.Words(strings.Fields("dark light striped"))
	if err != nil {
		t.Fatal(err)
	}
	for _, headed := range []bool{false, true} {
		shape := nn.Shape{Vocab: tok.Vocab(), Width: 12, Inner: 20, Layers: 1, Heads: 2, KVHeads: 2, Context: 8}
		want := []string{"no", "yes"}
		if headed {
			shape.Classes, want = 3, []string{"0", "1", "2"}
		}
		c, err := nn.Design("bert", shape)
		if err != nil {
			t.Fatal(err)
		}
		m, err := nn.New(c, 0.3, rng.New(1).Stream())
		if err != nil {
			t.Fatal(err)
		}
		weights, err := safetensors.EncodeTensors(m.Tensors())
		if err != nil {
			t.Fatal(err)
		}
		answers := [][2]string{{"yes", "no"}, {"0", "2"}}[map[bool]int{true: 1}[headed]]
		rows := ""
		for i := range 16 {
			rows += fmt.Sprintf("{\"prompt\": %q, \"answer\": %q, \"n\": %d}\n", []string{"dark striped", "light"}[i%2], answers[i%2], i)
		}
		files := simtest.Files{"m/config.json": string(c.JSON()), "m/model.safetensors": string(weights), "m/tokenizer.json": string(tok.JSON()), "rows.jsonl": rows}
		source := strings.Replace(strings.Replace(seen, "{file: shades-images-idx3-ubyte, format: idx, label: label, valid: 0.2}", "{file: rows.jsonl, format: jsonl, valid: 0.2}", 1), "BASE", "{hf: m}", 1)
		w := simtest.World(t, simtest.Trials(t, source)[0], world.NewAssets(files, &simtest.Cache{}, nil))
		blobs := simtest.Blobs(t)
		r := rig{t, w, blobs, train.New(w, blobs, &train.Merged{})}
		if got := w.Bases[0].Classes(); !slices.Equal(got, want) {
			t.Errorf("classes %q", got)
		}
		rep := r.do(0, 1, seeFit(40))
		after := r.do(0, 0, method.Score{Model: attach(method.Attach{From: method.From{Blob: rep.Made[0].Blob}}), Metrics: []string{"accuracy"}})
		if a := value(t, after, "accuracy", "").Value; a != 1 {
			t.Errorf("headed %v: accuracy %g", headed, a)
		}
		files["rows.jsonl"] = rows + "{\"prompt\": \"dark\", \"answer\": \"perhaps\"}\n"
		if !headed {
			continue
		}
		_, problems, err := world.Build(simtest.Trials(t, source)[0], world.NewAssets(files, &simtest.Cache{}, nil))
		if err != nil || len(problems) != 1 || !strings.Contains(problems[0].Text, `example 17 for base "main": the answer "perhaps" is no class`) {
			t.Errorf("%v, %v", problems, err)
		}
	}
}
