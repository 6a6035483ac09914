//go:build amd64 && !purego

package kernel

import "unsafe"

// assembled is whether row operations have assembly on the road in use.
var assembled = choice != roadGeneric

// runRow runs an operation by the road in use.
func runRow(op rowOp, t *rowArgs) {
	table := &rowOps512
	if !fast.wide {
		table = &rowOps256
	}
	table[op]((*byte)(hide(unsafe.Pointer(t))))
}

// rowOps512 are the kernels, in the order of rowOp.
var rowOps512 = [rowOps]func(*byte){
	softmaxRows512,
	softmaxBackRows512,
	rmsNorm512,
	rmsNormBack512,
	layerNorm512,
	layerNormBack512,
	expSum512,
	lossRows512,
	top512,
	scaleBy512,
	adamW512,
	rotateHeads512,
	addTo512,
	mulTo512,
	addScaled512,
	siluRow512,
	siluBackRow512,
	swiglu512,
	swigluBack512,
	swigluFork512,
	geluTanhRow512,
	geluTanhBackRow512,
	geluTanhSlope512,
	geluErfRow512,
	geluErfBackRow512,
	topTwo512,
}

// rowOps256 are the kernels, in the order of rowOp.
var rowOps256 = [rowOps]func(*byte){
	softmaxRows256,
	softmaxBackRows256,
	rmsNorm256,
	rmsNormBack256,
	layerNorm256,
	layerNormBack256,
	expSum256,
	lossRows256,
	top256,
	scaleBy256,
	adamW256,
	rotateHeads256,
	addTo256,
	mulTo256,
	addScaled256,
	siluRow256,
	siluBackRow256,
	swiglu256,
	swigluBack256,
	swigluFork256,
	geluTanhRow256,
	geluTanhBackRow256,
	geluTanhSlope256,
	geluErfRow256,
	geluErfBackRow256,
	topTwo256,
}
