package nn

import (
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/rng"
)

// Every encoder can get a head of another size and kind, keeps all else, and then loads.
func TestCrown(t *testing.T) {
	for family, want := range map[string]struct{ head, fresh string }{
		"bert":       {"classifier.weight classifier.bias", "classifier.weight classifier.bias"},
		"roberta":    {"classifier.dense.weight classifier.dense.bias classifier.out_proj.weight classifier.out_proj.bias", "classifier.dense.weight classifier.dense.bias classifier.out_proj.weight classifier.out_proj.bias"},
		"distilbert": {"classifier.weight classifier.bias", "pre_classifier.weight pre_classifier.bias classifier.weight classifier.bias"},
		"deberta-v2": {"classifier.weight classifier.bias", "pooler.dense.weight pooler.dense.bias classifier.weight classifier.bias"},
		"vit":        {"classifier.weight classifier.bias", "classifier.weight classifier.bias"},
	} {
		shape := Shape{Vocab: 13, Width: 12, Inner: 20, Layers: 1, Heads: 3, KVHeads: 3, Context: 8}
		if family == "vit" {
			shape = Shape{Width: 12, Inner: 20, Layers: 1, Heads: 3, KVHeads: 3, Image: Image{6, 2, 2}}
		}
		plain, err := Design(family, shape)
		if err != nil {
			t.Fatal(family, err)
		}
		m, err := New(plain, 0.3, rng.New(3).Stream())
		if err != nil {
			t.Fatal(family, err)
		}
		file := stored(t, m, "F32")
		c, err := plain.Answering(Answer{Outputs: 3, Several: true}, []string{"a", "b", "c"})
		if err != nil {
			t.Fatal(family, err)
		}
		if got := strings.Join(c.HeadTensors(), " "); got != want.head {
			t.Errorf("%s: the head is %s", family, got)
		}
		all, fresh, err := Crown(c, file, normal(4))
		if err != nil || strings.Join(fresh, " ") != want.fresh {
			t.Errorf("%s: fresh are %s, %v", family, fresh, err)
		}
		crowned, err := Load(c, all)
		if err != nil {
			t.Fatal(family, err)
		}
		if got := crowned.Config(); got.Answer.Outputs != 3 || !got.Answer.Several || !slices.Equal(got.Classes, []string{"a", "b", "c"}) {
			t.Errorf("%s: %+v", family, got)
		}
		for _, x := range m.Tensors().List { // all else is as it was
			for _, y := range crowned.Tensors().List {
				if x.Name == y.Name && !slices.Equal(x.Data, y.Data) {
					t.Errorf("%s: %s changed", family, x.Name)
				}
			}
		}
		// Another head in the place of this one.
		c, err = c.Answering(Answer{Outputs: 1, Regression: true}, nil)
		if err != nil {
			t.Fatal(family, err)
		}
		if all, fresh, err = Crown(c, stored(t, crowned, "F32"), normal(5)); err != nil || strings.Join(fresh, " ") != want.head {
			t.Errorf("%s: fresh are %s, %v", family, fresh, err)
		}
		if _, err = Load(c, all); err != nil {
			t.Error(family, err)
		}
	}
	llama, err := Design("llama", Shape{Vocab: 13, Width: 12, Inner: 20, Layers: 1, Heads: 3, KVHeads: 3, Context: 8})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := llama.Answering(Answer{Outputs: 2}, nil); err == nil || !strings.Contains(err.Error(), "bert, deberta-v2, distilbert, roberta, vit") {
		t.Errorf("%v", err)
	}
}

func normal(seed uint64) func(out, in int) []float32 {
	s := rng.New(seed).Stream()
	return func(out, in int) []float32 {
		w := make([]float32, out*in)
		for i := range w {
			w[i] = float32(s.Norm())
		}
		return w
	}
}
