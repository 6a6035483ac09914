package base

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/sim/data"
)

// maxParams bounds what a recipe makes: training a parameter takes 16 bytes, and more than
// these would take years.
const maxParams = 1 << 28

// pretrain trains all weights on the texts, each a sequence of its own, in shuffled
// epochs until so many tokens were seen: AdamW, cosine after 5 % warm-up, clip 1. Weights
// begin normal with deviation √(2/(5d)) (Nguyen and Salazar 2019): at the 0.02 of large
// models the attention of a narrow one stays all but dead.
//
// A model that answers for whole texts or pictures learns the answers of the training examples,
// by a codebook that stays as it is. One that reads a text and writes another learns to write the
// answers. Of 0 tokens each stays as it was drawn.
func (p plan) pretrain(title string, watch Watch) (*nn.Model, error) {
	c, r := p.config, p.recipe
	if n := c.Params(); n > maxParams {
		return nil, fmt.Errorf("its recipe makes %d parameters, expected are at most %d: lower `d`, `hidden` or `layers`, or read a large model from a folder (hf: DIR)", n, maxParams)
	}
	key := rng.New(r.Pretrain.Seed).At("pretrain")
	model, err := nn.New(c, math.Sqrt(2/float64(5*c.Width)), key.At("init").Stream())
	if err != nil {
		return nil, err
	}
	if c.Answer.Outputs > 0 {
		if model, err = withCodebook(model, r.Pretrain.Seed); err != nil {
			return nil, err
		}
	}
	if r.Pretrain.Tokens == 0 {
		return model, nil
	}
	sequences, err := p.sequences()
	if err != nil {
		return nil, err
	}
	deal := dealer{config: c, all: sequences, size: r.Pretrain.Batch, left: r.Pretrain.Tokens, key: key.At("order")}
	total := deal.batches()
	run := nn.NewRunner(model)
	head := c.HeadTensors()
	params := run.TrainBase(func(name string) bool { return !slices.Contains(head, name) })
	optimiser := nn.NewAdamW(0.9, 0.999, 1e-8, 0)
	schedule := nn.Schedule{Name: "cosine", Warmup: total / 20, Total: total}
	went := course{tail: max(1, total/10)}
	for i := range total {
		if err := watch("pre-training base "+title, i, total); err != nil {
			return nil, err
		}
		nn.ZeroGrads(params)
		sum, _, err := run.Learn(deal.next(), nil)
		if err != nil {
			return nil, err
		}
		loss := sum.Mean()
		if norm := nn.ClipNorm(params, 1); !finite(loss) || !finite(norm) {
			return nil, fmt.Errorf("pre-training diverged at update %d of %d: the loss is %g and its gradient %g; lower `pretrain.lr` (%g)",
				i+1, total, loss, norm, r.Pretrain.Rate)
		}
		went.see(i, total, loss)
		optimiser.Step(params, r.Pretrain.Rate*schedule.Rate(i))
	}
	if err := went.learned(); err != nil {
		return nil, fmt.Errorf("pre-training diverged: %w; lower `pretrain.lr` (%g)", err, r.Pretrain.Rate)
	}
	return run.Model(), watch("pre-training base "+title, total, total)
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// course is how the loss of a training went: where it began, and its mean over the last
// tenth.
type course struct {
	tail        int // updates in the last tenth
	first, last float64
}

func (c *course) see(i, total int, loss float64) {
	if i == 0 {
		c.first = loss
	}
	if i >= total-c.tail {
		c.last += loss / float64(c.tail)
	}
}

// learned refuses a training that ends with a loss half as large again as it began with. A
// rate that is far too high seldom gives numbers that are none: the normed model goes on
// with enormous weights and answers worse than by chance.
func (c *course) learned() error {
	if c.last > 1.5*c.first {
		return fmt.Errorf("the loss rose from %.3g to %.3g nats a token", c.first, c.last)
	}
	return nil
}

// sequences are what is learned from. The end of a text that is longer than the context is left
// unread.
func (p plan) sequences() ([]data.Sequence, error) {
	reader, err := data.NewReader(p.config, p.tok, p.look, 0, p.config.MaxPositions)
	if err != nil {
		return nil, err
	}
	examples, whole := p.set.Train, false
	if !p.byExample() {
		if len(p.texts) == 0 {
			return nil, errors.New("its data have no text to pre-train on")
		}
		examples, whole = make([]data.Example, len(p.texts)), true
		for i, t := range p.texts {
			examples[i].Answer = t
		}
	}
	out := make([]data.Sequence, len(examples))
	for i, x := range examples {
		if out[i], _, err = reader.Sequence(x, whole); err != nil {
			return nil, fmt.Errorf("example %d: %w", i+1, err)
		}
	}
	return out, nil
}
