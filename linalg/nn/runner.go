package nn

import "github.com/loramesh/loramesh/linalg/kernel"

// Runner is the workspace in which one model at a time runs forward and backward. It
// belongs to one goroutine. Its memory grows to the largest batch met and is then used
// again, so that a step allocates nothing.
type Runner struct {
	model    *Model
	lanes    []lane // by linear: what runs beside it
	looks    []look // branches of the embedding
	routers  []*routed
	together Grain // what the coarsest decision of a router is for
	base     *base // nil: the weights are frozen
	taps     *taps // nil: nobody is told what enters a module
	lowest   int   // depth down to which gradients must flow

	ready    bool // a forward pass is there to go back through
	capacity int  // rows for which memory is cut
	rows     int
	seqs     []span
	unseen   []int // by sequence: first places that nobody sees
	kept     []int // where a sequence's probabilities begin in a block's p
	ids      []int32
	labels   []int32 // what row t should predict, or Ignore
	position []int32
	types    []int32
	classes  []int32     // what a sequence should be answered, or Ignore
	targets  [][]float32 // or with which numbers
	prompts  []int       // by sequence, rows that decide for it; nil: all
	shares   [][]float32 // by sequence, weights of experts that came with the batch
	dropping bool
	learning bool // back follows forward at once: what it will want is settled

	turns   turns
	blocks  []saved
	tail    []float32 // residual stream after the last block
	entry   entry     // of the embedding, where it is normed
	hot     hot       // of a few rows on their way through an MLP
	back    scratch   // of the way back
	head    headScratch
	answers answering
	both    both
	attend  attention
	mixing  mixing

	distances distances
	cache     *cache // keys and values of places already written, while generating
	losses    []Loss
	each      []Loss // of a batch that came in flocks
}

// span is rows lo…hi−1: one sequence of the batch.
type span struct{ lo, hi int }

// saved is what a block keeps of a forward pass, all row-major. What can be made again
// cheaply (the second norm's output, the activation) is not kept.
type saved struct {
	x      []float32 // residual stream into the block: rows×Width
	h1     []float32 // normed; nil: the norms stand behind
	stat1  stats
	qkv    []float32 // after norms and rotation: rows×(wide + 2·narrow)
	qk     []float32 // queries and keys before their norms, if they have any
	qkStat stats     // of all query heads of a row, then all key heads
	p      []float32 // probabilities of short sequences (see attention.go), as the batch has them
	far    []float32 // like qkv, of the vectors of distances (see disentangled.go)
	o      []float32 // attention's output
	sum1   []float32 // before a norm behind: x + attention
	x2     []float32 // residual stream after attention
	stat2  stats
	u      []float32 // into the activation: rows×Inner, gate and up side by side if gated; see keepsSlope and forks
	slope  []float32 // rows×Inner, of gates that fork
	sum2   []float32 // before a norm behind: x2 + MLP
}

// entry is the sum of embeddings before its norm.
type entry struct {
	x      []float32
	stat   stats
	pieces []float32 // of pictures
}

// hot is scratch of rows that go through an MLP together, few enough to stay in cache.
type hot struct {
	h2, act  []float32 // tall×Width, tall×Inner
	dact, du []float32 // their gradients
}

// tallest is how many rows at most go depth-first through an MLP; on the way forward through
// routers it is tallestRouted, for of each share an expert has but a few.
const (
	tallest       = 128
	tallestRouted = 256
)

// most is how many rows at most go depth-first through an MLP, of no more than so many: few
// enough for the wide activations to stay in the second cache, but not so few that products
// suffer.
func (c *Config) most(rows int) int { return max(56, min(rows, mlpFloats/c.inner())) }

// tall is how many of n rows go depth-first through an MLP, in even shares of at most so many.
func (c *Config) tall(n, most int) int {
	most = c.most(most)
	shares := (n + most - 1) / most
	return (n + shares - 1) / max(1, shares)
}

// mlpFloats is how many numbers an MLP's rows may have between its halves.
const mlpFloats = 1 << 17

// scratch holds gradients on their way down; each is overwritten block by block.
type scratch struct {
	dx, dh, do []float32 // rows×Width, rows×Width, rows×wide
	dqkv       []float32
	dz         []float32 // rows×rank of one lane
	wide       []float32 // rows×In of one branch with dropout
	head       []float32 // one row of heads
}

// NewRunner makes a workspace for a model. Memory for activations comes with the first
// batch.
func NewRunner(m *Model) *Runner {
	r := &Runner{}
	r.Use(m)
	return r
}

// Use changes the model. Branches are detached and the base is frozen again; memory is
// kept if the shape is the same.
func (r *Runner) Use(m *Model) {
	if r.model == nil || !r.model.config.same(m.config) {
		c := m.config
		*r = Runner{lanes: make([]lane, len(m.linears)), blocks: make([]saved, len(m.parts.blocks))}
		if c.Rope.Kind != "" {
			r.turns = turns{angles: c.Rope.angles(c.HeadDim)}
		}
	}
	r.model, r.base, r.taps = m, nil, nil
	r.Detach()
}

// Model is the one in use; during [Runner.TrainBase] the Runner's own, as it stands after
// the last update.
func (r *Runner) Model() *Model {
	if r.base != nil {
		r.base.refresh(r.model)
	}
	return r.model
}

// stream is the residual stream into block l, or after the last one.
func (r *Runner) stream(l int) []float32 {
	if l == len(r.blocks) {
		return r.tail
	}
	return r.blocks[l].x
}

// window sees rows lo…hi−1 of a buffer of that width.
func window(buffer []float32, width, lo, hi int) kernel.Matrix {
	var m kernel.Matrix
	setWindow(&m, buffer, width, lo, hi)
	return m
}

// setWindow makes m what [window] gives, where it stands.
func setWindow(m *kernel.Matrix, buffer []float32, width, lo, hi int) {
	m.Data, m.Rows, m.Cols, m.Stride = buffer[lo*width:hi*width], hi-lo, width, width
}

// apart is rows that do not all lie on the same lines of the first cache, as they would
// with a power of two between them: products then read them a fifth faster.
func apart(buffer []float32, rows, cols int) kernel.Matrix {
	var m kernel.Matrix
	setApart(&m, buffer, rows, cols)
	return m
}

// setApart makes m what [apart] gives, where it stands.
func setApart(m *kernel.Matrix, buffer []float32, rows, cols int) {
	m.Data, m.Rows, m.Cols, m.Stride = nil, rows, cols, stride(cols)
	if rows > 0 {
		m.Data = buffer[:(rows-1)*m.Stride+cols]
	}
}

// slopes of a gate that forks, of rows lo…hi−1.
func (s *saved) slopes(c *Config, lo, hi int) kernel.Matrix {
	return apart(s.slope[lo*stride(c.Inner):], hi-lo, c.Inner)
}

// stride is the distance of such rows.
func stride(cols int) int {
	whole := (cols + 15) &^ 15
	if whole%1024 == 0 {
		return whole + 16
	}
	return whole
}

// none is no matrix: nobody wants it, or there is none to add to.
var none kernel.Matrix

// ref is a matrix made where it is passed on.
func ref(m kernel.Matrix) *kernel.Matrix { return &m }
