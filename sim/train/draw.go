package train

import (
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/world"
)

// draw deals n examples into batches: epoch after epoch, each in an order of its own, until
// so many have come as [world.Examples] says. A batch never spans two epochs. It begins
// behind so many that Fits before this one went through; then a Fit of Steps makes just
// these, of which another may be the short last of its epoch.
func draw(n int, f method.Fit, key rng.Key, behind int) (batches [][]int) {
	size := world.PerUpdate(f, n)
	left := world.Examples(f, n)
	steps := left // no more batches than examples
	if behind > 0 && f.Steps > 0 {
		left, steps = f.Steps*size, f.Steps
	}
	for epoch, lo := behind/n, behind%n; left > 0; epoch, lo = epoch+1, 0 {
		order := make([]int, n)
		for i := range order {
			order[i] = i
		}
		if f.Data.Draw != method.InOrder {
			order = key.At(epoch).Stream().Perm(n)
		}
		for ; lo < n && left > 0 && len(batches) < steps; lo += size {
			b := order[lo:min(lo+size, n, lo+left)]
			left -= len(b)
			batches = append(batches, b)
		}
		if len(batches) == steps {
			break
		}
	}
	return batches
}

// drawn counts the examples of batches.
func drawn(batches [][]int) (n int) {
	for _, b := range batches {
		n += len(b)
	}
	return n
}
