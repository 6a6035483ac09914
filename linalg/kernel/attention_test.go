package kernel

import (
	"fmt"
	"math"
	"testing"

	"github.com/loramesh/loramesh/linalg/numtest"
	"github.com/loramesh/loramesh/linalg/rng"
)

// attention by its definition, in float64.
func attentionWide(q, k, v Matrix, scale float64, see Sight) [][]float64 {
	out := make([][]float64, q.Rows)
	for i := range out {
		out[i] = make([]float64, v.Cols)
		var sum float64
		for j := range k.Rows {
			if place := see.First + i; see.Causal && (j > place || see.Window > 0 && j <= place-see.Window) {
				continue
			}
			var dot float64
			for d := range q.Cols {
				dot += q.at(i, d) * k.at(j, d)
			}
			e := math.Exp(scale * dot)
			sum += e
			for d := range out[i] {
				out[i][d] += e * v.at(j, d)
			}
		}
		for d := range out[i] {
			if sum > 0 {
				out[i][d] /= sum
			}
		}
	}
	return out
}

// Forward against the definition, backward against differences, for every kind of sight;
// tiles of rows give the bits of the whole.
func TestAttention(t *testing.T) {
	s := rng.New(51).Stream()
	const scale = 0.3
	for _, c := range []struct {
		queries, keys, width int
		see                  Sight
	}{
		{5, 5, 4, Sight{Causal: true}}, {33, 33, 16, Sight{Causal: true}}, {40, 70, 8, Sight{First: 30, Causal: true}}, {40, 40, 8, Sight{}},
		{50, 50, 5, Sight{Causal: true, Window: 7}}, {20, 60, 8, Sight{First: 40, Causal: true, Window: 33}}, {1, 9, 4, Sight{First: 8, Causal: true}},
	} {
		name := fmt.Sprintf("%d×%d %+v", c.queries, c.keys, c.see)
		q, k, v, o := inside(s, c.queries, c.width), inside(s, c.keys, c.width), inside(s, c.keys, c.width), inside(s, c.queries, c.width)
		p, ds := inside(s, c.queries, c.keys), inside(s, c.queries, c.keys)
		Attend(&o, &p, &q, &k, &v, 1, scale, c.see)
		for i, want := range attentionWide(q, k, v, scale, c.see) {
			numtest.Close(t, name, o.Row(i), narrow(want), 2e-6)
		}
		other, po := copyOf(o), copyOf(p)
		for i := 0; i < c.queries; i += 9 {
			m := min(9, c.queries-i)
			see := c.see
			see.First += i
			Attend(point(other.RowRange(i, i+m)), point(po.RowRange(i, i+m)), point(q.RowRange(i, i+m)), &k, &v, 1, scale, see)
		}
		same(t, name+" by tiles", other, o)

		g := inside(s, c.queries, c.width)
		dq, dk, dv := inside(s, c.queries, c.width), inside(s, c.keys, c.width), inside(s, c.keys, c.width)
		added, more := copyOf(dk), copyOf(dv)
		AttendBack(&dq, &dk, &dv, &g, &p, &ds, &q, &k, &v, 1, scale, c.see, false)
		added.Zero()
		more.Zero()
		AttendBack(point(copyOf(dq)), &added, &more, &g, &p, &ds, &q, &k, &v, 1, scale, c.see, true)
		same(t, name+" dk added to nothing", added, dk)
		same(t, name+" dv added to nothing", more, dv)
		loss := func() (sum float64) {
			for i, row := range attentionWide(q, k, v, scale, c.see) {
				for d, x := range row {
					sum += x * g.at(i, d)
				}
			}
			return sum
		}
		for what, pair := range map[string][2]Matrix{"q": {q, dq}, "k": {k, dk}, "v": {v, dv}} {
			i, j := pair[0].Rows/2, pair[0].Cols/2
			x := &pair[0].Data[i*pair[0].Stride+j]
			keep := *x
			*x = keep + 0x1p-9
			up := loss()
			*x = keep - 0x1p-9
			down := loss()
			*x = keep
			numtest.CloseWide(t, name+" d"+what, []float64{pair[1].at(i, j)}, []float64{(up - down) / 0x1p-8}, 2e-4)
		}
	}
}

// Heads that go together have the bits of heads that go alone, each with its own keys or
// all with the same.
func TestHeadsTogether(t *testing.T) {
	s := rng.New(53).Stream()
	const scale = 0.4
	for _, c := range []struct {
		rows, heads, width int
		see                Sight
	}{
		{5, 3, 4, Sight{Causal: true}}, {16, 4, 16, Sight{Causal: true}}, {40, 2, 40, Sight{}}, {33, 5, 17, Sight{Causal: true}}, {9, 3, 70, Sight{Causal: true}},
		{20, 3, 8, Sight{Causal: true, Window: 6}},
	} {
		for _, how := range [][2]bool{{false, false}, {false, true}, {true, false}, {true, true}} {
			shared, add := how[0], how[1]
			name := fmt.Sprintf("%+v, shared %v, add %v", c, shared, add)
			all, d := c.heads*c.width, c.width
			kept := all
			if shared {
				kept = d
			}
			q, k, v, g := inside(s, c.rows, all), inside(s, c.rows, kept), inside(s, c.rows, kept), inside(s, c.rows, all)
			o, dq, dk, dv := inside(s, c.rows, all), inside(s, c.rows, all), inside(s, c.rows, kept), inside(s, c.rows, kept)
			p, ds := inside(s, c.heads*c.rows, c.rows), inside(s, c.heads*c.rows, c.rows)
			wantO, wantDQ, wantDK, wantDV, wantP := copyOf(o), copyOf(dq), copyOf(dk), copyOf(dv), copyOf(p)
			for h := range c.heads {
				own := func(m Matrix) Matrix { return m.head(h, d) }
				part, back := wantP.RowRange(h*c.rows, (h+1)*c.rows), copyOf(ds).RowRange(0, c.rows)
				Attend(point(own(wantO)), &part, point(own(q)), point(own(k)), point(own(v)), 1, scale, c.see)
				AttendBack(point(own(wantDQ)), point(own(wantDK)), point(own(wantDV)), point(own(g)), &part, &back, point(own(q)), point(own(k)), point(own(v)), 1, scale, c.see, add || shared && h > 0)
			}
			Attend(&o, &p, &q, &k, &v, c.heads, scale, c.see)
			AttendBack(&dq, &dk, &dv, &g, &p, &ds, &q, &k, &v, c.heads, scale, c.see, add)
			for what, pair := range map[string][2]Matrix{"p": {p, wantP}, "o": {o, wantO}, "dq": {dq, wantDQ}, "dk": {dk, wantDK}, "dv": {dv, wantDV}} {
				same(t, name+" "+what, pair[0], pair[1])
			}
		}
	}
}
