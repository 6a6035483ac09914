package nn

import (
	"testing"

	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/numtest"
	"github.com/loramesh/loramesh/linalg/rng"
)

// Weights read from tensors are those of the model, also of rows of layers that are stored
// turned.
func TestWeightIn(t *testing.T) {
	gpt2, err := Design("gpt2", Shape{Vocab: 11, Width: 8, Inner: 12, Layers: 2, Heads: 2, KVHeads: 2, Context: 16, Tied: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []Config{small(false), gpt2} {
		m := randomModel(t, c, rng.New(3).Stream())
		seen := 0
		for _, x := range m.Modules() {
			if x.linear == nil || x.Name == "lm_head" {
				continue
			}
			w, err := c.WeightIn(m.Tensors(), x.Name)
			if err != nil {
				t.Fatal(err)
			}
			want, err := m.Weight(x.Name)
			if err != nil {
				t.Fatal(err)
			}
			numtest.Same(t, x.Name, w.Narrow(), want)
			seen++
		}
		if seen < 8 {
			t.Errorf("%d modules", seen)
		}
		if _, err := c.WeightIn(m.Tensors(), "9.q"); err == nil {
			t.Error("a module that is not there has a weight")
		}
	}
}

// What a tap is told is what went in: module times input is the output of the module.
func TestTapSeesWhatEnters(t *testing.T) {
	s := rng.New(4).Stream()
	m := randomModel(t, small(false), s)
	r := NewRunner(m)
	b := raggedBatch(m.config, s)
	rows := map[string]int{}
	var entered []float32
	err := r.TapInputs([]string{"0.q", "0.v", "1.down"}, func(module string, at int, x kernel.Matrix) {
		if at != rows[module] {
			t.Errorf("%s: rows from %d come after %d", module, at, rows[module])
		}
		rows[module] += x.Rows
		if module == "0.q" {
			for i := range x.Rows {
				entered = append(entered, x.Row(i)...)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Forward(b); err != nil {
		t.Fatal(err)
	}
	for _, module := range []string{"0.q", "0.v", "1.down"} {
		if rows[module] != r.Rows() {
			t.Errorf("%s: %d rows of %d", module, rows[module], r.Rows())
		}
	}
	normed := window(r.blocks[0].h1, m.config.Width, 0, r.rows)
	numtest.Same(t, "what enters 0.q", entered, normed.Data)
	if err := r.TapInputs([]string{"lm_head"}, nil); err == nil {
		t.Error("the head was tapped")
	}
	r.Use(m)
	if err := r.Forward(b); err != nil || rows["0.q"] != len(entered)/m.config.Width {
		t.Errorf("after Use the tap is still there: %v", err)
	}
}
