package answer

import (
	"math"
	"regexp"
	"slices"
	"strconv"
)

// Errors is how far numbers that were said are from the true ones.
type Errors struct {
	truth, off []float64 // off: said − true
}

// Compare pairs numbers; one that is NaN or infinite is an error.
func Compare(truth, said []float64) (Errors, error) {
	if err := same(len(truth), len(said)); err != nil {
		return Errors{}, err
	}
	if err := finite("truth", truth); err != nil {
		return Errors{}, err
	}
	if err := finite("answer", said); err != nil {
		return Errors{}, err
	}
	e := Errors{truth: truth, off: make([]float64, len(said))}
	for i := range said {
		e.off[i] = said[i] - truth[i]
	}
	return e, nil
}

// MAE is the mean absolute error, in the unit of the numbers.
func (e Errors) MAE() float64 {
	sum := 0.0
	for _, x := range e.off {
		sum += math.Abs(x)
	}
	return sum / float64(len(e.off))
}

// MSE is the mean squared error, in the unit squared.
func (e Errors) MSE() float64 { return e.squares() / float64(len(e.off)) }

// RMSE is its root, in the unit of the numbers.
func (e Errors) RMSE() float64 { return math.Sqrt(e.MSE()) }

func (e Errors) squares() float64 {
	sum := 0.0
	for _, x := range e.off {
		sum += float64(x * x)
	}
	return sum
}

// MedianAE is the median absolute error.
func (e Errors) MedianAE() float64 {
	s := e.sizes()
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

// MaxError is the largest absolute error.
func (e Errors) MaxError() float64 {
	s := e.sizes()
	return s[len(s)-1]
}

func (e Errors) sizes() []float64 {
	s := make([]float64, len(e.off))
	for i, x := range e.off {
		s[i] = math.Abs(x)
	}
	slices.Sort(s)
	return s
}

// R2 is the share of the variance that is explained, 1 − Σ(said − true)²/Σ(true − mean)²:
// NaN of one number; of a constant truth 1 if all is right, else 0.
func (e Errors) R2() float64 {
	if len(e.truth) < 2 {
		return math.NaN()
	}
	mean, total := 0.0, 0.0
	for _, t := range e.truth {
		mean += t / float64(len(e.truth))
	}
	for _, t := range e.truth {
		d := t - mean
		total += float64(d * d)
	}
	left := e.squares()
	switch {
	case total == 0 && left == 0:
		return 1
	case total == 0:
		return 0
	}
	return 1 - left/total
}

var decimal = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

// Rating reads a rating between low and high from an answer. An answer that is not a
// number counts as whichever end is farther from the truth, a tie as high: a model does
// not gain by not answering.
func Rating(truth float64, said string, low, high float64) float64 {
	if decimal.MatchString(said) {
		x, _ := strconv.ParseFloat(said, 64)
		return x
	}
	if math.Abs(truth-high) >= math.Abs(truth-low) {
		return high
	}
	return low
}
