package nn

import (
	"math"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/rng"
)

// Every trained tensor of an encoder moves its loss as its gradient says: a step along the
// gradient of one tensor changes the loss by the step times the gradient's square.
func TestEncodersTrainWhole(t *testing.T) {
	text := [][]int32{{1, 2, 3, 4}, {5, 6}}
	for name, c := range map[string]struct {
		family     string
		shape      Shape
		regression bool
		batch      Batch
	}{
		"classes":    {"bert", Shape{Vocab: 13, Width: 12, Inner: 20, Layers: 2, Heads: 3, KVHeads: 3, Context: 8, Classes: 4}, false, Batch{IDs: text, Classes: []int32{3, 1}}},
		"numbers":    {"roberta", Shape{Vocab: 13, Width: 12, Inner: 20, Layers: 1, Heads: 2, KVHeads: 2, Context: 8, Classes: 2}, true, Batch{IDs: text, Targets: [][]float32{{1, -2}, {0.5, 3}}}},
		"pictures":   {"vit", Shape{Width: 12, Inner: 20, Layers: 2, Heads: 3, KVHeads: 3, Image: Image{6, 2, 2}, Classes: 3}, false, Batch{Images: [][]float32{ramp(72), ramp(72)}, Classes: []int32{0, 2}}},
		"left alone": {"bert", Shape{Vocab: 13, Width: 12, Inner: 20, Layers: 1, Heads: 2, KVHeads: 2, Context: 8, Classes: 3}, false, Batch{IDs: text, Classes: []int32{Ignore, 2}}},
		"two stacks": {"t5", Shape{Vocab: 13, Width: 12, Inner: 20, Layers: 2, Heads: 3, KVHeads: 3, Context: 8, Tied: true}, false, Batch{IDs: text, Labels: [][]int32{{7}, {8, Ignore, 9}}}},
		"unseen":     {"bert", Shape{Vocab: 13, Width: 12, Inner: 20, Layers: 2, Heads: 3, KVHeads: 3, Context: 8, Classes: 4}, false, Batch{IDs: text, Classes: []int32{3, 1}, Unseen: []int{1, 0}}},
	} {
		t.Run(name, func(t *testing.T) {
			config, err := Design(c.family, c.shape)
			if err != nil {
				t.Fatal(err)
			}
			config.Answer.Regression = c.regression
			m, err := New(config, 0.3, rng.New(7).At(name).Stream())
			if err != nil {
				t.Fatal(err)
			}
			r := NewRunner(m)
			risesAlong(t, r, r.TrainBase(nil), func() Batch { return c.batch })
		})
	}
}

// risesAlong takes a step along the gradient of each param, and expects the loss to rise by
// the step times the gradient's square.
func risesAlong(t *testing.T, r *Runner, params []Param, batch func() Batch) {
	t.Helper()
	loss := func() float64 {
		if err := r.Forward(batch()); err != nil {
			t.Fatal(err)
		}
		l, _ := r.Loss()
		return l.Mean()
	}
	if _, _, err := r.Learn(batch(), nil); err != nil {
		t.Fatal(err)
	}
	for _, p := range params {
		square := sumSquares(p.Grad)
		if square < 1e-10 { // rows that nothing reads, biases of keys
			continue
		}
		own := append([]float32(nil), p.Value...)
		h := 1e-2 / math.Sqrt(square)
		var side [2]float64
		for i, sign := range []float64{1, -1} {
			for j, g := range p.Grad {
				p.Value[j] = own[j] + float32(sign*h*float64(g))
			}
			side[i] = loss()
		}
		copy(p.Value, own)
		if got, want := (side[0]-side[1])/(2*h), square; math.Abs(got-want) > 0.02*want+1e-5 {
			t.Errorf("%s: the loss rises by %.6g along the gradient; want %.6g", p.Name, got, want)
		}
	}
}

func TestBatchesThatModelsRefuse(t *testing.T) {
	design := func(family string, s Shape) Config {
		c, err := Design(family, s)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	bert := design("bert", Shape{Vocab: 13, Width: 12, Inner: 20, Layers: 1, Heads: 3, KVHeads: 3, Context: 8, Classes: 4})
	vit := design("vit", Shape{Width: 12, Inner: 20, Layers: 1, Heads: 3, KVHeads: 3, Image: Image{4, 2, 1}, Classes: 3})
	llama := design("llama", Shape{Vocab: 13, Width: 12, Inner: 20, Layers: 1, Heads: 3, KVHeads: 3, Context: 8})
	ids := [][]int32{{1, 2}}
	for want, c := range map[string]struct {
		config Config
		batch  Batch
	}{
		"class 4; expected 0 … 3":                      {bert, Batch{IDs: ids, Classes: []int32{4}}},
		"2 classes and 0 targets for 1 sequences":      {bert, Batch{IDs: ids, Classes: []int32{1, 2}}},
		"0 classes and 1 targets":                      {bert, Batch{IDs: ids, Targets: [][]float32{{1}}}},
		"labels of tokens for a model without a head":  {bert, Batch{IDs: ids, Labels: ids}},
		"has 2 unseen places of 2":                     {bert, Batch{IDs: ids, Classes: []int32{1}, Unseen: []int{2}}},
		"only models that look both ways":              {llama, Batch{IDs: ids, Unseen: []int{0}}},
		"without a head that answers for sequences":    {llama, Batch{IDs: ids, Classes: []int32{1}}},
		"pictures for a model that reads tokens":       {llama, Batch{IDs: ids, Images: [][]float32{{1}}}},
		"tokens for a model that reads pictures":       {vit, Batch{IDs: ids, Images: [][]float32{ramp(16)}}},
		"picture 0 has 3 numbers; expected 1×4×4 = 16": {vit, Batch{Images: [][]float32{{1, 2, 3}}}},
		"picture 0 has NaN at place 1":                 {vit, Batch{Images: [][]float32{append([]float32{0, float32(math.NaN())}, ramp(14)...)}}},
		"no pictures":                                  {vit, Batch{}},
	} {
		m, err := New(c.config, 0.1, rng.New(1).Stream())
		if err != nil {
			t.Fatal(err)
		}
		if err := NewRunner(m).Forward(c.batch); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v; want %q", err, want)
		}
	}
}

// With replaces what it is given and nothing else.
func TestWith(t *testing.T) {
	c, err := Design("bert", Shape{Vocab: 13, Width: 4, Inner: 8, Layers: 1, Heads: 2, KVHeads: 2, Context: 8, Classes: 2})
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(c, 0.1, rng.New(1).Stream())
	if err != nil {
		t.Fatal(err)
	}
	one := func(name string, shape []int, data ...float32) linalg.Tensors {
		return linalg.Tensors{List: []linalg.Tensor{{Name: name, Shape: shape, Data: data}}}
	}
	key := "bert.encoder.layer.0.attention.self.key.weight" // in the middle of a map of three
	other, err := m.With(one(key, []int{4, 4}, ramp(16)...))
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range m.Tensors().List {
		now, _ := other.Tensors().Get(x.Name)
		want := x.Data
		if x.Name == key {
			want = ramp(16)
		}
		for i := range want {
			if now.Data[i] != want[i] {
				t.Fatalf("%s[%d] is %g; want %g", x.Name, i, now.Data[i], want[i])
			}
		}
	}
	for want, bad := range map[string]linalg.Tensors{
		"none of the model's": one("classifier.wight", []int{2, 4}, ramp(8)...),
		"has shape [3]":       one("classifier.bias", []int{3}, 1, 2, 3),
		"has +Inf at place 1": one("classifier.bias", []int{2}, 1, float32(math.Inf(1))),
	} {
		if _, err := m.With(bad); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v; want %q", err, want)
		}
	}
}
