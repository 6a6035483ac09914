package nn

import "github.com/loramesh/loramesh/linalg/kernel"

// cache holds the keys and values of places already seen, block by block, a stretch of
// rows for each sequence.
type cache struct {
	kv   [][]float32 // by block: rows×2·narrow, keys before values
	seqs []stretch
	live []int     // row t of the present pass continues sequence live[t]
	p    []float32 // probabilities of one row
}

// stretch is a sequence's rows: from first on, filled of them in use.
type stretch struct{ first, filled int }

// newCache takes over the keys and values of the last pass, with room for more of each.
func newCache(r *Runner, more int) *cache {
	c, m := &r.model.config, &cache{}
	rows, longest := 0, 0
	for _, s := range r.seqs {
		n := s.hi - s.lo
		m.seqs = append(m.seqs, stretch{rows, n})
		rows += n + more
		longest = max(longest, n+more)
	}
	m.p = make([]float32, longest)
	for l := range r.blocks {
		kv := kernel.Make[float32](rows * 2 * c.narrow())
		for i, s := range r.seqs {
			for t := s.lo; t < s.hi; t++ {
				copy(kv[(m.seqs[i].first+t-s.lo)*2*c.narrow():], r.blocks[l].pair(c, t))
			}
		}
		m.kv = append(m.kv, kv)
	}
	return m
}

// pair is the keys and values of a row.
func (s *saved) pair(c *Config, t int) []float32 {
	all := c.wide() + 2*c.narrow()
	return s.qkv[t*all+c.wide() : (t+1)*all]
}

// attendCache is attendAll where each row is the next of a sequence in the cache.
func (r *Runner) attendCache(l int, b *block, s *saved) {
	c, m := &r.model.config, r.cache
	all, pair, scale := c.wide()+2*c.narrow(), 2*c.narrow(), float32(c.scale())
	for t, i := range m.live {
		q := m.seqs[i]
		lo, hi := q.first, q.first+q.filled+1
		copy(m.kv[l][(hi-1)*pair:hi*pair], s.pair(c, t))
		p := kernel.Of(m.p, 1, hi-lo)
		for h := range c.Heads {
			group := h / (c.Heads / c.KVHeads)
			key, value := column(m.kv[l], pair, lo, hi, group, c.HeadDim), column(m.kv[l], pair, lo, hi, c.KVHeads+group, c.HeadDim)
			query := column(s.qkv, all, t, t+1, h, c.HeadDim)
			kernel.Attend(ref(column(s.o, c.wide(), t, t+1, h, c.HeadDim)), &p, &query, &key, &value, 1, scale, r.sight(b, q.filled))
		}
	}
}
