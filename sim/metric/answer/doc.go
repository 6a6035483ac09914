// Package answer judges answers that are not text to be read: classes, scores of a class,
// numbers, and all of these by group.
//
// What goes in are two lists of one length, what is true and what was said. What comes out
// are the numbers of the metric catalogue: accuracy, F1, Matthews' correlation ([Confuse]);
// AUROC, average precision, log loss, Brier ([Ranked]); MAE, RMSE ([Errors]); and what
// groups get ([ByGroup]). Classes are text. Lists that are empty or of unequal length, and
// numbers that are none, are errors: a mean over nothing is no metric.
//
// Values agree with scikit-learn 1.9 and fairlearn 0.15; where those warn and go on, the
// comments here say what is returned.
//
// The package refuses to know models and examples. Read confusion.go first.
package answer

import (
	"fmt"
	"math"
)

// same refuses lists that cannot be compared.
func same(truth, said int) error {
	switch {
	case truth != said:
		return fmt.Errorf("%d true values and %d answers; needs one answer for each", truth, said)
	case truth == 0:
		return fmt.Errorf("no answers; needs at least 1")
	}
	return nil
}

// finite refuses what is no number.
func finite(name string, xs []float64) error {
	for i, x := range xs {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return fmt.Errorf("%s[%d] is %v; needs a finite number", name, i, x)
		}
	}
	return nil
}
