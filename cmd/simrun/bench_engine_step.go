package main

import (
	"math"
	"slices"
	"time"

	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/rng"
)

// engineRequest asks for the time of a training step.
type engineRequest struct {
	Family  string  `json:"family"`
	Mode    string  `json:"mode,omitempty"` // of the other side
	Vocab   int     `json:"vocab"`
	D       int     `json:"d"`
	Layers  int     `json:"layers"`
	Heads   int     `json:"heads"`
	Tokens  int     `json:"seq"`
	Batch   int     `json:"batch"`
	Rank    int     `json:"rank"`
	DType   string  `json:"dtype,omitempty"` // float32, which "" means too, or bfloat16
	Threads int     `json:"threads,omitempty"`
	Secs    float64 `json:"secs"`
}

// engineResult is the answer; the request comes with it.
type engineResult struct {
	Name string `json:"name,omitempty"`
	engineRequest
	Ms           float64 `json:"ms"`      // median of a step
	BestMs       float64 `json:"best_ms"` // and the fastest, which others disturb least
	CPU          float64 `json:"cpu"`     // share of a core that the steps had
	Steps        int     `json:"steps"`
	TokensPerSec float64 `json:"tokens_per_s"`
	GFlops       float64 `json:"gflops"`      // nominal, a second
	Peak         float64 `json:"peak_gflops"` // of multiply-adds in registers
	Loss         float64 `json:"loss"`
}

// answer builds the model, warms it up and times its steps.
func (q engineRequest) answer() (engineResult, error) {
	step, err := q.build()
	if err != nil {
		return engineResult{}, err
	}
	r := engineResult{engineRequest: q}
	for range 4 {
		r.Loss = step()
	}
	loop := kernel.PeakLoop
	if q.DType == bfloat16 {
		loop = kernel.PeakLoopRounded
	}
	peak := peakFlops(loop)
	var times []float64
	began, busy := time.Now(), cpuSeconds()
	for time.Since(began).Seconds() < q.Secs || len(times) < 3 {
		at := time.Now()
		r.Loss = step()
		times = append(times, time.Since(at).Seconds())
	}
	r.CPU = (cpuSeconds() - busy) / time.Since(began).Seconds()
	slices.Sort(times)
	median := times[len(times)/2]
	r.BestMs = times[0] * 1e3
	r.Ms, r.Steps, r.TokensPerSec = median*1e3, len(times), float64(q.Batch*q.Tokens)/median
	r.GFlops, r.Peak = q.flops()/median/1e9, max(peak, peakFlops(loop))/1e9
	return r, nil
}

// check refuses what cannot be built.
func (q engineRequest) check() error {
	for _, side := range []struct {
		name string
		n    int
	}{{"vocab", q.Vocab}, {"d", q.D}, {"layers", q.Layers}, {"heads", q.Heads}, {"seq", q.Tokens}, {"batch", q.Batch}, {"rank", q.Rank}} {
		if side.n < 1 || side.n > 1<<20 {
			return misuse("bench engine: %s is %d; expected 1 and more", side.name, side.n)
		}
	}
	switch {
	case q.Family != "gpt" && q.Family != "llama":
		return misuse("bench engine: family %q; gpt or llama was expected", q.Family)
	case !knownDType(q.DType):
		return misuse("bench engine: dtype %q; float32 or bfloat16 was expected", q.DType)
	case q.Threads > 1:
		return misuse("bench engine: threads is %d; a step runs on one core", q.Threads)
	case !(q.Secs >= 0):
		return misuse("bench engine: secs is %g; expected 0 and more", q.Secs)
	}
	return nil
}

// bfloat16 is the dtype of products that round their sides, as benches call it.
const bfloat16 = "bfloat16"

// kernelsFor names the kernels by which such a step goes.
func kernelsFor(dtype string) string {
	if dtype != bfloat16 {
		return kernel.CPU()
	}
	return kernel.CPU() + " and " + kernel.RoundedCPU()
}

func knownDType(name string) bool { return name == "" || name == "float32" || name == bfloat16 }

// inner is the width of the MLP.
func (q engineRequest) inner() int {
	if q.Family == "llama" {
		return (8*q.D/3 + 7) / 8 * 8
	}
	return 4 * q.D
}

// build makes a model with random weights and gives one training step of it, which returns
// the loss.
func (q engineRequest) build() (func() float64, error) {
	if err := q.check(); err != nil {
		return nil, err
	}
	family := map[string]string{"gpt": "gpt2", "llama": "llama"}[q.Family]
	c, err := nn.Design(family, nn.Shape{Vocab: q.Vocab, Width: q.D, Inner: q.inner(), Layers: q.Layers, Heads: q.Heads, KVHeads: q.Heads, Context: q.Tokens})
	if err != nil {
		return nil, misuse("bench engine: %v", err)
	}
	s := rng.New(1).At("bench").Stream()
	m, err := nn.New(c, 0.02, s)
	if err == nil && q.DType == bfloat16 {
		m, err = m.Rounding("BF16")
	}
	if err != nil {
		return nil, err
	}
	step, err := trainOnly(m, q.Rank, s)
	if err != nil {
		return nil, err
	}
	batch := nn.Batch{InPlace: true}
	for range q.Batch {
		ids, labels := make([]int32, q.Tokens), make([]int32, q.Tokens)
		for t := range ids {
			ids[t], labels[t] = int32(s.IntN(q.Vocab)), int32(s.IntN(q.Vocab))
		}
		batch.IDs, batch.Labels = append(batch.IDs, ids), append(batch.Labels, labels)
	}
	return func() float64 { return step(batch) }, nil
}

// trainOnly gives training steps of LoRA on q and v and nothing else: forward, backward and
// AdamW on a batch, of which the loss is returned.
func trainOnly(m *nn.Model, rank int, s *rng.Stream) (func(nn.Batch) float64, error) {
	draw := func(n int, std float64) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(std * s.Norm())
		}
		return x
	}
	run := nn.NewRunner(m)
	var params []nn.Param
	modules, err := m.Config().Select([]string{"*.q", "*.v"})
	if err != nil {
		return nil, err
	}
	for _, x := range modules {
		b := &nn.Branch{Module: x.Name, Rank: rank, Scale: 16 / float32(rank),
			A: draw(rank*x.In, 1/math.Sqrt(float64(x.In))), B: draw(x.Out*rank, 0.01)}
		b.TrainA()
		b.TrainB()
		params = append(params, b.Params()...)
		if err := run.Attach(b); err != nil {
			return nil, err
		}
	}
	adam := nn.NewAdamW(0.9, 0.999, 1e-8, 0.01)
	return func(b nn.Batch) float64 {
		nn.ZeroGrads(params)
		loss, _, err := run.Learn(b, nil)
		if err != nil {
			panic(err) // a batch that the model can read
		}
		adam.Step(params, 1e-3)
		return loss.Mean()
	}, nil
}

// flops of a step, nominal: products with every weight of the blocks and the head, forward
// and back (but not below the first block, whose input nobody asks about), dense attention,
// and the branches; no gradient of frozen weights.
func (q engineRequest) flops() float64 {
	n, d, l, t, r, v := float64(q.Batch*q.Tokens), float64(q.D), float64(q.Layers), float64(q.Tokens), float64(q.Rank), float64(q.Vocab)
	mats := 2.0 // of the MLP
	if q.Family == "llama" {
		mats = 3
	}
	weights := 2 * (4*d*d + mats*d*float64(q.inner()))
	forward := l*(weights+4*t*d+8*d*r) + 2*v*d
	back := l*(weights+8*t*d+16*d*r) + 2*v*d - 6*d*d
	return n * (forward + back)
}

// peakFlops times the register loop: the best of several, since a pause can only slow it.
func peakFlops(loop func(int) float64) float64 {
	best := 0.0
	for range 8 {
		at := time.Now()
		flops := loop(1 << 18)
		best = max(best, flops/time.Since(at).Seconds())
	}
	return best
}
