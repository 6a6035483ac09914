package flora

import (
	"context"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
)

// FedSA shares A, which is averaged, and leaves every client the B that it trained: A is
// thought to learn what is common, B what is a client's own (Guo et al. 2024, §3). There is
// no one model: each client is answered with its own B, a stranger by the base.
func FedSA() method.Method { return scaffold{fedsa{}, factorA} }

type fedsa struct{ checked }

func (fedsa) Describe() method.Card {
	c := withRank(card("fedsa-lora", "A is averaged, B stays with its client: a personal model for each",
		"Guo et al., Selective Aggregation for Low-Rank Adaptation in Federated Learning, ICLR 2025"))
	c.Keeps = []string{upload}
	return c
}

func (fedsa) Plan(_ context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	out, err := goOn(r)
	if err != nil {
		return out, err
	}
	for i, a := range out.Assign {
		f := a.Recipe.(method.Fit)
		part := f.Train[0].(method.LoRA)
		part.From.Kept = true
		f.Train = []method.Part{part}
		a.Recipe, a.Upload, a.Keep = f, []string{factorA}, []string{factorB}
		out.Assign[i] = a
	}
	return out, nil
}

func (fedsa) Fold(_ context.Context, r method.FoldRequest) (method.FoldResponse, error) {
	next, memory, seen, err := nextOf(r, factorA)
	if err != nil {
		return method.FoldResponse{}, err
	}
	out := method.FoldResponse{State: method.State{Bytes: r.State.Bytes}, Values: seen.values(), Flops: seen.meanFlops()}
	for _, f := range append([]lora.Factors{next}, memory...) {
		b, err := put(f, r.Blobs)
		if err != nil {
			return out, err
		}
		out.State.Holds = append(out.State.Holds, b)
	}
	model := withOwn(r.Start, method.From{Blob: out.State.Holds[0], Kept: true})
	out.Deploy = &model
	return out, nil
}
