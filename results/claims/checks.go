package claims

import (
	"context"
	"fmt"
	"time"

	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/world"
)

// check measures what a claim states. w is the world of the claim's scenario, nil where it
// names none.
type check func(ctx context.Context, w *world.World) (measured, error)

// measured is what a check saw: errors of an identity, or points of a curve.
type measured struct {
	errors []Error
	points []Point
	why    string
}

// checks are all that claims may name.
var checks = map[string]check{
	"flora-exact":             floraExact,
	"fedit-noise":             feditNoise,
	"zeropad-mass":            zeropadMass,
	"bytes":                   bytesOnTheWire,
	"function-kept":           functionKept,
	"first-step":              firstStep,
	"equal-cost":              equalCost,
	"full-fine-tuning":        fullTuning{steps: 100, batch: 8, rate: 1e-3}.moves,
	"full-fine-tuning-gentle": fullTuning{steps: 40, batch: 8, rate: 5e-5}.moves, // as models of its size are tuned
}

// checked fills in what a check says of a claim.
func (t trying) checked(ctx context.Context, o *Outcome) error {
	var w *world.World
	var err error
	if t.Scenario != "" {
		if w, err = t.lab.World(ctx, t.Scenario, t.Sets); err != nil {
			return err
		}
	}
	began := time.Now()
	m, err := checks[t.Check](ctx, w)
	if err != nil {
		return err
	}
	o.Seconds, o.Errors, o.Points = time.Since(began).Seconds(), m.errors, m.points
	if t.Kind != Identity {
		o.Verdict, o.Why = Shown, m.why
		return nil
	}
	worst := m.errors[0]
	o.Verdict = Holds
	for _, e := range m.errors {
		if !e.Within() {
			o.Verdict = HoldsNot
		}
		if float64(e.Error)*worst.Tolerance > float64(worst.Error)*e.Tolerance || !e.Within() && worst.Within() {
			worst = e
		}
	}
	o.Why = fmt.Sprintf("largest error against its tolerance: %.2g of %.2g (%s)", float64(worst.Error), worst.Tolerance, worst.What)
	return nil
}

func off(what string, err, tolerance float64) Error {
	return Error{what, ledger.Number(err), tolerance}
}
