package train

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/base"
)

// raise readies a runner for a model: what is to be merged is in the weights, what stands
// beside them is attached, frozen. What a participant keeps under the name of an attachment
// is its own; an attachment of which nothing is kept anywhere is left out.
//
// A dense delta has no factors to run beside a weight, so it is merged whatever the
// attachment says. Changes add up, so it does not matter which of them are in the weights.
func (t *Trainer) raise(j job, m method.Model) (*base.Base, *nn.Runner, error) {
	return t.raiseOn(0, j, m)
}

// raiseOn is raise on one of several runners, for models that are at work at the same time.
func (t *Trainer) raiseOn(place int, j job, m method.Model) (*base.Base, *nn.Runner, error) {
	b, err := t.world.Base(m.Base)
	if err != nil {
		return nil, nil, err
	}
	var merges []merge
	stand := newBeside(m)
	for _, at := range m.Attach {
		from := j.sources(at.Name, at.From)
		if from == "" {
			continue
		}
		_, shared := stand.experts[at.Name]
		if at.Merge && !shared && at.Gate == nil { // opened only if it is not in the weights yet
			merges = append(merges, merge{from, at.Scale, at.Rank})
			continue
		}
		a, err := openAdapter(from, at.Rank, t.blobs)
		if err != nil {
			return nil, nil, fmt.Errorf("attachment %q: %w", at.Name, err)
		}
		if dense(a) && !shared && at.Gate == nil {
			merges = append(merges, merge{from, at.Scale, at.Rank})
			continue
		}
		if err := stand.add(at, a, t.blobs); err != nil {
			return nil, nil, fmt.Errorf("attachment %q: %w", at.Name, err)
		}
	}
	model, err := t.merged.model(b, merges, t.blobs)
	if err != nil {
		return nil, nil, err
	}
	if err := stand.route(m, model, t.blobs); err != nil {
		return nil, nil, err
	}
	if err := t.seek(stand); err != nil {
		return nil, nil, err
	}
	run := t.use(place, model)
	t.stands[place] = stand
	return b, run, stand.attach(run)
}

func dense(a lora.Adapter) bool {
	for _, p := range a {
		if p.Dense() {
			return true
		}
	}
	return false
}

// branches run a pair beside its weight: s·B·A, and −s·B₀·A₀ where its start moved the base.
func branches(p lora.Pair, scale float64) []*nn.Branch {
	s := float32(p.Scale * scale)
	out := []*nn.Branch{{Module: p.Module, A: p.A, B: p.B, Rank: p.Rank, Scale: s, Magnitude: p.M}}
	if p.Started() {
		out = append(out, &nn.Branch{Module: p.Module, A: p.A0, B: p.B0, Rank: p.StartRank(), Scale: -s})
	}
	return out
}
