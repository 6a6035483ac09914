package rng

import (
	"math"
	"testing"
)

// Fixed values: a change here is a change of every run ever recorded.
func TestDrawsAreFixedForAllTime(t *testing.T) {
	k := New(1).At("fit", 3)
	s := k.Stream()
	got := []any{k.String(), k.Seed(), s.Uint64(), s.Float64(), s.Norm(), s.IntN(1000), s.Gamma(0.5)}
	want := []any{"a71402d8", uint64(16848545430797416077), uint64(14974200832012412976), 0.28564570585888716,
		0.0802427509895749, 58, 0.04370912697422219}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("draw %d: %v, was %v", i, got[i], want[i])
		}
	}
	p := New(1).Permutation(1_000_000)
	if a, b, c := p.At(0), p.At(1), p.At(999_999); a != 868884 || b != 577666 || c != 184728 {
		t.Errorf("permutation begins %d, %d and ends %d", a, b, c)
	}
}

func TestPathIsWhatCounts(t *testing.T) {
	k := New(7)
	for _, same := range [][2]Key{
		{k.At("fit", 3), k.At("fit").At(3)},
		{k.At(3), k.At(uint64(3))},
		{k.At(-3), k.At(int64(-3))},
		{k.At(3), k.At(int32(3))},
		{k.At(3), k.At(uint32(3))},
		{k.At(), k},
	} {
		if same[0] != same[1] {
			t.Errorf("%v and %v should be one name", same[0], same[1])
		}
	}
	keys := map[Key]string{}
	for name, x := range map[string]Key{
		"root": k, "ab c": k.At("ab", "c"), "a bc": k.At("a", "bc"), "abc": k.At("abc"), "c ab": k.At("c", "ab"),
		"3": k.At(3), `"3"`: k.At("3"), "empty": k.At(""), "empty twice": k.At("", ""), "-1": k.At(-1),
		"max": k.At(uint64(math.MaxUint64)), "0": k.At(0), "other seed": New(8), "seed of it": New(k.Seed()),
	} {
		if was, ok := keys[x]; ok {
			t.Errorf("%q and %q are one key", was, name)
		}
		keys[x] = name
	}
}

func TestOtherTypesPanic(t *testing.T) {
	type role string
	for _, p := range []any{1.5, true, []byte("x"), role("client"), nil} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("At(%T) went through", p)
				}
			}()
			New(1).At(p)
		}()
	}
}

func TestStreamBeginsAnew(t *testing.T) {
	k := New(3).At("x")
	a, b := k.Stream(), k.Stream()
	a.Uint64()
	first := k.Stream().Uint64()
	if b.Uint64() != first {
		t.Error("two streams of a key differ")
	}
	if a.Uint64() == first {
		t.Error("a stream repeats itself")
	}
}

func TestMoments(t *testing.T) {
	const n = 200_000
	for _, c := range []struct {
		name           string
		draw           func(*Stream) float64
		mean, variance float64
	}{
		{"uniform", func(s *Stream) float64 { return s.Uniform(-1, 1) }, 0, 1.0 / 3},
		{"normal", (*Stream).Norm, 0, 1},
		{"gamma 4", func(s *Stream) float64 { return s.Gamma(4) }, 4, 4},
		{"gamma 1", func(s *Stream) float64 { return s.Gamma(1) }, 1, 1},
		{"gamma 0.3", func(s *Stream) float64 { return s.Gamma(0.3) }, 0.3, 0.3},
	} {
		s := New(11).At(c.name).Stream()
		var sum, square float64
		for range n {
			x := c.draw(s)
			sum += x
			square += x * x
		}
		mean := sum / n
		variance := square/n - mean*mean
		if d := math.Abs(mean - c.mean); d > 5*math.Sqrt(c.variance/n) {
			t.Errorf("%s: mean %.5f, expected %.5f", c.name, mean, c.mean)
		}
		if d := math.Abs(variance - c.variance); d > 0.04*c.variance {
			t.Errorf("%s: variance %.5f, expected %.5f", c.name, variance, c.variance)
		}
	}
}

func TestDirichlet(t *testing.T) {
	for _, alpha := range []float64{1e-4, 0.1, 1, 100} {
		s := New(5).Stream()
		const k, n = 4, 4000
		var mean, square [k]float64
		for range n {
			shares := s.Dirichlet([]float64{alpha, alpha, alpha, alpha})
			var sum float64
			for i, x := range shares {
				if !(x >= 0 && x <= 1) {
					t.Fatalf("alpha %v: share %v", alpha, x)
				}
				sum += x
				mean[i] += x / n
				square[i] += x * x / n
			}
			if math.Abs(sum-1) > 1e-12 {
				t.Fatalf("alpha %v: shares sum to %v", alpha, sum)
			}
		}
		// Var = (1/k)(1−1/k)/(kα+1).
		want := 0.25 * 0.75 / (k*alpha + 1)
		for i := range mean {
			if v := square[i] - mean[i]*mean[i]; math.Abs(v-want) > 0.1*want || math.Abs(mean[i]-0.25) > 0.03 {
				t.Errorf("alpha %v, share %d: mean %.4f, variance %.5f, expected 0.25 and %.5f", alpha, i, mean[i], v, want)
			}
		}
	}
}

func TestPermutationIsABijection(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 7, 255, 256, 257, 300, 1000, 1024, 1025, 4096, 70_001} {
		p := New(9).Permutation(n)
		seen := make([]bool, n)
		fixed := 0
		for i := range n {
			x := p.At(i)
			if seen[x] {
				t.Fatalf("n = %d: %d comes twice", n, x)
			}
			seen[x] = true
			if x == i {
				fixed++
			}
		}
		if n > 10 && fixed > 8 { // expected 1 whatever n; more than 8 has probability 1e-6
			t.Errorf("n = %d: %d numbers stay where they were", n, fixed)
		}
	}
}

// Each number should be as likely at the front as any other.
func TestPermutationIsFair(t *testing.T) {
	const n, keys = 300, 30_000
	var count [n]int
	for k := range keys {
		count[New(uint64(k)).Permutation(n).At(0)]++
	}
	var chi float64
	for _, c := range count {
		d := float64(c) - keys/float64(n)
		chi += d * d / (keys / float64(n))
	}
	// χ² with 299 degrees: mean 299, deviation 24.5.
	if chi > 299+5*24.5 || chi < 299-5*24.5 {
		t.Errorf("first places are uneven: chi² = %.0f over 299 degrees", chi)
	}
}
