package lora

import (
	"math"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/numtest"
	"github.com/loramesh/loramesh/linalg/rng"
)

func TestKeysTravel(t *testing.T) {
	keys := Keys{{"0.q", []float32{1, 2}}, {"1.down", []float32{3}}}
	got, err := ParseKeys(keys.Tensors())
	if err != nil || len(got) != 2 || got.Of("1.down")[0] != 3 || got.Of("0.v") != nil {
		t.Fatalf("%v, %v", got, err)
	}
	for says, x := range map[string]linalg.Tensors{
		`of kind ""`: {}, "of no module": {Meta: map[string]string{metaKind: kindKeys}},
		"MODULE.key":       {Meta: map[string]string{metaKind: kindKeys}, List: []linalg.Tensor{{Name: "0.q.A", Shape: []int{1}, Data: []float32{1}}}},
		"one dimension":    {Meta: map[string]string{metaKind: kindKeys}, List: []linalg.Tensor{{Name: "0.q.key", Shape: []int{1, 1}, Data: []float32{1}}}},
		"two keys for mod": {Meta: map[string]string{metaKind: kindKeys}, List: []linalg.Tensor{{Name: "0.q.key", Shape: []int{1}, Data: []float32{1}}, {Name: "0.q.key", Shape: []int{1}, Data: []float32{1}}}},
	} {
		if _, err := ParseKeys(x); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v; want one that says %q", err, says)
		}
	}
}

func TestMeanOfKeys(t *testing.T) {
	var mean KeysMean
	for i, share := range []float64{0.25, 0.75} {
		if err := mean.Add(share, Keys{{"0.q", []float32{float32(4 * i), 1}}}); err != nil {
			t.Fatal(err)
		}
	}
	numtest.Same(t, "mean", mean.Keys().Of("0.q"), []float32{3, 1})
	if err := mean.Add(1, Keys{{"0.v", []float32{1, 1}}}); err == nil {
		t.Error("a key of another module passed")
	}
	if err := mean.Add(1, nil); err == nil {
		t.Error("no keys passed beside some")
	}
}

// The prototype of B·A is the unit input that it answers most strongly.
func TestPrototypes(t *testing.T) {
	p := Fresh(rng.New(1).At("arrow"), Module{Name: "0.q", Out: 5, In: 7}, 2, 1, Gaussian{Std: 1})
	s := rng.New(2).Stream()
	for i := range p.B {
		p.B[i] = float32(s.Norm())
	}
	keys, err := Adapter{p}.Prototypes()
	if err != nil {
		t.Fatal(err)
	}
	length := func(v []float32) (answer, own float64) {
		d := p.Delta()
		for i := range d.Rows {
			var x float64
			for j, w := range d.Row(i) {
				x += w * float64(v[j])
			}
			answer += x * x
		}
		for _, x := range v {
			own += float64(x) * float64(x)
		}
		return math.Sqrt(answer), math.Sqrt(own)
	}
	best, own := length(keys.Of("0.q"))
	if math.Abs(own-1) > 1e-6 {
		t.Errorf("its length is %g", own)
	}
	for range 200 {
		v := make([]float32, 7)
		for i := range v {
			v[i] = float32(s.Norm())
		}
		if answer, own := length(v); answer/own > best*(1+1e-6) {
			t.Fatalf("a random input is answered by %g, the prototype by %g", answer/own, best)
		}
	}
}
