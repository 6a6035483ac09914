package coordinator

import (
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"testing"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
)

// fakeWorld is a world that a test can hold in its head. Participant i of a pool has 10·(i+1)
// examples; work takes it delay(i) seconds, a second for every 100 bytes down, every 50 up
// and every 1,000 FLOP; a recipe is 500 FLOP.
type fakeWorld struct {
	offer     func(pool string, round int) []int // nil: all of a pool
	pools     []Pool
	ranks     map[string][]int // by pool; nil: no limits
	examples  func(method.ID) int
	delay     func(method.ID) method.Seconds
	fate      func(id method.ID, times int) Fate         // nil: all goes well
	available func(id method.ID, at method.Seconds) bool // nil: always
	chunks    []int                                      // of each evaluation; nil: 2
	subject   func(i, chunk int) method.ID               // nil: one model answers for all
	offers    []string
	room      map[method.ID]float64 // bytes beside weights and what is trained; not in it: no bound
}

func (w *fakeWorld) Offer(_ int, pool string, round, size int, busy func(int) bool) []int {
	w.offers = append(w.offers, fmt.Sprintf("%s %d", pool, round))
	if w.offer != nil {
		return w.offer(pool, round)
	}
	i := slices.IndexFunc(w.pools, func(p Pool) bool { return p.Name == pool })
	p := w.pools[i]
	first, last := 0, p.Size
	if p.Sweep {
		first, last = min(round*p.Cohort, p.Size), min((round+1)*p.Cohort, p.Size)
	}
	var all []int
	for k := first; k < last && len(all) < size; k++ {
		if !busy(k) {
			all = append(all, k)
		}
	}
	return all
}

func (w *fakeWorld) Participant(id method.ID) Participant {
	p := Participant{Tier: "phone", Examples: 10 * (id.Index + 1)}
	if w.examples != nil {
		p.Examples = w.examples(id)
	}
	if r := w.ranks[id.Pool]; r != nil {
		p.Rank = r[id.Index]
	}
	return p
}

func (w *fakeWorld) Sees(_ int, id method.ID) int { return w.Participant(id).Examples }

func (w *fakeWorld) Price(int, method.Recipe) func(method.ID, int) Price { return w.price }

func (w *fakeWorld) price(id method.ID, _ int) Price {
	return Price{Flops: 500, Spent: func(flops float64, down, up int64) Spent {
		sec := float64(down)/100 + float64(up)/50 + flops/1000
		if w.delay != nil {
			sec += float64(w.delay(id))
		}
		return Spent{Time: method.Seconds(sec)}
	}}
}

func (w *fakeWorld) Room(id method.ID, _ method.Recipe) float64 {
	if left, bound := w.room[id]; bound {
		return left
	}
	return math.Inf(1)
}

func (w *fakeWorld) Fate(id method.ID, times int) Fate {
	if w.fate == nil {
		return Fate{}
	}
	return w.fate(id, times)
}

func (w *fakeWorld) Available(id method.ID, at method.Seconds) bool {
	return w.available == nil || w.available(id, at)
}

// Shorten makes a share of the steps.
func (w *fakeWorld) Shorten(_ int, _ method.ID, f method.Fit, share float64) method.Fit {
	f.Steps = int(float64(f.Steps) * share)
	return f
}

func (w *fakeWorld) Chunks(i int) int {
	if w.chunks == nil {
		return 2
	}
	return w.chunks[i]
}

func (w *fakeWorld) Subject(i, chunk int) (method.ID, bool) {
	if w.subject == nil {
		return method.ID{}, false
	}
	return w.subject(i, chunk), true
}

// seed is a hash of a name.
func seed(purpose string, parts ...any) uint64 {
	h := fnv.New64a()
	fmt.Fprint(h, purpose, parts)
	return h.Sum64()
}

// draws are seeds of work.
func draws(member int, pool string) func(int, string, int) uint64 {
	return func(index int, name string, times int) uint64 { return seed("work", member, pool, index, name, times) }
}

// fakeStore keeps tensors under their hashes for good, and lends its own memory.
type fakeStore map[method.Blob]method.Tensors

func (s fakeStore) Has(b method.Blob) bool { _, ok := s[b]; return ok }

func (s fakeStore) Hold() (release func()) { return func() {} }

func (s fakeStore) Open(b method.Blob) (method.Tensors, error) {
	t, ok := s[b]
	if !ok {
		return t, fmt.Errorf("%w: %q", blob.ErrUnknown, b)
	}
	return t, nil
}

func (s fakeStore) Put(t method.Tensors) (method.Blob, error) {
	content, err := safetensors.EncodeTensors(t)
	b := blob.Name(content)
	s[b] = copied(t)
	return b, err
}

// put stores an adapter.
func (s fakeStore) put(t testing.TB, a lora.Adapter) method.Blob {
	t.Helper()
	b, err := s.Put(a.Tensors())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// adapter reads one back.
func (s fakeStore) adapter(t testing.TB, b method.Blob) lora.Adapter {
	t.Helper()
	x, err := s.Open(b)
	if err != nil {
		t.Fatal(err)
	}
	a, err := lora.Parse(x)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// modules of every base here: 56 numbers for each rank of an adapter over both.
var modules = []method.Module{{Name: "0.q", Out: 16, In: 16}, {Name: "0.v", Out: 8, In: 16}}

const perRank = 4 * (16 + 16 + 8 + 16) // bytes

// random is an adapter over all modules whose numbers follow from a seed, eighths of small
// whole numbers so that their sums and products are exact.
func random(seed uint64, rank int) lora.Adapter {
	next := func() float32 {
		seed = seed*6364136223846793005 + 1442695040888963407
		return float32(int(seed>>60)-8) / 8
	}
	fill := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = next()
		}
		return x
	}
	var a lora.Adapter
	for _, m := range modules {
		a = append(a, lora.Pair{Module: m.Name, Out: m.Out, In: m.In, Rank: rank, Scale: 2, A: fill(rank * m.In), B: fill(m.Out * rank)})
	}
	return a
}

// nan spoils an adapter.
func nan(a lora.Adapter) lora.Adapter {
	a[1].B[3] = float32(math.NaN())
	return a
}
