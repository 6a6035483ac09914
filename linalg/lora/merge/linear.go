package merge

// linear adds up factors: A = Σ ±√|w·s|·A_i, B = Σ √|w·s|·B_i. The product has cross terms.
func linear(m module) (joined, error) { return m.factors(add) }
