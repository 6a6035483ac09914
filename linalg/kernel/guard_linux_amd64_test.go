//go:build linux && amd64 && !purego

package kernel

import (
	"fmt"
	"os"
	"syscall"
	"testing"
	"unsafe"

	"github.com/loramesh/loramesh/linalg/rng"
)

// fence gives numbers that end where readable memory ends: reading one further is a fault
// that ends the test.
func fence(t *testing.T, s *rng.Stream, n int) []float32 {
	t.Helper()
	page := os.Getpagesize()
	size := (4*n + page - 1) / page * page
	mem, err := syscall.Mmap(-1, 0, size+page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Munmap(mem) })
	if err := syscall.Mprotect(mem[size:], syscall.PROT_NONE); err != nil {
		t.Fatal(err)
	}
	out := unsafe.Slice((*float32)(unsafe.Pointer(&mem[size-4*n])), n)
	copy(out, draw(s, n))
	return out
}

func TestNothingIsReadBeyondItsEnd(t *testing.T) {
	s := rng.New(31).Stream()
	at := func(rows, cols int) Matrix { return Of(fence(t, s, rows*cols), rows, cols) }
	for _, f := range roads(t) {
		for _, n := range [][3]int{{1, 1, 1}, {2, 33, 5}, {5, 40, 17}, {13, 17, 16}, {14, 32, 31}, {15, 47, 33}, {29, 16, 7}, {33, 5, 40}, {3, 130, 9}, {40, 65, 11}, {40, 19, 3}} {
			c := at(n[0], n[1])
			for _, form := range []struct {
				a, b        Matrix
				ta, tb, add bool
			}{{at(n[0], n[2]), at(n[1], n[2]), false, true, true}, {at(n[0], n[2]), at(n[2], n[1]), false, false, false}, {at(n[2], n[0]), at(n[2], n[1]), true, false, true}} {
				f.product32(&c, &form.a, &form.b, form.ta, form.tb, form.add)
			}
			p, low := PackNT(at(n[1], n[2])), PackNT(at(n[1], 3))
			x := at(n[0], n[2])
			f.mul(p, &c, &x, 0, n[1], &Epilogue{Onto: at(n[0], n[1]), Bias: fence(t, s, n[1]), Low: low, LowIn: at(n[0], 3), Times: at(n[0], n[1])})
			both := at(n[0], 2*n[1])
			f.mul(p, &both, &x, 0, n[1], &Epilogue{Fork: at(n[0], 2*n[1]), Times: at(n[0], n[1])})
			a := at(n[1], n[2])
			f.thin(c, at(n[0], n[2]), a, 1)
			rows := []int32{int32(n[0]) - 1}
			f.thinRows(at(1, n[1]), at(n[0], n[2]), rows, a, 1, fence(t, s, 1))
			f.addRows(p, c, rows, at(1, n[2]))
		}
	}
}

func TestBriefAttentionReadsNothingBeyondItsEnd(t *testing.T) {
	if fast == nil || !fast.wide {
		t.Skip("short attention has a kernel of its own with AVX-512 only")
	}
	s := rng.New(33).Stream()
	for _, n := range [][2]int{{1, 1}, {5, 7}, {15, 16}, {16, 3}, {16, 16}} {
		at := func(rows, cols int) Matrix { return Of(fence(t, s, rows*cols), rows, cols) }
		q, k, v, o, p := at(n[0], 2*n[1]), at(n[0], 2*n[1]), at(n[0], 2*n[1]), at(n[0], 2*n[1]), at(2*n[0], n[0])
		see := Sight{Causal: true}
		fastBrief(&o, &p, &q, &k, &v, 2, 0.5, see)
		fastBriefBack(point(at(n[0], 2*n[1])), point(at(n[0], 2*n[1])), point(at(n[0], 2*n[1])), &o, &p, &q, &k, &v, 2, 0.5, see, n[0] > 5)
	}
}

func TestRowsReadNothingBeyondTheirEnd(t *testing.T) {
	s := rng.New(32).Stream()
	tables := map[string]*[rowOps]func(*byte){roadAVX2: &rowOps256, roadAVX512: &rowOps512}
	for road := range roads(t) {
		for op := range rowOps {
			for _, n := range []int{1, 7, 8, 9, 16, 23, 33} {
				t.Run(fmt.Sprint(road, op, n), func(t *testing.T) {
					args := rowArgs{n: n, rows: 1, full: n, step: uintptr(n) * 4, far: uintptr(n) * 4}
					for i := range args.p {
						size := n
						if op == opRotate && i == 0 {
							args.full, size = 1, 2*n
						}
						if op == opTopTwo && i == 1 {
							size = 2
						}
						if op == opLossRows && i == 1 {
							size = int(unsafe.Sizeof(Labelled{})) / 4
						}
						args.p[i] = at(fence(t, s, size))
					}
					if op == opLossRows { // and the label is the last number, and the largest
						*(*Labelled)(args.p[1]) = Labelled{Label: n - 1}
						unsafe.Slice((*float32)(args.p[0]), n)[n-1] = 99
					}
					args.f = [8]float32{1, 1, 1, 1, 1, 1, 1, 1}
					tables[road][op]((*byte)(unsafe.Pointer(&args)))
				})
			}
		}
	}
}
