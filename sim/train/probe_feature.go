package train

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/plugins/method"
)

// feature is the mean over examples of hidden states that are pooled over the prompt, or
// over the whole text or picture of an example that is no answer to anything. The answer is left out:
// whoever asks for features wants to know what is asked.
//
// After the last block ([method.Last]) it is the state behind the final norm, what
// Transformers calls last_hidden_state. Of an encoder-decoder all are the encoder's.
type feature struct {
	run   *nn.Runner
	what  method.Feature
	sum   []float64 // Width
	count float64   // examples
}

func featureOf(run *nn.Runner, f method.Feature) (gauge, error) {
	c := run.Model().Config()
	if f.After < method.Last || f.After >= c.Layers {
		return nil, fmt.Errorf("it is after block %d, and the model has blocks 0 … %d; %d is behind the final norm", f.After, c.Layers-1, method.Last)
	}
	return &feature{run: run, what: f, sum: make([]float64, c.Width)}, nil
}

func (f *feature) calls() int { return scoreBatch }

func (f *feature) take(b nn.Batch) error {
	if err := ask(f.run, b); err != nil {
		return err
	}
	w := len(f.sum)
	if f.what.After == method.Last && f.what.Pool == "mean" {
		for i, v := range f.run.Features(nil, false) {
			f.sum[i%w] += float64(v)
		}
		f.count += float64(f.run.Sequences())
		return nil
	}
	after := nn.Last
	if f.what.After != method.Last {
		after = f.what.After + 1
	}
	states := f.run.Given(after)
	for i := range f.run.Sequences() {
		lo, hi := f.run.GivenSpan(i)
		switch f.what.Pool {
		case "first":
			hi = lo + 1
		case "last":
			lo = hi - 1
		}
		for t := lo; t < hi; t++ {
			for i, v := range states[t*w : (t+1)*w] {
				f.sum[i] += float64(v) / float64(hi-lo)
			}
		}
		f.count++
	}
	return nil
}

// ask passes prompts through a model without their answers, which an encoder-decoder has apart
// from them.
func ask(run *nn.Runner, b nn.Batch) error {
	if run.Model().Config().Decoder == (nn.Decoder{}) {
		for i := range b.Labels { // a head's answer is no part of the text
			n := promptOf(b.Labels[i])
			b.IDs[i], b.Labels[i] = b.IDs[i][:n], b.Labels[i][:n]
		}
	}
	return run.Forward(b)
}

// promptOf is how many tokens stand before the first label: all where none is a prompt.
func promptOf(labels []int32) int {
	for t, y := range labels {
		if y != nn.Ignore && t > 0 {
			return t
		}
		if y != nn.Ignore {
			break
		}
	}
	return len(labels)
}

func (f *feature) row() ([]linalg.Tensor, float64) {
	for i := range f.sum {
		f.sum[i] /= f.count
	}
	row, count := named("feature", f.sum, len(f.sum)), f.count
	clear(f.sum)
	f.count = 0
	return []linalg.Tensor{row}, count
}
