package lora

import (
	"errors"
	"fmt"
	"math"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/factor"
)

// Limits of what is looked at, so that a round of many clients costs no more than one of few.
const (
	driftClients = 8   // of whom overlaps are taken pair by pair
	driftTop     = 4   // directions of an update that are compared
	widestDense  = 512 // side of a full matrix whose singular values are found
)

// Shape says what directions a change of one module has.
type Shape struct {
	Module            string
	Effective, Stable float64 // ranks; see [factor.EffectiveRank]
}

// DriftMeter measures how far clients of one round went apart: U_k = Δ_k − Δ_k,start. One
// client's adapters are open at a time. The zero value is ready.
type DriftMeter struct {
	squares float64 // Σ p_k ‖U_k‖²
	clients int
	order   []string
	top     map[string][]linalg.Dense // by module, each client's leading left singular vectors
}

// Client says that a client of share p_k went from what it began with to what it made. An
// update that is not finite is an error of [factor.ErrNotFinite].
func (m *DriftMeter) Client(share float64, made, began []Adapter) error {
	var own changes
	for _, a := range made {
		own.add(1, a)
	}
	for _, a := range began {
		own.add(-1, a)
	}
	look := m.clients < driftClients
	m.clients++
	steps := make([]step, len(own.order))
	own.each(func(i int, sum *linalg.ProductSum) { steps[i] = stepOf(sum, look) })
	for i, module := range own.order {
		if err := steps[i].err; err != nil {
			return fmt.Errorf("lora: module %s: %w", module, err)
		}
		m.squares += float64(share * steps[i].square)
		m.see(module, steps[i].top)
	}
	return nil
}

// step is how far a client went in one module.
type step struct {
	square float64      // ‖U‖²
	top    linalg.Dense // leading left singular vectors of U, if somebody is to look
	err    error
}

// stepOf measures an update. Only if somebody is to look are its directions found, unless there
// is no other way to its length.
func stepOf(sum *linalg.ProductSum, look bool) (s step) {
	if !look {
		if b, a, thin := sum.Factors(); thin {
			return step{square: productSquare(b, a)}
		}
	}
	d, ok, err := decomposed(sum, directions)
	norm := linalg.Norm(d.Sigma)
	switch {
	case !ok:
		norm = sum.Norm()
	case look:
		s.top = leading(d)
	}
	s.err = err
	s.square = float64(norm * norm)
	return s
}

// leading copies the directions of an update that are compared, those that carry something: the
// rest of what was found of it can go.
func leading(d factor.SVD) linalg.Dense {
	n := 0
	for n < min(driftTop, len(d.Sigma)) && d.Sigma[n] > 1e-6*d.Sigma[0] {
		n++
	}
	return d.U.Columns(0, n)
}

// see notes the directions of an update, if there are any.
func (m *DriftMeter) see(module string, top linalg.Dense) {
	if top.Cols == 0 {
		return
	}
	if m.top == nil {
		m.top = map[string][]linalg.Dense{}
	}
	if m.top[module] == nil {
		m.order = append(m.order, module)
	}
	m.top[module] = append(m.top[module], top)
}

// Drift is √(Σ p_k‖U_k − Ū‖² / Σ p_k‖U_k‖²), where mean is ‖Ū‖, the norm of the weighted mean of
// all updates: 0 where all went the same way, 1 where they cancel out.
func (m *DriftMeter) Drift(mean float64) float64 {
	apart := m.squares - float64(mean*mean)
	if apart <= 1e-14*m.squares { // rounding
		return 0
	}
	return math.Sqrt(apart / m.squares)
}

// Overlaps are, module by module, the mean over pairs of the first eight clients of
// ‖U_aᵀU_b‖_F²/k of the k ≤ 4 leading left directions that both have; see [factor.Overlap].
// Modules of which fewer than two clients changed anything have none.
func (m *DriftMeter) Overlaps() (modules []string, overlaps []float64) {
	for _, module := range m.order {
		sum, n := 0.0, 0
		for i, a := range m.top[module] {
			for _, b := range m.top[module][:i] {
				sum += factor.Overlap(a, b, min(a.Cols, b.Cols))
				n++
			}
		}
		if n > 0 {
			modules, overlaps = append(modules, module), append(overlaps, sum/float64(n))
		}
	}
	return modules, overlaps
}

// ChangeMeter measures what directions the change from one deployed model to the next has: what
// the [GapMeter] of which it is the Change is told. The zero value is ready.
type ChangeMeter struct{ sum changes }

// Shapes are those of the modules that changed. Full matrices wider than 512 are left out: they
// would take longer than the round.
func (m *ChangeMeter) Shapes() (out []Shape, err error) {
	found := make([]struct { // by module
		sigma []float64
		ok    bool
		err   error
	}, len(m.sum.order))
	m.sum.each(func(i int, sum *linalg.ProductSum) {
		d, ok, err := decomposed(sum, values)
		found[i].sigma, found[i].ok, found[i].err = d.Sigma, ok, err
	})
	for i, module := range m.sum.order {
		f := &found[i]
		if err := f.err; err != nil {
			return nil, fmt.Errorf("lora: module %s: %w", module, err)
		}
		if e := factor.EffectiveRank(f.sigma); f.ok && e > 0 {
			out = append(out, Shape{module, e, factor.StableRank(f.sigma)})
		}
	}
	return out, nil
}

// finding is how the SVD of a sum is found, of its factors or of all of it.
type finding struct {
	thin  func(b, a linalg.Dense) (factor.SVD, error)
	dense func(a linalg.Dense) (factor.SVD, error)
}

var (
	directions = finding{factor.ProductSVD, factor.Decompose}
	// values are the same singular values and nothing else, at less cost.
	values = finding{
		func(b, a linalg.Dense) (factor.SVD, error) { return bare(factor.ProductSingular(b, a)) },
		func(a linalg.Dense) (factor.SVD, error) { return bare(factor.Singular(a)) },
	}
)

// bare is an SVD that has nothing but its singular values.
func bare(sigma []float64, err error) (factor.SVD, error) { return factor.SVD{Sigma: sigma}, err }

// decomposed is the SVD of a sum, found in that way; ok is false where it would take too long.
func decomposed(sum *linalg.ProductSum, find finding) (d factor.SVD, ok bool, err error) {
	b, a, thin := sum.Factors()
	if thin {
		d, err = find.thin(b, a)
		if least := 1e-13 * linalg.Norm(b.Data) * linalg.Norm(a.Data); len(d.Sigma) > 0 && d.Sigma[0] <= least {
			clear(d.Sigma) // what cancels leaves rounding, which has no directions
		}
		return d, err == nil, err
	}
	if rows, cols := sum.Size(); min(rows, cols) > widestDense {
		return d, false, nil
	}
	d, err = find.dense(sum.Dense())
	return d, err == nil, err
}

// NotFinite says whether an error is that some number is none.
func NotFinite(err error) bool { return errors.Is(err, factor.ErrNotFinite) }
