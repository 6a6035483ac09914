package nn

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/rng"
)

// Continuation is what a model wrote.
type Continuation struct {
	IDs      []int32
	LogProbs []float64 // of each token under the model itself, before temperature and filters, in nats
	Stopped  bool      // by a stop token, which is the last
}

// Generate continues prompts of any lengths, all at once. The keys and values of places
// already seen are kept, so each token costs one row; what a prompt becomes is what a pass
// over its whole text would give, bit for bit, whatever else is written beside it. The
// streams, one a prompt, are used only where the temperature is above 0, one draw a token.
// Attached branches take part, without dropout. An encoder-decoder reads the prompts and
// writes from its start token.
func (r *Runner) Generate(prompts [][]int32, d Decode, streams []*rng.Stream) ([]Continuation, error) {
	if err := d.Check(); err != nil {
		return nil, err
	}
	if d.Temperature > 0 && len(streams) != len(prompts) {
		panic(fmt.Sprintf("nn: Generate with a temperature, %d prompts and %d streams", len(prompts), len(streams)))
	}
	c := &r.model.config
	b := Batch{IDs: prompts, Shares: d.Shares}
	if r.model.pair != nil { // the decoder has said nothing yet
		b.Labels = make([][]int32, len(prompts))
		for i := range b.Labels {
			b.Labels[i] = []int32{Ignore}
		}
	}
	if err := r.check(&b); err != nil {
		return nil, err
	}
	if c.Bidirectional || r.model.parts.head == nil {
		return nil, fmt.Errorf("a model of type %q cannot continue a text: it sees what comes after, or has no head of tokens", c.Family)
	}
	for i, p := range prompts {
		if c.Learned && len(p)+d.Tokens-1 > c.MaxPositions {
			return nil, fmt.Errorf("prompt %d has %d tokens; with %d to write that is more than the %d positions that the model has", i, len(p), d.Tokens, c.MaxPositions)
		}
	}
	w := r.prefill(&b, d.Tokens)
	out := make([]Continuation, len(prompts))
	for len(w.live) > 0 {
		r.write(w, d, streams, out)
	}
	// The rows of the last pass are no batch to go back through.
	r.cache, r.ready = nil, false
	return out, nil
}

// writing is a generation on its way.
type writing struct {
	live   []int // prompts that go on
	rows   []int // of the last pass, those that say how
	logits []float32
	batch  Batch
}

// prefill runs the prompts, and keeps their keys and values with room for more.
func (r *Runner) prefill(b *Batch, more int) *writing {
	r.cache = nil
	r.pack(b)
	r.prepare(max(r.rows, r.both.rows))
	r.run(b)
	r.countAll()
	if r.model.pair != nil {
		r.cache = newWritten(r, more)
	} else {
		r.cache = newCache(r, more)
	}
	w := &writing{}
	for i, s := range r.seqs {
		w.live, w.rows = append(w.live, i), append(w.rows, s.hi-1)
	}
	return w
}

// add writes the token that the logits and the prompt's stream choose.
func (o *Continuation) add(d Decode, logits []float32, streams []*rng.Stream, prompt int) int {
	var s *rng.Stream
	if d.Temperature > 0 {
		s = streams[prompt]
	}
	id := d.choose(logits, s)
	nats, _ := kernel.CrossEntropy(logits, id)
	o.IDs, o.LogProbs = append(o.IDs, int32(id)), append(o.LogProbs, -nats)
	o.Stopped = slices.Contains(d.Stop, id)
	return id
}

// write adds a token to each prompt that goes on, and runs those tokens.
func (r *Runner) write(w *writing, d Decode, streams []*rng.Stream, out []Continuation) {
	v := r.model.config.Vocab
	w.logits = r.logitsOf(w.logits[:0], w.rows)
	b := Batch{IDs: w.batch.IDs[:0], Positions: w.batch.Positions[:0]}
	live := w.live[:0]
	for k, i := range w.live {
		logits, o := w.logits[k*v:(k+1)*v], &out[i]
		id := o.add(d, logits, streams, i)
		if d.ends(i, *o) {
			continue
		}
		live = append(live, i)
		b.IDs, b.Positions = append(b.IDs, []int32{int32(id)}), append(b.Positions, []int32{int32(r.cache.seqs[i].filled)})
	}
	w.live, w.batch = live, b
	if len(live) == 0 {
		return
	}
	r.cache.live = live
	r.pack(&b)
	r.run(&b)
	w.rows = w.rows[:0]
	for k, i := range live {
		r.cache.seqs[i].filled++
		w.rows = append(w.rows, k)
	}
}
