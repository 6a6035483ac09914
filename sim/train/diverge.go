package train

import (
	"errors"
	"fmt"
	"math"

	"github.com/loramesh/loramesh/linalg/nn"
)

// ErrDiverged is in the error of a training whose numbers are none any more.
var ErrDiverged = errors.New("training diverged")

// Progress is where a training is, for what is said when it diverges.
type Progress struct {
	Step, Steps int // from 1
	Rate        float64
}

// Diverged stops a training whose loss or gradient is no number any more: its upload would
// be thrown away, and all that it cost with it. norm is that of all gradients together,
// which costs one look at each; which tensor it was is only sought when one is at fault.
func (p Progress) Diverged(loss nn.Loss, norm float64, params []nn.Param) error {
	if finite(loss.Mean()) && finite(norm) {
		return nil
	}
	what := fmt.Sprintf("the loss is %g", loss.Mean())
	for _, x := range params {
		if i := firstBad(x.Grad); i >= 0 {
			what += fmt.Sprintf(" and the gradient of tensor %q is %g at number %d", x.Name, x.Grad[i], i)
			break
		}
	}
	return p.says(what)
}

// Left checks what the last update left behind.
func (p Progress) Left(params []nn.Param) error {
	for _, x := range params {
		if i := firstBad(x.Value); i >= 0 {
			return p.says(fmt.Sprintf("tensor %q is %g at number %d", x.Name, x.Value[i], i))
		}
	}
	return nil
}

func (p Progress) says(what string) error {
	return fmt.Errorf("%w at update %d of %d: %s; lower the learning rate (%g), or clip the gradient", ErrDiverged, p.Step, p.Steps, what, p.Rate)
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// firstBad is the first place of a number that is none, or −1.
func firstBad(data []float32) int {
	for i, x := range data {
		if !finite(float64(x)) {
			return i
		}
	}
	return -1
}
