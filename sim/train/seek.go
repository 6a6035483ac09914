package train

import (
	"fmt"
	"math"
	"slices"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/mlp"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/world"
)

// seeker finds the expert of whole examples by what a base, bare, makes of their prompts: the
// mean of its last hidden states, as a Probe of [method.Feature] stores them.
type seeker struct {
	base  *base.Base
	run   *nn.Runner
	place func(row []float32) int // of the expert
	known map[uint64]int          // by the hash of an example
}

// seek readies the routers of a model that look at prompts as a whole.
func (t *Trainer) seek(stand *beside) error {
	stand.seekers = make([]*seeker, len(stand.model.Routers))
	for i, r := range stand.model.Routers {
		if r.By != method.Nearest && r.By != method.Judged {
			continue
		}
		name := r.Encoder
		if name == "" {
			name = stand.model.Base
		}
		b, err := t.world.Base(name)
		if err != nil {
			return fmt.Errorf("router %d: its encoder: %w", i, err)
		}
		if t.encoder == nil {
			t.encoder = nn.NewRunner(b.Model)
		}
		x := &seeker{base: b, run: t.encoder, known: map[uint64]int{}}
		if r.By == method.Nearest {
			x.place, err = t.nearest(r, b.Model.Config().Width)
		} else {
			x.place, err = t.judged(r, b.Model.Config().Width)
		}
		if err != nil {
			return fmt.Errorf("router %d: %w", i, err)
		}
		stand.seekers[i] = x
	}
	return nil
}

// nearest finds the stored example of the largest cosine, of equals the first expert's.
func (t *Trainer) nearest(r method.Router, width int) (func([]float32) int, error) {
	type stored struct {
		row    []float32
		expert int
	}
	var all []stored
	for e, x := range r.Over {
		if x.Attach == "" {
			return nil, fmt.Errorf("expert %d says nothing: of none are examples stored", e)
		}
		if x.Key == "" {
			return nil, fmt.Errorf("expert %d: it has no key, which are the stored examples that a router that is %s compares with", e, r.By)
		}
		k, err := t.blobs.Open(x.Key)
		if err != nil {
			return nil, err
		}
		own, err := lora.ParseEmbeddings(k)
		if err != nil {
			return nil, fmt.Errorf("expert %d: its key: %w", e, err)
		}
		if own.Width != width {
			return nil, fmt.Errorf("expert %d: its stored examples have %d numbers, and the encoder gives %d: they are of another base", e, own.Width, width)
		}
		for lo := 0; lo < len(own.Rows); lo += width {
			row := slices.Clone(own.Rows[lo : lo+width])
			toUnit(row)
			all = append(all, stored{row, e})
		}
	}
	return func(row []float32) int {
		toUnit(row)
		best, at := math.Inf(-1), 0
		for _, s := range all {
			sum := 0.0
			for i, v := range s.row {
				sum += float64(v) * float64(row[i])
			}
			if sum > best {
				best, at = sum, s.expert
			}
		}
		return at
	}, nil
}

// toUnit scales a row to length 1.
func toUnit(row []float32) {
	sum := 0.0
	for _, v := range row {
		sum += float64(v) * float64(v)
	}
	if sum == 0 {
		return
	}
	by := float32(1 / math.Sqrt(sum))
	for i := range row {
		row[i] *= by
	}
}

// judged asks a classifier that has a class for each expert.
func (t *Trainer) judged(r method.Router, width int) (func([]float32) int, error) {
	x, err := t.blobs.Open(r.Judge)
	if err != nil {
		return nil, err
	}
	c, err := mlp.Parse(x)
	if err != nil {
		return nil, fmt.Errorf("its judge, blob %.12s…: %w", r.Judge, err)
	}
	if c.In != width || c.Out != len(r.Over) {
		return nil, fmt.Errorf("its judge takes %d numbers and knows %d experts; the encoder gives %d, and there are %d", c.In, c.Out, width, len(r.Over))
	}
	return c.Class, nil
}

// find gives the expert of each row.
func (s *seeker) find(t *Trainer, rows []world.Row) ([]int, error) {
	var fresh []world.Row
	asked := map[uint64]bool{}
	for _, r := range rows {
		h := r.Example().Hash
		if _, known := s.known[h]; !known && !asked[h] {
			fresh, asked[h] = append(fresh, r), true
		}
	}
	if s.run.Model() != s.base.Model { // another model's router has used it since
		s.run.Use(s.base.Model)
	}
	for len(fresh) > 0 {
		n, err := t.together(s.base, s.base.Model.PlaceBytes(), fresh)
		if err != nil {
			return nil, err
		}
		part := fresh[:n]
		fresh = fresh[n:]
		batch, _, err := t.encode(s.base, part, false)
		if err != nil {
			return nil, err
		}
		if err := ask(s.run, batch); err != nil {
			return nil, err
		}
		w := s.base.Model.Config().Width
		all := s.run.Features(nil, false)
		for i, r := range part {
			s.known[r.Example().Hash] = s.place(all[i*w : (i+1)*w])
		}
	}
	out := make([]int, len(rows))
	for i, r := range rows {
		out[i] = s.known[r.Example().Hash]
	}
	return out, nil
}
