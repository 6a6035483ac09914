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

// pretrain trains all weights on the texts, each a sequence of its own, in shuffled
// epochs until so many tokens were seen: AdamW, cosine after 5 % warm-up, clip 1. Weights
// begin normal with deviation √(2/(5d)) (Nguyen and Salazar 2019): at the 0.02 of large
// models the attention of a narrow one stays all but dead.
func pretrain(title string, c nn.Config, r scenario.Recipe, texts []string, tok *tokenizer.Tokenizer, watch Watch) (*nn.Model, error) {
	key := rng.New(r.Pretrain.Seed).At("pretrain")
	model, err := nn.New(c, math.Sqrt(2/float64(5*c.Width)), key.At("init").Stream())
	if err != nil {
		return nil, err
	}
	sequences, err := encode(texts, tok, r.Context)
	if err != nil {
		return nil, err
	}
	batches := deal(sequences, r.Pretrain.Tokens, r.Pretrain.Batch, key.At("order"))
	run := nn.NewRunner(model)
	params := run.TrainBase(nil)
	optimiser := nn.NewAdamW(0.9, 0.999, 1e-8, 0)
	schedule := nn.Schedule{Name: "cosine", Warmup: len(batches) / 20, Total: len(batches)}
	losses := make([]float64, len(batches))
	for i, b := range batches {
		if err := watch("pre-training base "+title, i, len(batches)); err != nil {
			return nil, err
		}
		if err := run.Forward(b); err != nil {
			return nil, err
		}
		nn.ZeroGrads(params)
		total, _ := run.Backward(nil)
		losses[i] = total.Mean()
		if norm := nn.ClipNorm(params, 1); !finite(losses[i]) || !finite(norm) {
			return nil, fmt.Errorf("pre-training diverged at update %d of %d: the loss is %g and its gradient %g; lower `pretrain.lr` (%g)",
				i+1, len(batches), losses[i], norm, r.Pretrain.Rate)
		}
		optimiser.Step(params, r.Pretrain.Rate*schedule.Rate(i))
	}
	if err := learned(losses); err != nil {
		return nil, fmt.Errorf("pre-training diverged: %w; lower `pretrain.lr` (%g)", err, r.Pretrain.Rate)
	}
	return run.Model(), watch("pre-training base "+title, len(batches), len(batches))
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// learned refuses a training that ends with a loss half as large again as it began with. A
// rate that is far too high seldom gives numbers that are none: the normed model goes on
// with enormous weights and answers worse than by chance.
func learned(losses []float64) error {
	if len(losses) == 0 {
		return errors.New("there was no update")
	}
	last, n := 0.0, max(1, len(losses)/10)
	for _, l := range losses[len(losses)-n:] {
		last += l / float64(n)
	}
	if last > 1.5*losses[0] {
		return fmt.Errorf("the loss rose from %.3g to %.3g nats a token", losses[0], last)
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

// deal deals sequences into batches, epoch after epoch in a new order, until the batches
// hold at least so many tokens.
func deal(all []data.Sequence, tokens, size int, key rng.Key) (batches []nn.Batch) {
	var b nn.Batch
	for epoch := 0; tokens > 0; epoch++ {
		for _, i := range key.At(epoch).Stream().Perm(len(all)) {
			b.IDs, b.Labels = append(b.IDs, all[i].IDs), append(b.Labels, all[i].Labels)
			tokens -= len(all[i].IDs)
			if len(b.IDs) == size || tokens <= 0 {
				batches, b = append(batches, b), nn.Batch{}
			}
			if tokens <= 0 {
				break
			}
		}
	}
	return batches
}
