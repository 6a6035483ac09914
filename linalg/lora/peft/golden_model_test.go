package peft

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/linalgtest"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/safetensors"
)

// Our model with a folder on it computes PEFT's logits, loss and gradients, and the merged
// base the logits of PEFT's merged one.
func TestGoldenModels(t *testing.T) {
	whole := func(name string) bool { return strings.HasSuffix(name, "/golden") && !strings.HasPrefix(name, "base/") }
	linalgtest.Cases(t, "lora/peft", whole, func(t *testing.T, g *linalgtest.Case) {
		folders := map[string]*Folder{}
		var all []*Folder
		for _, row := range linalgtest.Table[goldenModule](t, g, "modules") {
			if folders[row.Adapter] == nil {
				folders[row.Adapter] = openFolder(t, folderOf(g, row.Adapter))
				all = append(all, folders[row.Adapter])
			}
		}
		merged := nn.NewRunner(loadModel(t, g, mergedBase(t, g, all...)))
		forward(t, g, merged)
		g.Check(t, "merged_logits", wide(merged.Logits(nil)))

		with := adapted(t, g, folders)
		forward(t, g, with.runner)
		logits := wide(with.runner.Logits(nil))
		g.Check(t, "logits", logits)
		g.Check(t, "logits_f64", logits)
		loss, _ := with.runner.Backward(nil)
		g.Check(t, "loss_f64", []float64{loss.Mean()})
		with.checkGradients(t, g)
		for _, name := range g.Names() {
			if !strings.HasPrefix(name, "merged.") && g.Tensors[name].Role == "output" && !g.Checked(name) {
				t.Errorf("%s was not compared", name)
			}
		}
	})
}

func loadModel(t *testing.T, g *linalgtest.Case, ts []safetensors.Tensor) *nn.Model {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(baseOf(t, g), "config.json"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := nn.ParseConfig(text)
	if err != nil {
		t.Fatal(err)
	}
	m, err := nn.Load(c, ts)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// forward runs the case's rows without their padding: every token is the label of the one
// before it, or each row has a class.
func forward(t *testing.T, g *linalgtest.Case, r *nn.Runner) {
	t.Helper()
	var b nn.Batch
	m := g.Get(t, "input_ids")
	for i := range m.Rows {
		var ids, types []int32
		for j, x := range m.Row(i) {
			if g.Has("attention_mask") && g.Get(t, "attention_mask").At(i, j) == 0 {
				continue
			}
			ids = append(ids, int32(x))
			if g.Has("token_type_ids") {
				types = append(types, int32(g.Get(t, "token_type_ids").At(i, j)))
			}
		}
		b.IDs = append(b.IDs, ids)
		if types != nil {
			b.Types = append(b.Types, types)
		}
	}
	if g.Has("labels") {
		for _, x := range g.Get(t, "labels").Data {
			b.Classes = append(b.Classes, int32(x))
		}
	} else {
		b.Labels = b.IDs
	}
	if err := r.Forward(b); err != nil {
		t.Fatal(err)
	}
}

func wide(x []float32) []float64 { return linalg.Widen(1, len(x), x).Data }

// live is a model with folders attached: factors as branches, and biases and embeddings as
// trained weights of the base, which then have the folders' in them.
type live struct {
	runner *nn.Runner
	params map[string]nn.Param
	parts  []part
	saved  map[string]string // by the gradient's name, the base's parameter
}

// part is a layer of a folder, and its branch where it has one.
type part struct {
	prefix string // of the gradients' names
	layer  Layer
	branch *nn.Branch
}

func adapted(t *testing.T, g *linalgtest.Case, folders map[string]*Folder) *live {
	t.Helper()
	out := &live{params: map[string]nn.Param{}, saved: map[string]string{}}
	var base []*Folder // of what is no branch: saved tensors, embeddings, biases of B
	for _, name := range sorted(folders) {
		f := folders[name]
		rest := &Folder{Config: f.Config, Saved: f.Saved}
		prefix := "grad."
		if len(folders) > 1 {
			prefix += name + "."
		}
		for _, l := range f.Layers {
			p := part{prefix: prefix, layer: l}
			switch {
			case l.Embedding:
				rest.Layers = append(rest.Layers, l)
			default:
				p.branch = &nn.Branch{A: slices.Clone(l.A), B: slices.Clone(l.B), Rank: l.Rank, Scale: float32(l.Scale), Magnitude: slices.Clone(l.Magnitude)}
				if l.Bias != nil {
					l.B = make([]float32, len(l.B)) // the bias alone
					rest.Layers = append(rest.Layers, l)
				}
			}
			out.parts = append(out.parts, p)
		}
		for _, s := range f.Saved {
			key := prefix + keyPrefix + f.keyOf(s.Name)
			double := strings.TrimSuffix(key, ".bias") + ".modules_to_save.bias" // the stray copy
			for _, k := range []string{key, double} {
				if g.Has(k) {
					out.saved[k] = s.Name
				}
			}
		}
		base = append(base, rest)
	}
	m := loadModel(t, g, mergedBase(t, g, base...))
	out.runner = nn.NewRunner(m)
	for _, p := range out.runner.TrainBase(func(name string) bool {
		return strings.HasSuffix(name, ".bias") || strings.Contains(name, "embed_tokens") || strings.HasPrefix(name, "classifier.")
	}) {
		out.params[p.Name] = p
	}
	for _, p := range out.parts {
		if p.branch == nil {
			continue
		}
		at := slices.IndexFunc(m.Modules(), func(x nn.Module) bool { return x.HF == p.layer.Module && x.Of == "" })
		if at < 0 {
			t.Fatalf("our model has no module %s", p.layer.Module)
		}
		p.branch.Module = m.Modules()[at].Name
		p.branch.TrainA()
		p.branch.TrainB()
		if p.branch.Magnitude != nil {
			p.branch.TrainMagnitude()
		}
		if err := out.runner.Attach(p.branch); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func (l *live) checkGradients(t *testing.T, g *linalgtest.Case) {
	t.Helper()
	for _, p := range l.parts {
		at := p.prefix + keyPrefix + p.layer.Module
		if p.branch == nil { // W + s·(B·A)ᵀ: by the chain rule from the weight's gradient
			grad := l.params[p.layer.Module+".weight"].Grad
			dw := linalg.Widen(p.layer.In, p.layer.Out, grad).Scaled(p.layer.Scale)
			g.Check(t, at+keyEmbeddingA, linalg.Mul(linalg.Widen(p.layer.Out, p.layer.Rank, p.layer.B).T(), dw.T()).Data)
			g.Check(t, at+keyEmbeddingB, linalg.Mul(dw.T(), linalg.Widen(p.layer.Rank, p.layer.In, p.layer.A).T()).Data)
			continue
		}
		g.Check(t, at+keyA, wide(p.branch.GradA))
		g.Check(t, at+keyB, wide(p.branch.GradB))
		if p.branch.Magnitude != nil {
			g.Check(t, at+keyMagnitude, wide(p.branch.GradMagnitude))
		}
		if p.layer.Bias != nil {
			bias := linalg.Dense{Rows: 1, Cols: p.layer.Out, Data: wide(l.params[p.layer.Module+".bias"].Grad)}
			g.Check(t, at+keyBiasOfB, bias.Scaled(p.layer.Scale).Data)
		}
	}
	for key, name := range l.saved {
		g.Check(t, key, wide(l.params[name].Grad))
	}
}
