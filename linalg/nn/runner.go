package nn

import (
	"github.com/loramesh/loramesh/linalg/kernel"
)

// Runner is the workspace in which one model at a time runs forward and backward. It
// belongs to one goroutine. Its memory grows to the largest batch met and is then used
// again, so that a step allocates nothing.
type Runner struct {
	model    *Model
	branches []attached // by module
	first    []int      // of a module's branches; one entry more than modules
	grads    weights    // nil: the base is frozen; nil entries: those tensors are
	lowest   int        // first block into which gradients must flow; Layers: none, −1: the embedding too

	ready    bool // a forward pass is there to go back through
	capacity int  // rows for which memory is cut
	rows     int
	seqs     []span
	ids      []int32
	labels   []int32 // what row t should predict, or Ignore
	position []int32
	dropping bool

	turns  turns
	blocks []saved
	tail   []float32   // residual stream after the last block
	back   scratch     // of the way back
	head   headScratch // of logits and losses
	attend attention
	lanes  []float32 // what the branches keep of a pass
	losses []Loss
}

// span is rows lo…hi−1: one sequence of the batch.
type span struct{ lo, hi int }

// saved is what a block keeps of a forward pass, all row-major.
type saved struct {
	x        []float32 // residual stream into the block: rows×Width
	h1       []float32 // normed
	inv1     []float32 // one over the root mean square, a number per row
	q, k, v  []float32 // after rotation
	top, inv []float32 // of each row's and head's softmax
	o        []float32 // attention's output
	x2       []float32 // residual stream after attention
	h2, inv2 []float32
	gate, up []float32 // rows×Inner
	act      []float32 // silu(gate)∘up
}

// scratch holds gradients on their way down; each is overwritten block by block.
type scratch struct {
	dx, dh           []float32 // rows×Width
	dq, dk, dv, do   []float32
	dgate, dup, dact []float32
	dz               []float32 // rows×rank of one branch
	wide             []float32 // rows×In of one branch with dropout
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
	if r.model == nil || !sameShape(r.model.config, m.config) {
		c := m.config
		*r = Runner{
			first:  make([]int, c.Layers*int(kinds)+1),
			blocks: make([]saved, c.Layers),
			turns:  turns{angles: c.Rope.angles(c.HeadDim)},
		}
	}
	r.model, r.grads = m, nil
	r.Detach()
}

func sameShape(a, b Config) bool {
	return a.Vocab == b.Vocab && a.Width == b.Width && a.Inner == b.Inner && a.Layers == b.Layers && a.Heads == b.Heads &&
		a.KVHeads == b.KVHeads && a.HeadDim == b.HeadDim && a.Rope == b.Rope
}

// Model is the one in use; during [Runner.TrainBase], the Runner's own.
func (r *Runner) Model() *Model { return r.model }

// reserve cuts memory for so many rows and for the branches as attached.
func (r *Runner) reserve(rows int) {
	c := r.model.config
	if rows > r.capacity {
		r.capacity = rows
		r.cutBlocks(c)
	}
	need, rank, wide := 0, 0, 0
	for i := range r.branches {
		b := &r.branches[i]
		need += rows * b.Rank
		rank = max(rank, b.Rank)
		if b.Dropout > 0 {
			need += 2 * rows * b.in
			wide = max(wide, b.in)
		}
	}
	grow(&r.back.dz, rows*rank)
	grow(&r.back.wide, rows*wide)
	grow(&r.lanes, need)
	rest := r.lanes
	for i := range r.branches {
		b := &r.branches[i]
		b.z, rest = rest[:rows*b.Rank], rest[rows*b.Rank:]
		b.keep, b.dropped = nil, nil
		if b.Dropout > 0 {
			b.keep, rest = rest[:rows*b.in], rest[rows*b.in:]
			b.dropped, rest = rest[:rows*b.in], rest[rows*b.in:]
		}
	}
}

// cutBlocks cuts what is kept per row out of one piece of memory.
func (r *Runner) cutBlocks(c Config) {
	n, wide, narrow := r.capacity, c.Heads*c.HeadDim, c.KVHeads*c.HeadDim
	perRow := c.Layers*(4*c.Width+2+2*wide+2*narrow+2*c.Heads+3*c.Inner) + c.Width
	memory := make([]float32, n*perRow)
	cut := func(width int) (s []float32) {
		s, memory = memory[:n*width:n*width], memory[n*width:]
		return s
	}
	for l := range r.blocks {
		r.blocks[l] = saved{
			x: cut(c.Width), h1: cut(c.Width), inv1: cut(1), q: cut(wide), k: cut(narrow), v: cut(narrow),
			top: cut(c.Heads), inv: cut(c.Heads), o: cut(wide), x2: cut(c.Width), h2: cut(c.Width), inv2: cut(1),
			gate: cut(c.Inner), up: cut(c.Inner), act: cut(c.Inner),
		}
	}
	r.tail = cut(c.Width)
	r.back = scratch{dz: r.back.dz, wide: r.back.wide}
}

// reserveBack cuts the memory of the way back, which evaluation never needs.
func (r *Runner) reserveBack() {
	if r.back.dx != nil {
		return
	}
	c, n := r.model.config, r.capacity
	wide, narrow := c.Heads*c.HeadDim, c.KVHeads*c.HeadDim
	b := &r.back
	b.dx, b.dh = make([]float32, n*c.Width), make([]float32, n*c.Width)
	b.dq, b.do = make([]float32, n*wide), make([]float32, n*wide)
	b.dk, b.dv = make([]float32, n*narrow), make([]float32, n*narrow)
	b.dgate, b.dup, b.dact = make([]float32, n*c.Inner), make([]float32, n*c.Inner), make([]float32, n*c.Inner)
}

// grow makes a slice at least n long; what it held is lost.
func grow[T any](s *[]T, n int) {
	if cap(*s) < n {
		*s = make([]T, n)
	}
	*s = (*s)[:n]
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
	return kernel.Of(buffer[lo*width:hi*width], hi-lo, width)
}
