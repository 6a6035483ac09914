//go:build amd64 && !purego

package kernel

import (
	"fmt"
	"testing"

	"github.com/loramesh/loramesh/linalg/rng"
)

// Short attention, a head in one piece, has the bits of its products and softmaxes.
func TestBriefAttentionIsItsProducts(t *testing.T) {
	if fast == nil || !fast.wide {
		t.Skip("short attention has a kernel of its own with AVX-512 only")
	}
	s := rng.New(54).Stream()
	const scale = 0.35
	see := Sight{Causal: true}
	for n := 1; n <= brief; n++ {
		for _, d := range []int{1, 4, 8, 13, 16} {
			for _, shared := range []bool{false, true} {
				const heads = 3
				name, wide := fmt.Sprintf("%d places, %d wide, shared %v", n, d, shared), heads*d
				if shared {
					wide = d
				}
				q, k, v, o := inside(s, n, heads*d), inside(s, n, wide), inside(s, n, wide), inside(s, n, heads*d)
				p, ds, do := inside(s, heads*n, n), inside(s, heads*n, n), inside(s, n, heads*d)
				if shared { // without gaps, and so worked on where they lie
					p = Of(draw(s, heads*n*n), heads*n, n)
				}
				wantP, wantO := copyOf(p), copyOf(o)
				Probabilities(wantP, q, k, heads, scale, see)
				see.gather(wantO, wantP, v, heads)
				if !fastBrief(&o, &p, &q, &k, &v, heads, scale, see) {
					t.Fatal(name, "is not for the kernel")
				}
				same(t, name+" p", p, wantP)
				same(t, name+" o", o, wantO)

				dq, dk, dv := inside(s, n, heads*d), inside(s, n, wide), inside(s, n, wide)
				wantQ, wantK, wantV := copyOf(dq), copyOf(dk), copyOf(dv)
				add := shared || n%2 == 0 // a key that heads share is met by each
				see.back(wantQ, wantK, wantV, do, wantP, ds, q, k, v, heads, scale, add)
				other, values := copyOf(dq), copyOf(dv)
				fastBriefBack(&dq, &dk, &dv, &do, &p, &q, &k, &v, heads, scale, see, add)
				same(t, name+" dq", dq, wantQ)
				same(t, name+" dk", dk, wantK)
				same(t, name+" dv", dv, wantV)
				fastBriefBack(&other, point(Matrix{}), &values, &do, &p, &q, &k, &v, heads, scale, see, add)
				same(t, name+" dq without dk", other, wantQ)
				same(t, name+" dv without dk", values, wantV)
			}
		}
	}
	for _, sight := range []Sight{{}, {Causal: true, First: 1}, {Causal: true, Window: 3}} {
		if q := inside(s, 5, 4); attendsBriefly(&q, &q, &q, 1, sight) {
			t.Errorf("%+v goes by the kernel; it sees in another way", sight)
		}
	}
}
