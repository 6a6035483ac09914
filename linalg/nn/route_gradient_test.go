package nn

import (
	"math"
	"sort"
	"testing"

	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/numtest"
	"github.com/loramesh/loramesh/linalg/rng"
)

// layerOf is one layer with a router in float64, written as the formulas are, for kinds
// that the golden vectors do not have.
type layerOf struct {
	q              *Router
	in, out        int
	lengths        []int // of the sequences; a prompt is all of one
	w, u, y, keys  []float64
	a, b           [][]float64
	ranks          []int
	frozen         [][]int // by decision: the best, which differences must not change
	scale, epsilon float64
}

func (l *layerOf) scores(u []float64) []float64 {
	n := len(l.a)
	out := make([]float64, n)
	for e := range n {
		key := l.keys[e*l.in : (e+1)*l.in]
		if l.q.By == Absolute {
			for i, v := range key {
				out[e] += v * u[i]
			}
			out[e] = math.Abs(out[e])
			continue
		}
		a, b := l.standard(u), l.standard(key)
		for i, v := range a {
			out[e] += v * b[i] / math.Sqrt(float64(l.in))
		}
	}
	return out
}

func (l *layerOf) standard(x []float64) []float64 {
	var mean, square float64
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		square += (v - mean) * (v - mean) / float64(len(x))
	}
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = (v - mean) / math.Sqrt(square+l.epsilon)
	}
	return out
}

// weights of the decision d.
func (l *layerOf) weights(d int, scores []float64) []float64 {
	out := make([]float64, len(scores))
	if l.q.By == Uniform {
		for e := range out {
			out[e] = 1 / float64(len(out))
		}
		return out
	}
	for len(l.frozen) <= d {
		order := make([]int, len(scores))
		for e := range order {
			order[e] = e
		}
		sort.SliceStable(order, func(i, j int) bool { return scores[order[i]] > scores[order[j]] })
		l.frozen = append(l.frozen, order[:l.q.kept()])
	}
	var sum float64
	for _, e := range l.frozen[d] {
		out[e] = math.Exp(scores[e])
		sum += out[e]
	}
	if l.q.Raw {
		sum = 0
		for _, s := range scores {
			sum += math.Exp(s)
		}
	}
	for e := range out {
		out[e] /= sum
	}
	return out
}

func (l *layerOf) loss() (loss float64) {
	rows := len(l.u) / l.in
	var all [][]float64 // weights by row
	at, d := 0, 0
	var mean []float64
	for i, n := range l.lengths {
		var own [][]float64
		for t := at; t < at+n; t++ {
			own = append(own, l.scores(l.u[t*l.in:(t+1)*l.in]))
		}
		at += n
		switch l.q.Grain {
		case ByRow:
			for _, s := range own {
				all = append(all, l.weights(d, s))
				d++
			}
			continue
		case BySequence:
			mean = nil
		}
		if mean == nil {
			mean = make([]float64, len(l.a))
		}
		over := n
		if l.q.Grain == ByBatch {
			over = rows
		}
		for _, s := range own {
			for e, v := range s {
				mean[e] += v / float64(over)
			}
		}
		if l.q.Grain == BySequence || i == len(l.lengths)-1 {
			w := l.weights(d, mean)
			d++
			for len(all) < at {
				all = append(all, w)
			}
		}
	}
	for t := range rows {
		u := l.u[t*l.in : (t+1)*l.in]
		y := matVec(l.w, u)
		l.add(y, u, all[t])
		for i, v := range y {
			off := v - l.y[t*l.out+i]
			loss += off * off / float64(2*rows)
		}
	}
	return loss
}

// add is what the experts say.
func (l *layerOf) add(y, u, w []float64) {
	if l.q.Mix == Factors {
		a, b := make([]float64, len(l.a[0])), make([]float64, len(l.b[0]))
		for e := range w {
			for i, v := range l.a[e] {
				a[i] += w[e] * v
			}
			for i, v := range l.b[e] {
				b[i] += w[e] * l.scale * v
			}
		}
		for i, v := range matVec(b, matVec(a, u)) {
			y[i] += v
		}
		return
	}
	for e := range w {
		for i, v := range matVec(l.b[e], matVec(l.a[e], u)) {
			y[i] += w[e] * l.scale * v
		}
	}
}

// The gradients of every kind of router are those of its formulas, by differences.
func TestRoutedGradients(t *testing.T) {
	for _, kind := range []string{"all", "arrow", "sequence", "pieces", "batch", "uniform", "mean factors"} {
		t.Run(kind, func(t *testing.T) {
			like := routings[kind].like
			s := rng.New(31).At(kind).Stream()
			ranks := []int{2, 2, 2}
			l := &layerOf{q: &like, in: 7, out: 5, lengths: []int{3, 4}, ranks: ranks, scale: 0.5, epsilon: like.Epsilon}
			w := draw(s, l.out*l.in, 1)
			u, want := draw(s, 7*l.in, 1), draw(s, 7*l.out, 1)
			p := &parts{blocks: make([]block, 1)}
			m := p.linear(l.in, false, false, owned{layerName, "x", "", l.out})
			one := &oneLayer{m: m, Runner: &Runner{model: &Model{parts: p, maps: []*packed{pack(kernel.Of(w, l.out, l.in), false)}}, lanes: make([]lane, 1), blocks: make([]saved, 1)}}
			for _, n := range l.lengths {
				one.seqs = append(one.seqs, span{one.rows, one.rows + n})
				one.rows += n
			}
			like.Module = layerName
			for range ranks {
				b := &Branch{Module: layerName, Rank: 2, Scale: 0.5, A: draw(s, 2*l.in, 1), B: draw(s, l.out*2, 1)}
				b.TrainA()
				b.TrainB()
				like.Experts = append(like.Experts, b)
				l.a, l.b = append(l.a, wide(b.A)), append(l.b, wide(b.B))
			}
			if like.scored() {
				like.Keys = draw(s, 3*l.in, 1)
				like.TrainKeys()
			}
			l.w, l.u, l.y, l.keys = wide(w), wide(u), wide(want), wide(like.Keys)
			if len(l.keys) == 0 {
				l.keys = make([]float64, 3*l.in)
			}
			if err := one.Route(&like); err != nil {
				t.Fatal(err)
			}
			loss := one.run(u, want)
			numtest.CloseWide(t, "loss", []float64{loss}, []float64{l.loss()}, 1e-5*loss)
			numtest.Gradient(t, "u", l.u, one.dx.Data, l.loss, 1e-4)
			for e, b := range like.Experts {
				numtest.Gradient(t, "A", l.a[e], b.GradA, l.loss, 1e-4)
				numtest.Gradient(t, "B", l.b[e], b.GradB, l.loss, 1e-4)
			}
			if like.GradKeys != nil {
				numtest.Gradient(t, "keys", l.keys, like.GradKeys, l.loss, 1e-4)
			}
		})
	}
}
