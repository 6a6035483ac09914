package kernel

// CrossEntropy is −log softmax(row)[label] in nats, and whether the label is the largest
// entry (the first of equals). The sum of exponentials is in float64.
func CrossEntropy(row []float32, label int) (loss float64, correct bool) {
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
