package kernel

import (
	"fmt"
	"testing"

	"github.com/loramesh/loramesh/linalg/linalgtest"
	"github.com/loramesh/loramesh/linalg/rng"
)

// Rows that get a product wherever they lie have the bits of one product a row, and the
// others stay as they were.
func TestAddRowsIsAProductForEach(t *testing.T) {
	for _, cols := range []int{1, 15, 31, 32, 33, 64, 100, 128, 200, 515} {
		for _, k := range []int{1, 2, 8, 17, 300} {
			s := rng.New(uint64(cols*1000 + k)).At("rows").Stream()
			p := PackNT(Of(draw(s, cols*k), cols, k))
			c, a := inside(s, 9, cols), inside(s, 4, k)
			rows := []int32{7, 0, 3, 8}
			want := copyOf(c)
			for i, row := range rows {
				p.Mul(want.RowRange(int(row), int(row)+1), a.RowRange(i, i+1), Epilogue{Add: true})
			}
			p.AddRows(c, rows, a)
			linalgtest.Same(t, fmt.Sprintf("%d columns of %d", cols, k), c.Data, want.Data)
		}
	}
}
