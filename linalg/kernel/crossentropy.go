package kernel

// CrossEntropy is −log softmax(row)[label] in nats, and whether the label is the largest
// entry (the first of equals). The sum of exponentials is in float64.
func CrossEntropy(row []float32, label int) (loss float64, correct bool) {
	if assembled {
		top, sum := expSum(row, nil)
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

// CrossEntropyBack is CrossEntropy, and replaces the row by weight times the gradient of
// the loss: weight·(softmax(row) − onehot(label)).
func CrossEntropyBack(row []float32, label int, weight float32) (loss float64, correct bool) {
	if assembled {
		own := row[label]
		correct = leads(row, label)
		top, sum := expSum(row, row)
		correct = correct && own == top
		through(opScale, weight/sum, row)
		row[label] -= weight
		return Log(float64(sum)) - float64(own-top), correct
	}
	best := ArgMax(row)
	top, own := row[best], row[label]
	var sum float64
	for i, x := range row {
		e := Exp(x - top)
		row[i] = e
		sum += float64(e)
	}
	loss = Log(sum) - float64(own-top)
	inv := float32(1 / sum)
	for i, e := range row {
		row[i] = float32(e*inv) * weight
	}
	row[label] -= weight
	return loss, best == label
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

// expSum is the top of a row and the sum of e^(x−top), in assembly. The exponentials go to
// keep, if that is not nil.
func expSum(row, keep []float32) (top, sum float32) {
	args := rowArgs{n: len(row)}
	args.p[0] = at(row)
	if keep != nil {
		args.p[1] = at(keep)
	}
	runRow(opExpSum, &args)
	return args.out[0], args.out[1]
}
