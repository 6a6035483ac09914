package kernel

import (
	"fmt"
	"unsafe"
)

// CrossEntropy is −log softmax(row)[label] in nats, and whether the label is the largest
// entry (the first of equals). The sum of exponentials is in float64.
func CrossEntropy(row []float32, label int) (nats float64, correct bool) {
	if assembled {
		var args rowArgs
		args.n, args.p[0] = len(row), at(row)
		runRow(opExpSum, &args)
		top, sum := args.out[0], args.out[1]
		return Log(float64(sum)) - float64(row[label]-top), row[label] == top && leads(row, label)
	}
	best := ArgMax(row)
	top := row[best]
	var sum float64
	for _, x := range row {
		sum += float64(Exp(x - top))
	}
	return Log(sum) - float64(row[label]-top), best == label
}

// Labelled is what a row of logits should say and how much that counts, and then, in nats,
// how far it is from saying so. tools/asm knows its layout.
type Labelled struct {
	Label         int
	Nats          float64
	Weight        float32
	own, top, sum float32 // logits, and the sum of e^(x−top)
	rivals        uint32  // of a label at the top: not 0 if one before it is as large
	Correct       bool    // the label's logit is the largest, and none before it is as large
}

// CrossEntropyBack fills in each row's [CrossEntropy], and replaces the row by its weight
// times the gradient of the loss: weight·(softmax(row) − onehot(label)).
func CrossEntropyBack(rows *Matrix, of []Labelled) {
	if len(of) != rows.Rows {
		panic(fmt.Sprintf("kernel: %d labels for rows of %v", len(of), *rows))
	}
	for i := range of {
		if x := of[i].Label; x < 0 || x >= rows.Cols {
			panic(fmt.Sprintf("kernel: label %d for a row of %v", x, *rows))
		}
	}
	if !assembled {
		for i := range of {
			of[i].back(rows.Row(i))
		}
		return
	}
	most := rowsACall(rows.Cols)
	for lo := 0; lo < len(of); lo += most {
		var args rowArgs
		args.n, args.rows, args.step = rows.Cols, min(most, len(of)-lo), uintptr(rows.Stride)*4
		args.p[0], args.p[1] = at(rows.Row(lo)), unsafe.Pointer(&of[lo])
		runRow(opLossRows, &args)
	}
	for i := range of {
		x := &of[i]
		x.Correct = x.own == x.top && x.rivals == 0
		x.Nats = Log(float64(x.sum)) - float64(x.own-x.top)
	}
}

// back is CrossEntropyBack of one row, without assembly.
func (x *Labelled) back(row []float32) {
	best := ArgMax(row)
	top, own := row[best], row[x.Label]
	var sum float64
	for i, v := range row {
		e := Exp(v - top)
		row[i] = e
		sum += float64(e)
	}
	x.Nats, x.Correct = Log(sum)-float64(own-top), best == x.Label
	inv := float32(1 / sum)
	for i, e := range row {
		row[i] = float32(e*inv) * x.Weight
	}
	row[x.Label] -= x.Weight
}

// leads says, in assembly, whether no entry before the label is as large. A model that has
// learned little is found out by the first few.
func leads(row []float32, label int) bool {
	for _, x := range row[:min(label, 8)] {
		if x >= row[label] {
			return false
		}
	}
	if label <= 8 {
		return true
	}
	args := rowArgs{n: label}
	args.p[0] = at(row)
	runRow(opTop, &args)
	return args.out[0] < row[label]
}

// ArgMax is the index of the largest entry, the first of equals. A NaN is never it,
// unless it stands first.
func ArgMax(row []float32) int {
	best := 0
	for i, x := range row {
		if x > row[best] {
			best = i
		}
	}
	return best
}
