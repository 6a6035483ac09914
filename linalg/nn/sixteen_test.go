package nn

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/numtest"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/linalg/safetensors"
)

// stored is a model's tensors as a file of that type has them.
func stored(t *testing.T, m *Model, dtype string) (ts []safetensors.Tensor) {
	t.Helper()
	for _, x := range m.Tensors().List {
		n, err := safetensors.FromFloats(x.Name, dtype, x.Shape, x.Data)
		if err != nil {
			t.Fatal(err)
		}
		ts = append(ts, n)
	}
	return ts
}

// widened is what a file of 16 bits says, as float32.
func widened(t *testing.T, ts []safetensors.Tensor) (all linalg.Tensors) {
	t.Helper()
	for _, x := range ts {
		data, err := x.Floats()
		if err != nil {
			t.Fatal(err)
		}
		all.List = append(all.List, linalg.Tensor{Name: x.Name, Shape: x.Shape, Data: data})
	}
	return all
}

func pairOf16(t *testing.T, c Config, dtype string, s *rng.Stream) (short, long *Model) {
	t.Helper()
	ts := stored(t, randomModel(t, c, s), dtype)
	short, err := Load(c, ts)
	if err != nil {
		t.Fatal(err)
	}
	if long, err = FromTensors(c, widened(t, ts)); err != nil {
		t.Fatal(err)
	}
	for i, p := range short.maps {
		if p.forward.Format() != formats[dtype] {
			t.Fatalf("map %d is held as %v, expected %s", i, p.forward.Format(), dtype)
		}
	}
	return short, long
}

func alike(t *testing.T, what string, got, want *Model) {
	t.Helper()
	for i, x := range want.Tensors().List {
		numtest.Same(t, what+" "+x.Name, got.Tensors().List[i].Data, x.Data)
	}
}

// A model held in 16 bits computes, trains, changes and is trained as its widened twin.
func TestModelIn16BitsHasTheBitsOfItsWidenedTwin(t *testing.T) {
	for _, dtype := range []string{"BF16", "F16"} {
		for _, tied := range []bool{false, true} {
			short, long := pairOf16(t, small(tied), dtype, rng.New(61).Stream())
			alike(t, dtype, short, long)
			pass := func(m *Model) (logits []float32, grads [][]float32, base []float32) {
				s := rng.New(62).Stream()
				r := NewRunner(m)
				branches, _ := trained(t, r, s)
				ids := [][]int32{{3, 1, 4, 1, 5, 9, 2, 6}, {5, 3}}
				if err := r.Forward(Batch{IDs: ids}); err != nil {
					t.Fatal(err)
				}
				logits = r.Logits(nil)
				r.Backward(nil)
				for _, b := range branches {
					grads = append(grads, b.GradA, b.GradB)
				}
				r.Use(m)
				params := r.TrainBase(nil)
				if err := r.Forward(Batch{IDs: ids}); err != nil {
					t.Fatal(err)
				}
				r.Backward(nil)
				for _, p := range params {
					base = append(base, p.Grad...)
				}
				return logits, grads, base
			}
			logits, grads, base := pass(short)
			wantLogits, wantGrads, wantBase := pass(long)
			numtest.Same(t, "logits", logits, wantLogits)
			numtest.Same(t, "gradients of the base", base, wantBase)
			for i := range grads {
				numtest.Same(t, "gradients", grads[i], wantGrads[i])
			}
			delta := map[string][]float32{"0.q": slices.Repeat([]float32{0.1}, len(long.Tensors().List[1].Data))}
			moved, err := WithDelta(short, delta)
			if err != nil {
				t.Fatal(err)
			}
			want, err := WithDelta(long, delta)
			if err != nil {
				t.Fatal(err)
			}
			alike(t, "with a delta", moved, want)
			other := linalg.Tensors{List: long.Tensors().List[1:2]}
			for i := range other.List[0].Data {
				other.List[0].Data[i] = 0.3 // no number of 16 bits
			}
			if moved, err = short.With(other); err != nil {
				t.Fatal(err)
			}
			if want, err = long.With(other); err != nil {
				t.Fatal(err)
			}
			alike(t, "with another tensor", moved, want)
		}
	}
}

// Rounding at load is rounding the file first.
func TestLoadRounded(t *testing.T) {
	m := randomModel(t, small(false), rng.New(63).Stream())
	for dtype, format := range formats {
		got, err := LoadAs(m.config, stored(t, m, "F32"), Form{Weights: dtype})
		if err != nil {
			t.Fatal(err)
		}
		want, err := Load(m.config, stored(t, m, dtype))
		if err != nil {
			t.Fatal(err)
		}
		alike(t, dtype, got, want)
		if got.maps[0].forward.Format() != format {
			t.Errorf("%s is held as %v", dtype, got.maps[0].forward.Format())
		}
	}
	if _, err := LoadAs(m.config, nil, Form{Weights: "F32"}); err == nil || !strings.Contains(err.Error(), `"F32"; expected BF16 or F16`) {
		t.Errorf("F32: %v", err)
	}
	big := stored(t, m, "F32")
	huge, err := safetensors.FromFloats(big[1].Name, "F32", big[1].Shape, slices.Repeat([]float32{1e6}, product(big[1].Shape)))
	if err != nil {
		t.Fatal(err)
	}
	big[1] = huge
	if _, err := LoadAs(m.config, big, Form{Weights: "F16"}); err == nil || !strings.Contains(err.Error(), "which F16 cannot hold") {
		t.Errorf("a number too large: %v", err)
	}
}

// Tensors of one map that lie in different types are held in float32; what is no number
// is named.
func TestMixedAndBroken16Bits(t *testing.T) {
	c := small(false)
	m := randomModel(t, c, rng.New(64).Stream())
	short, long := stored(t, m, "BF16"), stored(t, m, "F32")
	mixed := slices.Clone(short)
	mixed[1] = long[1]
	got, err := Load(c, mixed)
	if err != nil {
		t.Fatal(err)
	}
	numtest.Same(t, "mixed", got.Tensors().List[1].Data, m.Tensors().List[1].Data)
	if f := got.maps[got.slots[1].owner].forward.Format(); f != kernel.Float32 {
		t.Errorf("a map of two types is held as %v", f)
	}
	short[1].Bytes = slices.Clone(short[1].Bytes)
	short[1].Bytes[6], short[1].Bytes[7] = 0x80, 0x7f
	if _, err := Load(c, short); err == nil || !strings.Contains(err.Error(), "has no number at place 3 (bfloat16 bits 0x7f80)") {
		t.Errorf("an infinity: %v", err)
	}
	if math.IsInf(float64(kernel.BFloat16.Widen(0x7f80)), 1) == kernel.BFloat16.Finite(0x7f80) {
		t.Error("0x7f80 is infinite")
	}
}
