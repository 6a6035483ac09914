package train

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/metric"
	"github.com/loramesh/loramesh/sim/world"
)

// classes is how a base tells how likely classes are. Metrics of classes ask nothing else of
// a base.
type classes interface {
	// scores are, for each row, those of its options, in nats: the larger, the likelier.
	scores(rows []world.Row, options [][]string) ([][]float64, error)
}

// classesOf is how a base tells them: a language model by its frozen head, from what it makes
// of their names, an encoder by the head that it has for them.
func (t *Trainer) classesOf(j job, b *base.Base, run *nn.Runner) classes {
	if b.Answers() {
		return outputs{t, j, b, run}
	}
	return wording{t, j, b, run}
}

// classify has the model answer each row with a class: of those that the stage has shown so
// far, and of the row's own task. Of equals the first in the order of the data is taken.
func (t *Trainer) classify(j job, s method.Score, c classes, rows []world.Row) ([]metric.Said, error) {
	out := make([]metric.Said, len(rows))
	options := make([][]string, len(rows))
	for i, r := range rows {
		seen, own := t.world.Classes(j.req.Stage.Index, r)
		if len(own) == 0 {
			return nil, fmt.Errorf("the metrics %q judge classes, and the data name no column of classes: write label: COLUMN", s.Metrics)
		}
		options[i] = seen
		for _, class := range own { // of a task that has not been shown yet
			if !slices.Contains(seen, class) {
				options[i] = append(slices.Clip(options[i]), class)
			}
		}
	}
	scores, err := c.scores(rows, options)
	if err != nil {
		return nil, err
	}
	for i, r := range rows {
		seen, own := t.world.Classes(j.req.Stage.Index, r)
		out[i] = metric.Said{Group: groupOf(r, s.By), Truth: r.Example().Answer, Class: likeliest(options[i], scores[i], seen),
			Own: likeliest(options[i], scores[i], own), Names: seen, Scores: scores[i][:len(seen)]}
	}
	return out, nil
}

// likeliest is the option of the largest score among some of them.
func likeliest(options []string, scores []float64, among []string) string {
	best := -1
	for i, o := range options {
		if (best < 0 || scores[i] > scores[best]) && slices.Contains(among, o) {
			best = i
		}
	}
	return options[best]
}

// wording scores a class by its name as an answer to the row's prompt: the mean log-probability
// of the name's tokens and the end token, as they would be learned.
type wording struct {
	trainer *Trainer
	job     job
	base    *base.Base
	run     *nn.Runner
}

// wordingBatch is how many answers one forward pass takes at most; a large model takes fewer
// (see scoreBytes).
const wordingBatch = 128

func (n wording) scores(rows []world.Row, options [][]string) ([][]float64, error) {
	out := make([][]float64, len(rows))
	var batch nn.Batch
	var places []*float64 // of the scores that the batch will give
	var asked []world.Row // by sequence
	config, each, left := n.base.Model.Config(), n.base.Model.PlaceBytes(), scoreBytes
	flush := func() error {
		if len(places) == 0 {
			return nil
		}
		if err := n.trainer.stands[0].tell(n.trainer, n.job, asked, &batch); err != nil {
			return err
		}
		if err := n.run.Forward(batch); err != nil {
			return err
		}
		_, each := n.run.Loss()
		for i, l := range each {
			*places[i] = -l.Mean()
		}
		batch, places, asked = nn.Batch{IDs: batch.IDs[:0], Labels: batch.Labels[:0]}, places[:0], asked[:0]
		left = scoreBytes
		return nil
	}
	for i, r := range rows {
		out[i] = make([]float64, len(options[i]))
		answers, err := n.trainer.world.Answers(n.base, r, options[i])
		if err != nil {
			return nil, err
		}
		for k, a := range answers {
			batch.IDs, batch.Labels, places = append(batch.IDs, a.IDs), append(batch.Labels, a.Labels), append(places, &out[i][k])
			asked = append(asked, r)
			if left -= a.Places(config) * each; left < 0 || len(places) == wordingBatch {
				if err := flush(); err != nil {
					return nil, err
				}
			}
		}
	}
	return out, flush()
}
