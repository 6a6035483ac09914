package metric

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/sim/suggest"
)

// Direction says which of two values is the better one.
type Direction string

// Directions.
const (
	Higher Direction = "higher" // better
	Lower  Direction = "lower"  // better
	Cost   Direction = "cost"   // lower is cheaper; says nothing about the model
)

// Metric is one entry of the catalogue.
type Metric struct {
	Name      string
	Formula   string
	Unit      string // of a value; "1" for shares and ratios
	Direction Direction
	Weight    string // what stands behind a value, by which values add up; "" where they do not
	Scored    bool   // measured by Score on examples, so that `evaluate` may ask for it
	Doc       string // one sentence: what it tells, what it does not
}

// Names of the catalogue.
const (
	Loss        = "loss"
	Perplexity  = "perplexity"
	Accuracy    = "accuracy"
	ExactMatch  = "exact-match"
	AggError    = "aggregation.error"
	AggRelative = "aggregation.error.relative"
	BytesUp     = "bytes.up"
	BytesDown   = "bytes.down"
	Time        = "time"
	Flops       = "flops"
)

// catalogue is in the order in which lists print it.
var catalogue = []Metric{
	{Loss, "Σ −ln p(label) / labels", "nats per token", Lower, "labels", true,
		"Cross-entropy of the answer's tokens and the end token, natural logarithm, the mean over tokens and not over examples."},
	{Perplexity, "exp(loss)", "1", Lower, "labels", true,
		"The loss as a number of equally likely tokens; means are taken of the loss, before the exponential."},
	{Accuracy, "labels that are the first choice / labels", "1", Higher, "labels", true,
		"Share of the answer's tokens that the model would have written next, given all tokens before (teacher forcing); of equal logits the lowest id is the first choice."},
	{ExactMatch, "examples with every label the first choice / examples", "1", Higher, "examples", true,
		"Share of answers that greedy decoding would write token by token, end token included."},
	{AggError, "‖(deployed − previous) − Σ p_k (Δ_k − Δ_k,start)‖_F over all modules, p_k = n_k / Σ n", "1 (Frobenius norm)", Lower, "", false,
		"Distance between what the server deployed and the example-weighted mean of what its clients learned in this round."},
	{AggRelative, "aggregation.error / ‖Σ p_k (Δ_k − Δ_k,start)‖_F", "1", Lower, "", false,
		"The aggregation error as a share of the update that was to be deployed; 0 is exact, 1 loses as much as doing nothing."},
	{BytesUp, "Σ bytes of tensors sent by participants", "bytes", Cost, "", false,
		"Upload of all participants, tensors without framing."},
	{BytesDown, "Σ bytes of tensors received by participants", "bytes", Cost, "", false,
		"Download of all participants; what one already holds is not sent again."},
	{Time, "virtual seconds from the first round to the last", "s", Cost, "", false,
		"Simulated time under the scenario's devices and links; it has nothing to do with how long the simulation took."},
	{Flops, "Σ floating-point operations by the cost model", "FLOP", Cost, "", false,
		"Work of participants and server as the cost model counts it."},
}

// All lists the catalogue. The caller owns the slice.
func All() []Metric { return slices.Clone(catalogue) }

// Lookup finds a metric; the error of an unknown name lists the names and suggests one.
func Lookup(name string) (Metric, error) {
	for _, m := range catalogue {
		if m.Name == name {
			return m, nil
		}
	}
	names := namesOf(catalogue)
	return Metric{}, fmt.Errorf("unknown metric %q; known: %q%s", name, names, suggest.DidYouMean(name, names))
}

// Scored finds a metric that `evaluate` and Score may ask for; the error of another lists
// those.
func Scored(name string) (Metric, error) {
	m, err := Lookup(name)
	if err == nil && !m.Scored {
		scored := slices.DeleteFunc(All(), func(m Metric) bool { return !m.Scored })
		err = fmt.Errorf("metric %q is reported by itself and cannot be asked of a model; these can: %q", name, namesOf(scored))
	}
	return m, err
}

func namesOf(list []Metric) []string {
	names := make([]string, len(list))
	for i, m := range list {
		names[i] = m.Name
	}
	return names
}
