package lora

import (
	"math"

	"github.com/loramesh/loramesh/linalg"
)

// ProductNorm is ‖B·A‖_F of the pair, √tr(BᵀB·AAᵀ), without the product and without the
// scale: the weight of a client in HetLoRA's sum (Cho et al. 2024, §3.3). Of a dense pair it is
// ‖D‖_F; a start is not taken off.
func (p Pair) ProductNorm() float64 {
	if p.Dense() {
		return linalg.Norm(linalg.Widen(p.Out, p.In, p.D).Data)
	}
	return productNorm(linalg.Widen(p.Out, p.Rank, p.B), linalg.Widen(p.Rank, p.In, p.A))
}

func productNorm(b, a linalg.Dense) float64 { return math.Sqrt(productSquare(b, a)) }

// productSquare is ‖b·a‖² = tr(bᵀb·aaᵀ), in the small dimension.
func productSquare(b, a linalg.Dense) float64 {
	left, right := linalg.Mul(b.T(), b), linalg.Mul(a, a.T())
	var trace float64
	for i, x := range left.Data { // both are symmetric
		trace += float64(x * right.Data[i])
	}
	return max(trace, 0)
}

// TailStart is the first row of the tail at a rank: ⌊γ·rank⌋. (Rounding to nearest instead
// would leave the tail empty at γ = 0.99 for every rank up to 50.)
func TailStart(rank int, gamma float64) int { return int(math.Floor(gamma * float64(rank))) }

// TailProduct is ‖B[:,t:]‖_F·‖A[t:,:]‖_F from row t = [TailStart] on, summed over the modules: what HetLoRA's
// clients press down, and by whose fall they decide to lower their rank (§3.2).
func (a Adapter) TailProduct(gamma float64) float64 {
	var products []float64
	for _, p := range a {
		if p.Dense() {
			continue
		}
		t := TailStart(p.Rank, gamma)
		products = append(products, tailProduct(linalg.Widen(p.Out, p.Rank, p.B), linalg.Widen(p.Rank, p.In, p.A), t))
	}
	return linalg.Sum(products)
}

func tailProduct(b, a linalg.Dense, from int) float64 {
	return linalg.Norm(b.Columns(from, b.Cols).Data) * linalg.Norm(a.Data[from*a.Cols:])
}

// AddTailGradient adds the gradient of weight times the pair's tail product to those of A and
// B, which have the shapes of A and B, and returns the product without the weight. Where a
// tail is 0 its direction is taken to be 0, never NaN: a first round begins with B = 0.
func (p Pair) AddTailGradient(weight, gamma float64, gradA, gradB []float32) float64 {
	b, a := linalg.Widen(p.Out, p.Rank, p.B), linalg.Widen(p.Rank, p.In, p.A)
	t := TailStart(p.Rank, gamma)
	db, da := tailGradient(b, a, t)
	for i, x := range db.Data {
		gradB[i] += float32(weight * x)
	}
	for i, x := range da.Data {
		gradA[i] += float32(weight * x)
	}
	return tailProduct(b, a, t)
}

// tailGradient is that of the tail product: ‖A_t‖·B_t/‖B_t‖ and ‖B_t‖·A_t/‖A_t‖, 0 before t.
func tailGradient(b, a linalg.Dense, from int) (db, da linalg.Dense) {
	db, da = linalg.NewDense(b.Rows, b.Cols), linalg.NewDense(a.Rows, a.Cols)
	nb, na := linalg.Norm(b.Columns(from, b.Cols).Data), linalg.Norm(a.Data[from*a.Cols:])
	if nb == 0 || na == 0 {
		return db, da
	}
	for i := range b.Rows {
		for j := from; j < b.Cols; j++ {
			db.Row(i)[j] = b.At(i, j) * (na / nb)
		}
	}
	for i := from * a.Cols; i < len(a.Data); i++ {
		da.Data[i] = a.Data[i] * (nb / na)
	}
	return db, da
}

// PrunedRank is the rank of the next round: max(least, ⌊γ·rank⌋) where the tail product has
// fallen since the round began, else the same. It never rises.
func PrunedRank(rank, least int, gamma, began, ended float64) int {
	if ended < began {
		return min(rank, max(least, TailStart(rank, gamma)))
	}
	return rank
}
