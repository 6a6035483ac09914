package train

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/metric"
	"github.com/loramesh/loramesh/sim/world"
)

// tell readies a batch for the routers beside a model: where prompts end, for those that
// decide by prompt, and whose example it is, for one that goes by a column. rows are those of
// the batch's sequences. Where the column names no expert, none acts.
func (b *beside) tell(t *Trainer, j job, rows []world.Row, batch *nn.Batch) error {
	batch.Prompts, batch.Shares = nil, nil
	for i, r := range b.model.Routers {
		if x := b.seekers[i]; x != nil {
			found, err := x.find(t, rows)
			if err != nil {
				return fmt.Errorf("router %d: %w", i, err)
			}
			for _, e := range found {
				shares := make([]float32, len(r.Over))
				shares[e] = 1
				batch.Shares = append(batch.Shares, shares)
			}
			continue
		}
		if r.By == method.ByColumn {
			for _, row := range rows {
				value, err := b.told(t, j, row, r.Column)
				if err != nil {
					return fmt.Errorf("router %d: %w", i, err)
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

// told is an example's value in the column that a router goes by. The scenario's own evaluations
// may compare with routers that are told what nobody else is.
func (b *beside) told(t *Trainer, j job, row world.Row, column string) (string, error) {
	if b.open && j.req.Whom.Pool == coordinator.EvaluationPool {
		return row.Example().Columns[column], nil
	}
	value, known, err := t.world.Column(j.req.Whom, row, column)
	if err == nil && !known {
		err = fmt.Errorf("it goes by the column %q, which is granted of some examples only", column)
	}
	return value, err
}

// expertOf is the expert that a column's value names, −1 if there is none.
func expertOf(r method.Router, value string) int {
	return slices.IndexFunc(r.Over, func(x method.Expert) bool { return x.Attach == value && value != "" })
}

// routed is what the routers did with sequence i of the last pass, held against the expert that
// their column names.
func (b *beside) routed(run *nn.Runner, row world.Row, i int) (out metric.Routed) {
	for k, r := range b.model.Routers {
		out.Task = row.Example().Columns[r.Column]
		right := expertOf(r, out.Task)
		sums, first := make([]float64, len(r.Over)), make([]int, len(r.Over)+1)
		for _, q := range b.routers[k] {
			did := run.Routed(q)
			at := i * did.Experts
			first[len(r.Over)] += did.Tokens[i]
			for e := range sums {
				if first[e] += did.First[at+e]; r.Over[e].Attach != "" {
					first[len(r.Over)] -= did.First[at+e]
				}
				if r.By == method.Standardised || r.By == method.Absolute {
					sums[e] += float64(did.Scores[at+e])
				} else {
					sums[e] += did.Mass[at+e]
				}
			}
			if right >= 0 {
				out.Decisions += did.Tokens[i]
				out.Right += did.First[at+right]
				out.Mass += did.Mass[at+right]
			}
		}
		if r.By != method.Uniform { // which prefers nobody
			for e, x := range r.Over {
				if x.Attach != "" {
					out.First = append(out.First, metric.Cell{Expert: x.Attach, Decisions: first[e]})
				}
			}
			out.First = append(out.First, metric.Cell{Decisions: first[len(r.Over)]})
		}
		if right < 0 {
			continue
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
