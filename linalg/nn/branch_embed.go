package nn

import "github.com/loramesh/loramesh/linalg/kernel"

// look is a branch of the embedding: a token's column of A, Rank numbers, times B.
type look struct {
	*Branch
	z, dz []float32 // rows×Rank
}

// lookBeside adds to x, the rows' vectors, what the branches say of their tokens.
func (r *Runner) lookBeside(x kernel.Matrix) {
	for i := range r.looks {
		b := &r.looks[i]
		grow(&b.z, r.rows*b.Rank)
		vocab := len(b.A) / b.Rank
		for t, id := range r.ids[:r.rows] {
			for k := range b.Rank {
				b.z[t*b.Rank+k] = b.A[k*vocab+int(id)] * b.Scale
			}
		}
		kernel.NT(&x, ref(kernel.Of(b.z, r.rows, b.Rank)), ref(kernel.Of(b.B, x.Cols, b.Rank)), true)
	}
}

// lookBesideBack takes the gradient of the rows' vectors to those of the branches.
func (r *Runner) lookBesideBack(dx kernel.Matrix) {
	for i := range r.looks {
		b := &r.looks[i]
		if b.GradB != nil {
			kernel.TN(ref(kernel.Of(b.GradB, dx.Cols, b.Rank)), &dx, ref(kernel.Of(b.z, r.rows, b.Rank)), true)
		}
		if b.GradA == nil {
			continue
		}
		grow(&b.dz, r.rows*b.Rank)
		kernel.NN(ref(kernel.Of(b.dz, r.rows, b.Rank)), &dx, ref(kernel.Of(b.B, dx.Cols, b.Rank)), false)
		vocab := len(b.A) / b.Rank
		for t, id := range r.ids[:r.rows] {
			for k := range b.Rank {
				b.GradA[k*vocab+int(id)] += float32(b.Scale * b.dz[t*b.Rank+k])
			}
		}
	}
}
