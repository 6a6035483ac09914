package flora

import (
	"testing"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
)

// F5: what travels in a round once all take part, in numbers, is what the papers count; a
// number is four bytes. d×d modules: where the stack would be larger than the matrix, from
// Σr > d/2 on, the server sends the matrix.
func TestF5BytesOfARound(t *testing.T) {
	const d = 24 // 0.o and 1.o
	for _, ranks := range [][]int{{2, 2, 2}, {4, 2, 1}, {6, 6, 6}, {12, 12, 12, 12}} {
		k, sum, top, low := len(ranks), 0, 0, ranks[0]
		for _, r := range ranks {
			sum, top, low = sum+r, max(top, r), min(low, r)
		}
		equal := top == low
		each := func(n int) [2]int { return [2]int{n, n} }
		want := map[string][2]int{
			"flora":      {2 * d * sum, k * min(2*d*sum, d*d)},
			"hetlora":    each(2 * d * sum),
			"flexlora":   each(2 * d * sum),
			"zeropad":    {2 * d * sum, k * 2 * d * top},
			"fedit":      each(k * 2 * d * low),
			"lora-fair":  each(k * 2 * d * low),
			"ffa-lora":   each(k * d * low),
			"rolora":     each(k * d * low),
			"fedsa-lora": each(k * d * low),
			"fedex-lora": {k * 2 * d * low, k * (2*d*low + min(d*d, 2*d*(k-1)*low))},
			"local-only": {0, 0},
		}
		for _, m := range Set() {
			name := m.Describe().Name
			n, counted := want[name]
			if !counted || name == "fedex-lora" && !equal {
				continue
			}
			g := newGame(t, m, ranks...)
			g.with["modules"], g.with["gamma"] = "0.o", 0.99
			g.round()
			g.round()
			g.round() // by now all keep what they can
			if got := [2]int{g.up, g.down}; got != n {
				t.Errorf("%s at ranks %v: %v numbers up and down, expected %v", name, ranks, got, n)
			}
		}
	}
}

// FLoRIST sends everybody the rank that its threshold leaves.
func TestF5BytesOfFLoRIST(t *testing.T) {
	g := newGame(t, FLoRIST(), 4, 2, 1)
	g.with["modules"] = "0.o"
	out := g.round()
	sent := adapterIn(t, g.store, out.Deploy.Attach[0].From.Blob)
	g.round()
	if want := 3 * lora.FactorFloats(24, 24, sent.Rank()); g.down != want || sent.Rank() >= 7 {
		t.Errorf("%d numbers down at rank %d, expected %d", g.down, sent.Rank(), want)
	}
	var p method.Value
	for _, v := range out.Values {
		if v.Name == "rank.sent" {
			p = v
		}
	}
	if int(p.Value) != sent.Rank() {
		t.Errorf("the rank sent is said to be %v, and is %d", p.Value, sent.Rank())
	}
}
