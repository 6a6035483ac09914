package train

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/metric"
	"github.com/loramesh/loramesh/sim/world"
)

// tell readies a batch for the routers beside a model: where prompts end, for those that
// decide by prompt, and whose example it is, for one that goes by a column. rows are those of
// the batch's sequences. Where the column names no expert, none acts.
func (b *beside) tell(t *Trainer, j job, rows []world.Row, batch *nn.Batch) error {
	batch.Prompts, batch.Shares = nil, nil
	for i, r := range b.model.Routers {
		if r.By == method.ByColumn {
			for _, row := range rows {
				value, known, err := t.world.Column(j.req.Whom, row, r.Column)
				if err != nil {
					return fmt.Errorf("router %d: %w", i, err)
				}
				if !known {
					return fmt.Errorf("router %d goes by the column %q, which is granted of some examples only", i, r.Column)
				}
				shares := make([]float32, len(r.Over))
				if e := expertOf(r, value); e >= 0 {
					shares[e] = 1
				}
				batch.Shares = append(batch.Shares, shares)
			}
			continue
		}
		if r.Grain != method.Token && r.By != method.Uniform && batch.Prompts == nil {
			for _, labels := range batch.Labels {
				batch.Prompts = append(batch.Prompts, promptOf(labels))
			}
		}
	}
	return nil
}

// expertOf is the expert that a column's value names, −1 if there is none.
func expertOf(r method.Router, value string) int {
	return slices.IndexFunc(r.Over, func(x method.Expert) bool { return x.Attach == value && value != "" })
}

// routed is what the routers did with sequence i of the last pass, held against the expert that
// their column names: nothing where none is named.
func (b *beside) routed(run *nn.Runner, row world.Row, i int) (out metric.Routed) {
	for k, r := range b.model.Routers {
		right := expertOf(r, row.Example().Columns[r.Column])
		if right < 0 {
			continue
		}
		sums := make([]float64, len(r.Over))
		for _, q := range b.routers[k] {
			did := run.Routed(q)
			at := i * did.Experts
			out.Decisions += did.Tokens[i]
			out.Right += did.First[at+right]
			out.Mass += did.Mass[at+right]
			for e := range sums {
				if r.By == method.Standardised || r.By == method.Absolute {
					sums[e] += float64(did.Scores[at+e])
				} else {
					sums[e] += did.Mass[at+e]
				}
			}
		}
		best := 0
		for e, x := range sums {
			if x > sums[best] {
				best = e
			}
		}
		out.Sequences++
		if best == right {
			out.SequencesRight++
		}
	}
	return out
}
