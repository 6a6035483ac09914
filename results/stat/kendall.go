package stat

import (
	"fmt"
	"math"
)

// Kendall is the rank correlation of pairs: tau-b, which corrects for ties, and tau-c,
// which corrects for the number of distinct values.
type Kendall struct {
	B, C  float64
	Exact float64 // p-value over all orders; it supposes no ties
	Ties  bool

	n                   int
	balance, discordant float64 // concordant minus discordant pairs; discordant ones
	pairs, xTie, yTie   float64
	xGroups, yGroups    []int
	degenerate          bool
}

// KendallTau counts the pairs of pairs that agree in order. NaN below two pairs and where
// a side is constant.
func KendallTau(x, y []float64) (Kendall, error) {
	nan := math.NaN()
	none := Kendall{B: nan, C: nan, Exact: nan, degenerate: true}
	if err := paired(x, y); err != nil {
		return none, err
	}
	if len(x) < 2 || hasNaN(x) || hasNaN(y) {
		return none, nil
	}
	k := Kendall{n: len(x)}
	for i := range x {
		for j := range i {
			dx, dy := sign(x[i]-x[j]), sign(y[i]-y[j])
			k.balance += dx * dy
			if dx*dy < 0 {
				k.discordant++
			}
		}
	}
	_, k.xGroups = ranks(x)
	_, k.yGroups = ranks(y)
	n := float64(k.n)
	k.pairs = n * (n - 1) / 2
	k.xTie, k.yTie = tiedPairs(k.xGroups), tiedPairs(k.yGroups)
	k.Ties = k.xTie > 0 || k.yTie > 0
	if k.xTie == k.pairs || k.yTie == k.pairs {
		return none, nil
	}
	k.B = max(-1, min(1, k.balance/math.Sqrt(k.pairs-k.xTie)/math.Sqrt(k.pairs-k.yTie)))
	classes := float64(min(len(k.xGroups), len(k.yGroups)))
	k.C = 2 * k.balance / (n * n * (classes - 1) / classes)
	k.Exact = inversionsP(k.n, k.Fewer())
	return k, nil
}

// Normal is the two-sided p-value of tau by the normal approximation, with the variance
// under ties. Two pairs have none, which is an error.
func (k Kendall) Normal() (float64, error) {
	if k.degenerate {
		return math.NaN(), nil
	}
	if k.n == 2 {
		return math.NaN(), fmt.Errorf("Kendall: 2 pairs; the normal approximation needs at least 3")
	}
	n := float64(k.n)
	m := n * (n - 1)
	x0, x1 := tieSums(k.xGroups)
	y0, y1 := tieSums(k.yGroups)
	variance := (m*(2*n+5)-x1-y1)/18 + 2*k.xTie*k.yTie/m + x0*y0/(9*m*(n-2))
	return normalTail(k.balance/math.Sqrt(variance), TwoSided), nil
}

// Fewer is the smaller number of discordant or concordant pairs.
func (k Kendall) Fewer() int { return int(min(k.discordant, k.pairs-k.discordant)) }

func tiedPairs(groups []int) float64 {
	sum := 0.0
	for _, g := range groups {
		sum += float64(g*(g-1)) / 2
	}
	return sum
}

func tieSums(groups []int) (third, fifth float64) {
	for _, g := range groups {
		t := float64(g)
		third += t * (t - 1) * (t - 2)
		fifth += t * (t - 1) * (2*t + 5)
	}
	return third, fifth
}

func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

// inversionsP is the chance that a random order of n things has at most c inversions or
// at most c non-inversions. The i-th thing adds 0 … i−1 inversions, all alike likely.
func inversionsP(n, c int) float64 {
	share := make([]float64, c+1)
	share[0] = 1
	for i := 2; i <= n; i++ {
		sum := 0.0
		next := make([]float64, c+1)
		for k := range share {
			sum += share[k]
			if k >= i {
				sum -= share[k-i]
			}
			next[k] = sum / float64(i)
		}
		share = next
	}
	p := 0.0
	for _, s := range share {
		p += s
	}
	return min(1, 2*p)
}
