package nn

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/loramesh/loramesh/linalg/linalgtest"
	"github.com/loramesh/loramesh/linalg/numtest"
)

// Tolerances that golden/base/README.md states for the small real models.
const (
	storyLogitTol = 1e-4
	storyNLLTol   = 1e-5
)

// TestGoldenBase runs golden/base: real published models. Those whose weights are not
// beside the vectors skip.
func TestGoldenBase(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(linalgtest.Golden(t, "base"), "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("no vectors in base")
	}
	for _, f := range files {
		var head struct {
			Model   string
			Prompts []json.RawMessage
		}
		linalgtest.ReadJSON(t, f, &head)
		name := filepath.Base(f[:len(f)-len(".json")])
		t.Run(name, func(t *testing.T) {
			if name == "smollm2" {
				goldenSmolLM2(t, f)
				return
			}
			if name == "minilm" {
				goldenMiniLM(t, f)
				return
			}
			if head.Prompts == nil {
				t.Fatal("no test for vectors without prompts")
			}
			dir := linalgtest.Beside(t, head.Model)
			goldenStory(t, f, loadFolder(t, dir))
		})
	}
}

func loadFolder(t *testing.T, dir string) *Model {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "config.json"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := ParseConfig(raw)
	if err != nil {
		t.Fatal(err)
	}
	m, err := Load(c, shards(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// goldenStory: logits and hidden states of one prompt, greedy ids of all, NLL of texts.
func goldenStory(t *testing.T, file string, m *Model) {
	var g struct {
		Prompts []struct {
			Text      string
			IDs       []int32
			GreedyIDs []int32 `json:"greedy_ids"`
		}
		NLL []struct {
			Text      string
			IDs       []int32
			Predicted int
			Mean      float64 `json:"mean_nll_float64"`
		}
	}
	linalgtest.ReadJSON(t, file, &g)
	r := NewRunner(m)
	for _, p := range g.Prompts {
		got, err := r.Generate([][]int32{p.IDs}, Decode{Tokens: len(p.GreedyIDs)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, id := range got[0].IDs {
			if id != p.GreedyIDs[i] {
				t.Errorf("prompt %q, greedy token %d: %d; want %d", p.Text, i, id, p.GreedyIDs[i])
				break
			}
		}
	}
	for _, x := range g.NLL {
		if err := r.Forward(Batch{IDs: [][]int32{x.IDs}, Labels: [][]int32{x.IDs}}); err != nil {
			t.Fatal(err)
		}
		l, _ := r.Loss()
		if l.Count != x.Predicted || !(math.Abs(l.Mean()-x.Mean) <= storyNLLTol) {
			t.Errorf("text %.20q: NLL %.7f over %d; want %.7f over %d", x.Text, l.Mean(), l.Count, x.Mean, x.Predicted)
		}
	}
	v := linalgtest.ReadTensors(t, file[:len(file)-len("json")]+"logits.safetensors")
	ids, _ := v.Get("ids")
	whole, err := ids.Ints()
	if err != nil {
		t.Fatal(err)
	}
	seq := make([]int32, len(whole))
	for i, id := range whole {
		seq[i] = int32(id)
	}
	if err := r.Forward(Batch{IDs: [][]int32{seq}}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"logits_float64", "logits_hf_float32"} {
		x, _ := v.Get(name)
		want, err := x.Floats()
		if err != nil {
			t.Fatal(err)
		}
		numtest.Close(t, name, r.Logits(nil), want, storyLogitTol)
	}
	x, _ := v.Get("hidden_float64")
	want, err := x.Floats()
	if err != nil {
		t.Fatal(err)
	}
	var hidden []float32
	for l := range m.config.Layers {
		hidden = append(hidden, r.Hidden(l)...)
	}
	numtest.Close(t, "hidden_float64", r.Final(hidden), want, storyLogitTol)
}

// goldenSmolLM2 takes half a gigabyte of weights from the folder named by
// LORAMESH_SMOLLM2. The tolerances are the README's for this model.
func goldenSmolLM2(t *testing.T, file string) {
	dir := os.Getenv("LORAMESH_SMOLLM2")
	if dir == "" {
		t.Skip("LORAMESH_SMOLLM2 names no folder with the model's weights")
	}
	var g struct {
		Prompts []struct {
			Text        string
			IDs, Greedy []int32
			NLL         float64
			Top         [][2]float64 `json:"last_top5"`
			LogSumExp   float64      `json:"last_logsumexp"`
		}
		Lora struct {
			R, Alpha int
			IDs      []int32
			Loss     float64
			Norms    map[string]float64 `json:"grad_norms"`
		}
	}
	linalgtest.ReadJSON(t, file, &g)
	m := loadFolder(t, dir)
	r := NewRunner(m)
	for _, p := range g.Prompts {
		if err := r.Forward(Batch{IDs: [][]int32{p.IDs}, Labels: [][]int32{p.IDs}}); err != nil {
			t.Fatal(err)
		}
		l, _ := r.Loss()
		numtest.CloseWide(t, p.Text+": NLL", []float64{l.Mean()}, []float64{p.NLL}, 1e-4)
		last := r.logitsOf(nil, []int{r.rows - 1})
		sum := 0.0
		for _, x := range last {
			sum += math.Exp(float64(x))
		}
		numtest.CloseWide(t, p.Text+": logsumexp", []float64{math.Log(sum)}, []float64{p.LogSumExp}, 2e-3)
		for _, top := range p.Top {
			numtest.CloseWide(t, p.Text+": top logit", []float64{float64(last[int(top[0])])}, []float64{top[1]}, 2e-3)
		}
		got, err := r.Generate([][]int32{p.IDs}, Decode{Tokens: len(p.Greedy)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, id := range got[0].IDs {
			if id != p.Greedy[i] {
				t.Errorf("prompt %q, greedy token %d: %d; want %d", p.Text, i, id, p.Greedy[i])
				break
			}
		}
	}
	gm := &golden{kind: "base/smollm2", model: m}
	a := gm.adapterIn(t, "lora", filepath.Join(filepath.Dir(file), "smollm2_adapter"))
	a.train()
	if err := r.Attach(a.branches...); err != nil {
		t.Fatal(err)
	}
	if err := r.Forward(Batch{IDs: [][]int32{g.Lora.IDs}, Labels: [][]int32{g.Lora.IDs}}); err != nil {
		t.Fatal(err)
	}
	l, _ := r.Backward(nil)
	numtest.CloseWide(t, "loss", []float64{l.Mean()}, []float64{g.Lora.Loss}, 1e-4)
	stored := linalgtest.ReadTensors(t, file[:len(file)-len("json")]+"safetensors")
	for _, b := range a.branches {
		nameA, nameB, _ := gm.peftNames(b)
		for name, grad := range map[string][]float32{nameA: b.GradA, nameB: b.GradB} {
			name = name[len("base_model.model."):]
			norm := math.Sqrt(sumSquares(grad))
			numtest.CloseWide(t, "norm of "+name, []float64{norm}, []float64{g.Lora.Norms[name]}, 1e-3*g.Lora.Norms[name])
			if x, ok := stored.Get("grad." + name); ok {
				want, _ := x.Floats()
				diff := make([]float32, len(want))
				for i := range want {
					diff[i] = grad[i] - want[i]
				}
				if d := math.Sqrt(sumSquares(diff)); !(d <= 1e-3*norm) {
					t.Errorf("gradient of %s is off by %.3g of its norm", name, d/norm)
				}
			}
		}
	}
}

func sumSquares(x []float32) (sum float64) {
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return sum
}
