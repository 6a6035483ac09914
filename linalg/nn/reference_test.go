package nn

import (
	"fmt"
	"math"
	"testing"

	"github.com/loramesh/loramesh/linalg/numtest"
	"github.com/loramesh/loramesh/linalg/rng"
)

// reference is the same transformer once more, in float64, one token at a time, with
// loops as in the formulas. Differences of its loss are what gradients are held against.
type reference struct {
	c        Config
	w        map[string][]float64 // by Hugging Face name
	branches []refBranch
	entered  map[string][]float64 // sums of what entered a module, where that is asked for
}

type refBranch struct {
	module string
	rank   int
	scale  float64
	a, b   []float64
	bias   []float64
}

func wide(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

func refOf(m *Model, bs ...*Branch) *reference {
	ref := &reference{c: m.config, w: map[string][]float64{}}
	for _, w := range m.Tensors().List {
		ref.w[w.Name] = wide(w.Data)
	}
	for _, b := range bs {
		ref.branches = append(ref.branches, refBranch{b.Module, b.Rank, float64(b.Scale), wide(b.A), wide(b.B), wide(b.Bias)})
	}
	return ref
}

func matVec(w, x []float64) []float64 {
	y := make([]float64, len(w)/len(x))
	for i := range y {
		for j, v := range x {
			y[i] += w[i*len(x)+j] * v
		}
	}
	return y
}

func (ref *reference) linear(l int, k, hf string, x []float64) []float64 {
	return ref.beside(fmt.Sprintf("%d.%s", l, k), matVec(ref.w[fmt.Sprintf("model.layers.%d.%s.weight", l, hf)], x), x)
}

// beside adds what the branches of a module say.
func (ref *reference) beside(module string, y, x []float64) []float64 {
	if sum := ref.entered[module]; sum != nil {
		for i, v := range x {
			sum[i] += v
		}
	}
	for _, b := range ref.branches {
		if b.module == module {
			for i, v := range matVec(b.b, matVec(b.a, x)) {
				if len(b.bias) > 0 {
					v += b.bias[i]
				}
				y[i] += b.scale * v
			}
		}
	}
	return y
}

func (ref *reference) norm(x, gain []float64) []float64 {
	var sum float64
	for _, v := range x {
		sum += v * v
	}
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = v / math.Sqrt(sum/float64(len(x))+ref.c.Eps) * gain[i]
	}
	return y
}

func (ref *reference) rotate(x []float64, position int) {
	half := ref.c.HeadDim / 2
	for i, a := range ref.c.Rope.angles(ref.c.HeadDim) {
		sin, cos := math.Sincos(a * float64(position))
		for h := 0; h < len(x); h += ref.c.HeadDim {
			p, q := x[h+i], x[h+i+half]
			x[h+i], x[h+i+half] = p*cos-q*sin, q*cos+p*sin
		}
	}
}

// logits of one sequence, a row per token.
func (ref *reference) logits(ids, positions []int32) [][]float64 {
	c, e := ref.c, ref.w["model.embed_tokens.weight"]
	x := make([][]float64, len(ids))
	for t, id := range ids {
		one := make([]float64, c.Vocab)
		one[id] = 1
		x[t] = ref.beside("embed", append([]float64(nil), e[int(id)*c.Width:(int(id)+1)*c.Width]...), one)
	}
	for l := range c.Layers {
		ref.block(l, x, positions)
	}
	head := e
	if !c.Tied {
		head = ref.w["lm_head.weight"]
	}
	for t := range x {
		h := ref.norm(x[t], ref.w["model.norm.weight"])
		x[t] = ref.beside("lm_head", matVec(head, h), h)
	}
	return x
}

func (ref *reference) block(l int, x [][]float64, positions []int32) {
	c := ref.c
	norms := [][]float64{ref.w[fmt.Sprintf("model.layers.%d.input_layernorm.weight", l)], ref.w[fmt.Sprintf("model.layers.%d.post_attention_layernorm.weight", l)]}
	q, k, v := make([][]float64, len(x)), make([][]float64, len(x)), make([][]float64, len(x))
	for t := range x {
		h := ref.norm(x[t], norms[0])
		q[t], k[t], v[t] = ref.linear(l, "q", "self_attn.q_proj", h), ref.linear(l, "k", "self_attn.k_proj", h), ref.linear(l, "v", "self_attn.v_proj", h)
		ref.rotate(q[t], int(positions[t]))
		ref.rotate(k[t], int(positions[t]))
	}
	for t := range x {
		o := make([]float64, c.Heads*c.HeadDim)
		for h := range c.Heads {
			g := h / (c.Heads / c.KVHeads)
			p, sum := make([]float64, t+1), 0.0
			for j := range p {
				for i := range c.HeadDim {
					p[j] += q[t][h*c.HeadDim+i] * k[j][g*c.HeadDim+i]
				}
				p[j] = math.Exp(p[j] / math.Sqrt(float64(c.HeadDim)))
				sum += p[j]
			}
			for j := range p {
				for i := range c.HeadDim {
					o[h*c.HeadDim+i] += p[j] / sum * v[j][g*c.HeadDim+i]
				}
			}
		}
		for i, y := range ref.linear(l, "o", "self_attn.o_proj", o) {
			x[t][i] += y
		}
		h := ref.norm(x[t], norms[1])
		gate, up := ref.linear(l, "gate", "mlp.gate_proj", h), ref.linear(l, "up", "mlp.up_proj", h)
		for i, g := range gate {
			gate[i] = g / (1 + math.Exp(-g)) * up[i]
		}
		for i, y := range ref.linear(l, "down", "mlp.down_proj", gate) {
			x[t][i] += y
		}
	}
}

// loss is Σ over labels that count of the sequence's weight times nats.
func (ref *reference) loss(b Batch, weight []float64) (sum float64) {
	for i, ids := range b.IDs {
		for t, row := range ref.logits(ids, b.Positions[i]) {
			if t+1 == len(ids) || b.Labels[i][t+1] == Ignore {
				continue
			}
			var z float64
			for _, v := range row {
				z += math.Exp(v)
			}
			sum += weight[i] * (math.Log(z) - row[b.Labels[i][t+1]])
		}
	}
	return sum
}

// small is a model in which no two sides are equal, so that mistaken sides show.
func small(tied bool) Config {
	return Config{Family: "llama", Vocab: 11, Width: 10, Inner: 14, Layers: 2, Heads: 4, KVHeads: 2, HeadDim: 6, MaxPositions: 64, Eps: 1e-5,
		Gated: true, Rope: Rope{Kind: "default", Theta: 100}, Tied: tied, BOS: -1}
}

func draw(s *rng.Stream, n int, std float64) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(std * s.Norm())
	}
	return x
}

// randomModel has norms that are not 1 and weights large enough for every path to count.
func randomModel(t *testing.T, c Config, s *rng.Stream) *Model {
	t.Helper()
	m, err := New(c, 0.4, s)
	if err != nil {
		t.Fatal(err)
	}
	ts := m.Tensors()
	for _, x := range ts.List {
		if len(x.Shape) == 1 {
			for j := range x.Data {
				x.Data[j] += float32(0.3 * s.Norm())
			}
		}
	}
	if m, err = FromTensors(m.config, ts); err != nil {
		t.Fatal(err)
	}
	return m
}

// raggedBatch has sequences longer than an attention tile, positions with a gap, labels
// that are left out, and more rows than a chunk of logits.
func raggedBatch(c Config, s *rng.Stream) Batch {
	var b Batch
	for i, n := range []int{5, 1, 19, 33, 12} {
		ids, labels, places := make([]int32, n), make([]int32, n), make([]int32, n)
		for t := range ids {
			ids[t], labels[t], places[t] = int32(s.IntN(c.Vocab)), int32(s.IntN(c.Vocab)), int32(t+3*i)
			if s.IntN(5) == 0 {
				labels[t] = Ignore
			}
		}
		b.IDs, b.Labels, b.Positions = append(b.IDs, ids), append(b.Labels, labels), append(b.Positions, places)
	}
	return b
}

func randomBranch(c Config, module string, rank int, scale float32, s *rng.Stream) *Branch {
	m, err := partsOf(c).locate(module)
	if err != nil {
		panic(err)
	}
	return &Branch{Module: module, Rank: rank, Scale: scale, A: draw(s, rank*m.In, 0.3), B: draw(s, m.Out*rank, 0.3)}
}

func TestForwardEqualsReference(t *testing.T) {
	s := rng.New(1).At("forward").Stream()
	for _, tied := range []bool{false, true} {
		c := small(tied)
		m := randomModel(t, c, s)
		bs := []*Branch{randomBranch(c, "0.q", 3, 0.5, s), randomBranch(c, "0.q", 1, 2, s), randomBranch(c, "1.down", 2, -1, s)}
		b := raggedBatch(c, s)
		r := NewRunner(m)
		if err := r.Attach(bs...); err != nil {
			t.Fatal(err)
		}
		if err := r.Forward(b); err != nil {
			t.Fatal(err)
		}
		ref := refOf(m, bs...)
		var want []float64
		for i, ids := range b.IDs {
			for _, row := range ref.logits(ids, b.Positions[i]) {
				want = append(want, row...)
			}
		}
		numtest.CloseWide(t, "logits", wide(r.Logits(nil)), want, 2e-5)
	}
}

// Every weight of every layer, and the factors of branches on every kind of module.
func TestGradientsEqualDifferences(t *testing.T) {
	s := rng.New(2).At("gradients").Stream()
	for _, tied := range []bool{false, true} {
		c := small(tied)
		m := randomModel(t, c, s)
		b := raggedBatch(c, s)
		weight := []float64{0.02, 1, -0.01, 0.03, 0.05}
		r := NewRunner(m)
		params := r.TrainBase(nil)
		var bs []*Branch
		for i, x := range c.Modules() {
			br := randomBranch(c, x.Name, 1+i%3, 0.7, s)
			br.TrainA()
			br.TrainB()
			if i%2 == 1 && x.Name != "embed" {
				br.Bias = draw(s, x.Out, 0.3)
				br.TrainBias()
			}
			bs = append(bs, br)
		}
		if err := r.Attach(bs...); err != nil {
			t.Fatal(err)
		}
		if err := r.Forward(b); err != nil {
			t.Fatal(err)
		}
		r.Backward(weight)
		ref := refOf(m, bs...)
		check := func(name string, at []float64, grad []float32) {
			// A few entries of each tensor: the reference is slow.
			few := min(len(at), 4)
			lo := s.IntN(len(at) - few + 1)
			numtest.Gradient(t, name, at[lo:lo+few], grad[lo:lo+few], func() float64 { return ref.loss(b, weight) }, 5e-6)
		}
		for _, p := range params {
			check(p.Name, ref.w[p.Name], p.Grad)
		}
		for i, br := range bs {
			check(br.Module+".A", ref.branches[i].a, br.GradA)
			check(br.Module+".B", ref.branches[i].b, br.GradB)
			if br.Bias != nil {
				check(br.Module+".b", ref.branches[i].bias, br.GradBias)
			}
		}
	}
}
