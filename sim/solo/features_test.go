package solo

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/sim/data"
)

// What stands for an input is made of its own rows alone, whatever is beside it, in every
// family and layer.
func TestFeatures(t *testing.T) {
	for _, family := range []string{"llama", "gpt2", "bert", "t5", "vit"} {
		m := opened(t, onDisk(t, family), Opening{})
		inputs := []data.Example{{Prompt: "a b"}, {Prompt: "c d e f"}, {Prompt: "a"}}
		for i := range inputs {
			if family == "vit" {
				inputs[i].Picture = &data.Picture{Width: 4, Height: 4, Channels: 1, Pixels: []byte(strings.Repeat(string(rune('a'+9*i)), 16))}
			}
		}
		w := m.Net.Config().Width
		for after := nn.Last; after <= m.Net.Config().Layers; after++ {
			ask := func(p nn.Pooling, inputs ...data.Example) []Pooled {
				p.After = after
				all, err := m.Features(inputs, p, unasked)
				if err != nil {
					t.Fatal(family, err)
				}
				return all
			}
			rows := ask(nn.Pooling{By: "none"}, inputs...)
			for i, x := range rows {
				if len(x.Numbers) != w*x.Places {
					t.Fatalf("%s: %d numbers of %d places", family, len(x.Numbers), x.Places)
				}
				mean := make([]float64, w)
				for j, v := range x.Numbers {
					mean[j%w] += float64(v) / float64(x.Places)
				}
				for j, v := range ask(nn.Pooling{By: "mean"}, inputs[i])[0].Numbers {
					if math.Abs(float64(v)-mean[j]) > 1e-5*(1+math.Abs(mean[j])) {
						t.Errorf("%s, layer %d: the mean has %g, expected %g", family, after, v, mean[j])
					}
				}
				first, last := ask(nn.Pooling{By: "first"}, inputs...)[i].Numbers, ask(nn.Pooling{By: "last"}, inputs[i])[0].Numbers
				if !slices.Equal(first, x.Numbers[:w]) || !slices.Equal(last, x.Numbers[len(x.Numbers)-w:]) {
					t.Errorf("%s, layer %d: first or last is another row", family, after)
				}
				norm := 0.0
				for _, v := range ask(nn.Pooling{By: "mean", Unit: true}, inputs[i])[0].Numbers {
					norm += float64(v) * float64(v)
				}
				if math.Abs(norm-1) > 1e-5 {
					t.Errorf("%s: a squared length of %g", family, norm)
				}
			}
		}
	}
}

func TestFeaturesThatCannotBe(t *testing.T) {
	m := tiny(t, "llama")
	pair := "b"
	for want, give := range map[string]func() error{
		"layer 3 of a model of 2 blocks": func() error {
			_, err := m.Features(rows, nn.Pooling{After: 3, By: "mean"}, unasked)
			return err
		},
		`pool "max"`: func() error { _, err := m.Features(rows, nn.Pooling{By: "max"}, unasked); return err },
		"a pair of texts": func() error {
			_, err := m.Features([]data.Example{{Pair: &pair}}, nn.Pooling{By: "mean"}, unasked)
			return err
		},
		"input 1 has 41 tokens; the model reads 1 … 32": func() error {
			_, err := m.Features([]data.Example{{Prompt: strings.Repeat("a", 40)}}, nn.Pooling{By: "mean"}, unasked)
			return err
		},
		"reads pictures": func() error {
			_, err := opened(t, onDisk(t, "vit"), Opening{}).Pool([]data.Sequence{Tokens([]int32{1})}, nn.Pooling{By: "mean"}, unasked)
			return err
		},
		"token 258": func() error {
			_, err := m.Pool([]data.Sequence{Tokens([]int32{258})}, nn.Pooling{By: "mean"}, unasked)
			return err
		},
	} {
		if err := give(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; %q was expected in it", err, want)
		}
	}
}
