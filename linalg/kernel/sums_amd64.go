//go:build amd64 && !purego

package kernel

import "unsafe"

// sumArgs is what the kernels of [AddRows64] and [AddWide] work by; tools/asm knows its layout.
type sumArgs struct {
	k      int
	row    unsafe.Pointer
	weight float64
	m      unsafe.Pointer
	mRow   uintptr
	out    unsafe.Pointer
	n      int
}

// fastAddRows64 does so many of the columns, from the first: all that fill registers.
func fastAddRows64(out []float64, weight float64, by []float64, m Matrix64) (done int) {
	if fastDouble == nil || len(by) == 0 {
		return 0
	}
	return fastDouble.addRows64(out, weight, by, m)
}

func (f *machine) addRows64(out []float64, weight float64, by []float64, m Matrix64) (done int) {
	kernel := sumRows256d
	if f.wide {
		kernel = sumRows512d
	}
	t := sumArgs{k: len(by), row: unsafe.Pointer(unsafe.SliceData(by)), weight: weight, mRow: uintptr(m.Stride) * f.item}
	for whole := len(out) / f.lanes; whole > 0; whole -= t.n {
		t.n = min(whole, 8*(1+long/(8*f.lanes*len(by)))) // no call is long
		t.m, t.out = unsafe.Pointer(&m.Data[done]), unsafe.Pointer(&out[done])
		kernel((*byte)(hide(unsafe.Pointer(&t))))
		done += t.n * f.lanes
	}
	return done
}

// fastAddWide does so many numbers, from the first: all that fill registers.
func fastAddWide(out []float64, weight float64, x []float32) (done int) {
	if fastDouble == nil {
		return 0
	}
	return fastDouble.addWide(out, weight, x)
}

func (f *machine) addWide(out []float64, weight float64, x []float32) (done int) {
	kernel := sumWide256d
	if f.wide {
		kernel = sumWide512d
	}
	t := sumArgs{weight: weight}
	for whole := len(out) / f.lanes; whole > 0; whole -= t.n {
		t.n = min(whole, long/f.lanes) // no call is long
		t.m, t.out = unsafe.Pointer(&x[done]), unsafe.Pointer(&out[done])
		kernel((*byte)(hide(unsafe.Pointer(&t))))
		done += t.n * f.lanes
	}
	return done
}
