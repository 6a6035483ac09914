package base

import (
	"errors"
	"fmt"
	"math"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/linalg/tokenizer"
	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/scenario"
)

// maxParams bounds what a recipe makes: training a parameter takes 16 bytes, and more than
// these would take years.
const maxParams = 1 << 28

// pretrain trains all weights on the texts, each a sequence of its own, in shuffled
// epochs until so many tokens were seen: AdamW, cosine after 5 % warm-up, clip 1. Weights
// begin normal with deviation √(2/(5d)) (Nguyen and Salazar 2019): at the 0.02 of large
// models the attention of a narrow one stays all but dead.
func pretrain(title string, c nn.Config, r scenario.Recipe, texts []string, tok *tokenizer.Tokenizer, watch Watch) (*nn.Model, error) {
	if n := c.Params(); n > maxParams {
		return nil, fmt.Errorf("its recipe makes %d parameters, expected are at most %d: lower `d`, `hidden` or `layers`, or read a large model from a folder (hf: DIR)", n, maxParams)
	}
	key := rng.New(r.Pretrain.Seed).At("pretrain")
	model, err := nn.New(c, math.Sqrt(2/float64(5*c.Width)), key.At("init").Stream())
	if err != nil {
		return nil, err
	}
	sequences, err := encode(texts, tok, r.Context)
	if err != nil {
		return nil, err
	}
	deal := dealer{all: sequences, size: r.Pretrain.Batch, left: r.Pretrain.Tokens, key: key.At("order")}
	total := deal.batches()
	run := nn.NewRunner(model)
	params := run.TrainBase(nil)
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

// encode leaves the end of a text that is longer than the context unread.
func encode(texts []string, tok *tokenizer.Tokenizer, context int) ([]data.Sequence, error) {
	if len(texts) == 0 {
		return nil, errors.New("its data have no text to pre-train on")
	}
	e, err := data.NewEncoder(tok, 0, context)
	if err != nil {
		return nil, err
	}
	out := make([]data.Sequence, len(texts))
	for i, t := range texts {
		out[i], _ = e.Sequence(data.Example{Answer: t}, true)
	}
	return out, nil
}
