package nn

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/numtest"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/linalg/safetensors"
)

func TestModelSurvivesItsFile(t *testing.T) {
	for _, tied := range []bool{false, true} {
		m := randomModel(t, small(tied), rng.New(1).Stream())
		b, err := safetensors.EncodeTensors(m.Tensors())
		if err != nil {
			t.Fatal(err)
		}
		f, err := safetensors.Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Load(m.config, f.Tensors)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for i, x := range m.Tensors().List {
			numtest.Same(t, x.Name, again.Tensors().List[i].Data, x.Data)
			n += len(x.Data)
		}
		if m.config.Params() != n {
			t.Errorf("Params says %d; there are %d", m.config.Params(), n)
		}
	}
}

func TestLoadNamesWhatDisagrees(t *testing.T) {
	good := randomModel(t, small(false), rng.New(1).Stream())
	for _, c := range []struct {
		want   string
		change func(t *linalg.Tensors)
	}{
		{`"model.layers.1.mlp.up_proj.weight" is missing; config.json asks for it with shape [14 10]`, func(t *linalg.Tensors) {
			t.List = slices.DeleteFunc(t.List, func(x linalg.Tensor) bool { return x.Name == "model.layers.1.mlp.up_proj.weight" })
		}},
		{`"model.layers.0.self_attn.q_proj.weight" has shape [24 9]; config.json says [24 10] (num_attention_heads 4 × head_dim 6, hidden_size 10)`, func(t *linalg.Tensors) {
			t.List[1].Shape = []int{24, 9}
		}},
		{`"extra" is left over`, func(t *linalg.Tensors) { t.List = append(t.List, linalg.Tensor{Name: "extra"}) }},
		{`"model.layers.0.self_attn.q_proj.weight" has NaN at place 3`, func(t *linalg.Tensors) {
			t.List[1].Data = slices.Clone(t.List[1].Data)
			t.List[1].Data[3] = float32(math.NaN())
		}},
		{`occurs twice`, func(t *linalg.Tensors) { t.List = append(t.List, t.List[0]) }},
	} {
		ts := good.Tensors()
		c.change(&ts)
		if _, err := FromTensors(good.config, ts); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v; want one that says %q", err, c.want)
		}
	}
	old := good.Tensors()
	old.List = append(old.List, linalg.Tensor{Name: "model.layers.0.self_attn.rotary_emb.inv_freq", Shape: []int{3}, Data: make([]float32, 3)})
	if _, err := FromTensors(good.config, old); err != nil {
		t.Errorf("frequencies of an old checkpoint: %v", err)
	}
	many := good.config
	many.Layers = 40
	if _, err := FromTensors(many, good.Tensors()); err == nil || len(strings.Split(err.Error(), "\n")) != 11 || !strings.Contains(err.Error(), "more") {
		t.Errorf("a config with 38 blocks too many: %v", err)
	}
}

// A stored head counts, whatever the config says, unless it is the embedding.
func TestStoredHeadWins(t *testing.T) {
	untied := randomModel(t, small(false), rng.New(1).Stream())
	says := small(true)
	m, err := FromTensors(says, untied.Tensors())
	if err != nil || m.config.Tied {
		t.Fatalf("tied %v, %v; want the stored head", m.config.Tied, err)
	}
	ts := untied.Tensors()
	last := len(ts.List) - 1
	numtest.Same(t, "head", m.Tensors().List[last].Data, ts.List[last].Data)
	ts.List[last].Data = ts.List[0].Data
	if m, err = FromTensors(says, ts); err != nil || !m.config.Tied {
		t.Errorf("a head equal to the embedding was not tied: %v", err)
	}
}

func TestWithDeltaSharesWhatItLeaves(t *testing.T) {
	m := randomModel(t, small(false), rng.New(1).Stream())
	old, err := m.Weight("1.v")
	if err != nil {
		t.Fatal(err)
	}
	d := make([]float64, len(old))
	d[5] = 1e-9 // below float32's step there: rounds away once, not twice
	d[7] = 0.25
	n, err := WithDelta(m, map[string][]float64{"1.v": d})
	if err != nil {
		t.Fatal(err)
	}
	now, _ := m.Weight("1.v")
	numtest.Same(t, "the model it was made of", now, old)
	w, err := n.Weight("1.v")
	if err != nil || w[7] != float32(float64(old[7])+0.25) || w[5] != old[5] {
		t.Errorf("merged weight %v, %v", w[:8], err)
	}
	id := m.parts.blocks[1].qkv.id
	if n.maps[0] != m.maps[0] || n.maps[id] == m.maps[id] || &n.data[0][0] != &m.data[0][0] {
		t.Error("untouched weights are not shared, or touched ones are")
	}
	for want, bad := range map[string]map[string][]float32{"no module": {"v": nil}, "12×10 = 120": {"1.v": make([]float32, 3)}} {
		if _, err := WithDelta(m, bad); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v; want one that says %q", err, want)
		}
	}
	if _, err := m.Weight("9.q"); err == nil {
		t.Error("a weight beyond the blocks")
	}
}
