package lora

// FactorFloats is how many numbers the factors of one module take: (out+in)·rank. The
// module's own weight takes out·in.
func FactorFloats(out, in, rank int) int { return (out + in) * rank }

// StackFloats is how many numbers the stack of adapters of these ranks takes in one
// module: the factors, or the dense change where that is smaller. For square weights of
// width d that is the case from Σr > d/2 on: ten clients of rank 4 at d = 64 will do.
func StackFloats(out, in int, ranks ...int) int {
	sum := 0
	for _, r := range ranks {
		sum += r
	}
	return min(FactorFloats(out, in, sum), out*in)
}
