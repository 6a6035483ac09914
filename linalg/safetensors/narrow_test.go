package safetensors

import (
	"math"
	"strings"
	"testing"
)

// Every 16-bit number comes back from its float32 as itself, and between two neighbours the
// nearer wins, the even one in the middle.
func TestNarrowRoundsToNearestEven(t *testing.T) {
	for dtype, c := range map[string]struct {
		narrow func(float32) uint16
		widen  func(uint16) float32
		top    uint16 // infinity
	}{
		"F16":  {toF16, half, 0x7c00},
		"BF16": {toBF16, func(b uint16) float32 { return math.Float32frombits(uint32(b) << 16) }, 0x7f80},
	} {
		for b := range c.top {
			x, next := c.widen(b), c.widen(b+1)
			if got := c.narrow(x); got != b {
				t.Fatalf("%s: %#04x comes back as %#04x", dtype, b, got)
			}
			if got := c.narrow(-x); got != b|0x8000 {
				t.Fatalf("%s: −%#04x comes back as %#04x", dtype, b, got)
			}
			if b+1 == c.top {
				continue
			}
			middle := float32((float64(x) + float64(next)) / 2)
			even := b + b&1
			for _, try := range []struct {
				x    float32
				want uint16
			}{{middle, even}, {math.Nextafter32(middle, 0), b}, {math.Nextafter32(middle, next), b + 1}} {
				if got := c.narrow(try.x); got != try.want && middle > 0 {
					t.Fatalf("%s: %g between %g and %g becomes %#04x, expected %#04x", dtype, try.x, x, next, got, try.want)
				}
			}
		}
		if nan := c.narrow(float32(math.NaN())); nan&0x7fff <= c.top {
			t.Errorf("%s: NaN becomes %#04x", dtype, nan)
		}
	}
}

func TestFromFloats(t *testing.T) {
	for dtype, want := range map[string][]float32{"F32": {1.001, -3}, "BF16": {1, -3}, "F16": {1.0009766, -3}} {
		x, err := FromFloats("x", dtype, []int{2}, []float32{1.001, -3})
		if err != nil {
			t.Fatal(err)
		}
		got, err := x.Floats()
		if err != nil || got[0] != want[0] || got[1] != want[1] {
			t.Errorf("%s: %v, expected %v (%v)", dtype, got, want, err)
		}
	}
	for dtype, words := range map[string]string{"F16": "number 1 is 1e+06, which F16", "I8": "expected F32, BF16 or F16"} {
		if _, err := FromFloats("x", dtype, []int{2}, []float32{1, 1e6}); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: the error is %v, expected one with %q", dtype, err, words)
		}
	}
}
