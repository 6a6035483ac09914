package nn

// SGD is stochastic gradient descent as PyTorch computes it: decay is added to the
// gradient (it is not decoupled), and momentum m ← Momentum·m + g, with m = g at first.
type SGD struct {
	Momentum, Decay float64
	Moments
}

// NewSGD makes an optimiser without memory.
func NewSGD(momentum, decay float64) *SGD { return &SGD{Momentum: momentum, Decay: decay} }

// Memory is the momentum, if any, and the count of steps.
func (o *SGD) Memory() *Moments { return &o.Moments }

// Step makes one update, p ← p − rate·m.
func (o *SGD) Step(params []Param, rate float64) {
	if o.Momentum != 0 {
		o.First = ready(o.First, size(params), "SGD")
	}
	o.Steps++
	decay, momentum := float32(o.Decay), float32(o.Momentum)
	at := 0
	for _, p := range params {
		own := float32(rate * p.Times)
		for i, x := range p.Value {
			g := p.Grad[i] + float32(decay*x)
			if o.Momentum != 0 {
				m := &o.First[at+i]
				*m = float32(momentum**m) + g
				g = *m
			}
			p.Value[i] = x - float32(own*g)
		}
		at += len(p.Value)
	}
}
