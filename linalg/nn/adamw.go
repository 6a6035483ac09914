package nn

import (
	"fmt"
	"math"

	"github.com/loramesh/loramesh/linalg/kernel"
)

// Optimiser moves parameters by their gradients.
type Optimiser interface {
	// Step makes one update at that learning rate. The params must be the same, in the
	// same order, at every step.
	Step(params []Param, rate float64)
	// Memory is what the optimiser remembers between steps; writing to it, and then
	// going on, is how a kept optimiser resumes.
	Memory() *Moments
}

// Moments is an optimiser's memory: flat, parameter behind parameter in the order of
// Step, so that it travels as two tensors and a number. AdamW has both moments, SGD with
// momentum the first, plain SGD none.
type Moments struct {
	Steps  int
	First  []float32
	Second []float32
}

// AdamW is Adam with decoupled weight decay (Loshchilov and Hutter 2019), as PyTorch and
// Transformers compute it: eps is added after the bias-corrected root, and decay acts on
// every parameter given.
type AdamW struct {
	Beta1, Beta2, Eps, Decay float64
	Moments
}

// NewAdamW makes an optimiser with empty moments. 0.9, 0.999, 1e-8 and 0.01 are
// PyTorch's defaults.
func NewAdamW(beta1, beta2, eps, decay float64) *AdamW {
	return &AdamW{Beta1: beta1, Beta2: beta2, Eps: eps, Decay: decay}
}

// Memory is the two moments.
func (o *AdamW) Memory() *Moments { return &o.Moments }

// Step makes one update; see kernel.AdamW for the formula. A rate of 0 still moves the
// moments and the count, as the first step of Transformers' warm-up does.
func (o *AdamW) Step(params []Param, rate float64) {
	n := size(params)
	o.First, o.Second = ready(o.First, n, "AdamW"), ready(o.Second, n, "AdamW")
	o.Steps++
	u := kernel.NewAdamW(o.Beta1, o.Beta2, o.Eps, math.Sqrt(1-power(o.Beta2, o.Steps)))
	lean := 1 - power(o.Beta1, o.Steps)
	at, times := 0, math.NaN()
	for i := range params {
		p := &params[i]
		if p.Times != times {
			times = p.Times
			own := rate * times
			u.Pace(1-float64(own*o.Decay), own/lean)
		}
		end := at + len(p.Value)
		u.Update(p.Value, p.Grad, o.First[at:end], o.Second[at:end])
		at = end
	}
}

// size counts the numbers of all params.
func size(params []Param) int {
	n := 0
	for i := range params {
		n += len(params[i].Value)
	}
	return n
}

// ready gives a moment of n numbers, zero at first.
func ready(moment []float32, n int, who string) []float32 {
	if moment == nil {
		return make([]float32, n)
	}
	if len(moment) != n {
		panic(fmt.Sprintf("nn: %s remembers %d numbers and was given %d", who, len(moment), n))
	}
	return moment
}

// power is xⁿ by repeated squaring: the standard library's may differ between processors.
func power(x float64, n int) float64 {
	out := 1.0
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			out *= x
		}
		x *= x
	}
	return out
}
