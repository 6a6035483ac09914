package penalty_test

import (
	"slices"
	"testing"

	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/linalgtest"
	"github.com/loramesh/loramesh/linalg/lora/penalty"
)

// Learning without forgetting: cross-entropy and α·τ²·KL to the logits of the snapshot, by
// the kernels that training goes through.
func TestGoldenLwF(t *testing.T) {
	one(t, "lwf", func(t *testing.T, g *linalgtest.Case) {
		p := linalgtest.Params[struct{ Alpha, Tau float64 }](t, g)
		now, old, y := g.Get(t, "new"), g.Get(t, "old"), g.Get(t, "y")
		n := float64(now.Rows)
		var ce, kd float64
		var grad []float64
		for i := range now.Rows {
			hard, soft := narrow(now.Row(i)), narrow(now.Row(i))
			l := crossEntropyBack(hard, int(y.Data[i]), float32(1/n))
			ce += l / n
			kd += p.Alpha * kernel.KL(soft, narrow(old.Row(i)), p.Tau, float32(p.Alpha/n)) / n
			kernel.Add(hard, soft)
			grad = append(grad, wide(hard)...)
		}
		g.Check32(t, "kl", []float64{kd / (p.Alpha * p.Tau * p.Tau)})
		g.Check32(t, "ce", []float64{ce})
		g.Check32(t, "kd", []float64{kd})
		g.Check32(t, "loss", []float64{ce + kd})
		g.Check32(t, "grad", grad)
	})
}

// Hard and soft distillation, each one mean over all counted tokens.
func TestGoldenDistil(t *testing.T) {
	linalgtest.Cases(t, "lora/transfer", func(x string) bool { return x == "distil" }, func(t *testing.T, g *linalgtest.Case) {
		tau := linalgtest.Params[struct{ Tau float64 }](t, g).Tau
		student, teacher, hard, mask := g.Get(t, "student"), g.Get(t, "teacher"), g.Get(t, "hard"), g.Get(t, "mask")
		n := 0.0
		for _, m := range mask.Data {
			n += m
		}
		var ce, kd float64
		var hardGrad, softGrad []float64
		for i := range student.Rows {
			a, b := narrow(student.Row(i)), narrow(student.Row(i))
			if mask.Data[i] == 0 {
				clear(a)
				clear(b)
			} else {
				l := crossEntropyBack(a, int(hard.Data[i]), float32(1/n))
				ce += l / n
				kd += kernel.KL(b, narrow(teacher.Row(i)), tau, float32(1/n)) / n
			}
			hardGrad, softGrad = append(hardGrad, wide(a)...), append(softGrad, wide(b)...)
		}
		g.Check32(t, "hard.loss", []float64{ce})
		g.Check32(t, "hard.grad", hardGrad)
		g.Check32(t, "soft.loss", []float64{kd})
		g.Check32(t, "soft.grad", softGrad)
		g.Done(t)
	})
}

func narrow(x []float64) []float32 {
	out := slices.Repeat([]float32{0}, len(x))
	for i, v := range x {
		out[i] = float32(v)
	}
	return out
}

// Dark experience replay: cross-entropy of the batch, α times the squared distance of one draw
// from the logits that it was stored with, β times the cross-entropy of another.
func TestGoldenDERPP(t *testing.T) {
	one(t, "derpp", func(t *testing.T, g *linalgtest.Case) {
		p := linalgtest.Params[struct{ Alpha, Beta float64 }](t, g)
		cross := func(z, y string, weight float64) (nats float64, grad []float64) {
			now, labels := g.Get(t, z), g.Get(t, y)
			for i := range now.Rows {
				row := narrow(now.Row(i))
				l := crossEntropyBack(row, int(labels.Data[i]), float32(weight/float64(now.Rows)))
				nats += l / float64(now.Rows)
				grad = append(grad, wide(row)...)
			}
			return nats, grad
		}
		ce, grad := cross("z", "y", 1)
		again, gradAgain := cross("z2", "y2", p.Beta)
		now, old := g.Get(t, "z1"), g.Get(t, "z1_old")
		var squared float64
		var gradOld []float64
		for i := range now.Rows {
			row := narrow(now.Row(i))
			squared += penalty.Apart(row, narrow(old.Row(i)), float32(p.Alpha/float64(now.Rows))) / float64(now.Rows)
			gradOld = append(gradOld, wide(row)...)
		}
		mean := squared / float64(now.Cols)
		g.Check32(t, "ce", []float64{ce})
		g.Check32(t, "ce_buffer", []float64{again})
		g.Check32(t, "squared", []float64{squared})
		g.Check32(t, "mean_square", []float64{mean})
		g.Check32(t, "der", []float64{ce + p.Alpha*squared})
		g.Check32(t, "loss", []float64{ce + p.Alpha*squared + p.Beta*again})
		g.Check32(t, "loss_mean_square", []float64{ce + p.Alpha*mean + p.Beta*again})
		g.Check32(t, "grad.z", grad)
		g.Check32(t, "grad.z1", gradOld)
		g.Check32(t, "grad.z2", gradAgain)
	})
}

// crossEntropyBack is the kernel's of one row.
func crossEntropyBack(row []float32, label int, weight float32) float64 {
	of := []kernel.Labelled{{Label: label, Weight: weight}}
	m := kernel.Of(row, 1, len(row))
	kernel.CrossEntropyBack(&m, of)
	return of[0].Nats
}
