// Package kernel is where the time goes: matrix products and row operations on float32.
//
// What goes in are slices (a [Matrix] is a slice with its sides and stride), what comes
// out is written into slices that the caller owns. Nothing is allocated, nothing is kept
// between calls, nothing is shared: any goroutine may call anything on memory of its own.
//
// The contract on numbers, which every implementation of this package keeps: an element
// of a result is computed by one chain of operations in a fixed order that depends on
// its own row and column alone. So a product over some of the rows gives the same bits as
// the same rows of the whole product, and neither the number of threads nor what else is
// in the batch can be seen in a result. Exponentials and logarithms are our own, since
// the standard library's differ between processors.
//
// There are three roads, one of which is chosen at start ([CPU]; SIMRUN_CPU forces one):
// assembly for AVX-512, assembly for AVX2 with FMA, and portable Go. The assembly computes
// every step of a chain by a fused multiply-add, and both instruction sets give the same
// bits. The portable road rounds the product first: it writes float32(x*y)+z, which Go may
// not contract. So it has another [Contract]; an element of a product may differ between
// the two by about √K units in the last place of Σ|a||b|, K being the length of the chain.
//
// The package refuses to know layers, models and training. Mistaken shapes are a broken
// invariant of the caller and panic with both shapes.
//
// Products of numbers rounded to bfloat16 ([PackRoundedNT]) have a contract of their own,
// [RoundedContract], and the same bits on all three roads. So have sums of rows in float64
// ([AddRows64], [AddWide]).
//
// Read matrix.go, then panels.go (products with weights packed once; rounded.go: with rounded
// ones; turned.go: for the way back; placed.go: in memory of others), gemm.go (with what changes at every step), thin.go (with a LoRA branch's factors) and
// attention.go; the row operations have a file each: softmax, norm, swiglu, rope, crossentropy,
// adamw.
package kernel
