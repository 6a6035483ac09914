// Package factor takes matrices of float64 apart: QR, singular values, inverses.
//
// What goes in and comes out is [linalg.Dense]. A thin QR is by blocked Householder
// reflections on the products of linalg/kernel, and so is all that is long: the SVD of a
// product of low rank never forms it ([ProductTop]), that of the leading triples of a large
// matrix is by subspace iteration ([TopSVD]), all triples of a large one are by reduction to two
// diagonals and divide and conquer ([Decompose], [ProductCut]), and whatever is left small goes
// to LAPACK in Go (gonum). Signs and the order of equal singular values are fixed, so that the same input
// gives the same bits on one kind of processor; between kinds, products and LAPACK's
// differ in their last digits.
//
// The package refuses to know what the matrices mean. Entries that are not finite are
// [ErrNotFinite]; shapes that do not fit are a broken invariant of the caller and panic.
//
// Read svd.go, then product.go; householder.go is what they stand on. large.go leads to
// bidiagonal.go, conquer.go and secular.go, which are read in that order.
package factor
