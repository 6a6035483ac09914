package null

import (
	"context"
	"fmt"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/plugins/method"
)

// Name is that of the method, of the part that its clients seem to train, and of the one
// tensor in it.
const Name = "idle"

// Method returns the method. Its parameter floats is how many numbers go down and up.
func Method() method.Method { return null{} }

type null struct{}

func (null) Describe() method.Card {
	return method.Card{Name: Name, Title: "Learns nothing: what a run of it costs is the machinery",
		Params: []method.Param{{Name: "floats", Kind: method.Int, Default: 1024, Min: 1, Max: 1 << 24, Doc: "numbers that go down to each client and up again"}},
		Roles:  []method.Role{"client"}, Trains: []string{Name}}
}

// Plan hands everyone the present numbers; at first they are zeros.
func (null) Plan(_ context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	state := r.State
	if len(state.Holds) == 0 {
		b, err := r.Blobs.Put(tensors(make([]float32, r.Params.Int("floats"))))
		if err != nil {
			return method.PlanResponse{}, err
		}
		state.Holds = []method.Blob{b}
	}
	fit := method.Fit{Model: r.Start, Steps: 1, Objective: method.CE, Optimiser: method.Optimiser{LR: 1},
		Train: []method.Part{method.LoRA{Name: Name, Modules: []string{"*.q"}, Rank: 1, Scale: 1, From: method.From{Blob: state.Holds[0]}}}}
	return method.PlanResponse{State: state, Assign: []method.Assignment{{Name: "fit", Recipe: fit}}}, nil
}

// Fold takes the mean, number by number, in participant order.
func (null) Fold(_ context.Context, r method.FoldRequest) (out method.FoldResponse, err error) {
	var sum []float64
	for rep, err := range r.Reports.All() {
		if err != nil {
			return out, err
		}
		t, err := r.Blobs.Open(rep.Blob(Name))
		if err != nil {
			return out, err
		}
		x, ok := t.Get(Name)
		if !ok || sum != nil && len(x.Data) != len(sum) {
			return out, fmt.Errorf("null: %s reported no %d numbers", rep.From, len(sum))
		}
		if sum == nil {
			sum = make([]float64, len(x.Data))
		}
		kernel.AddWide(sum, 1, x.Data)
	}
	mean := make([]float32, len(sum))
	for i, v := range sum {
		mean[i] = float32(v / float64(r.Reports.Len()))
	}
	b, err := r.Blobs.Put(tensors(mean))
	out.State = method.State{Bytes: r.State.Bytes, Holds: []method.Blob{b}}
	return out, err
}

func tensors(data []float32) method.Tensors {
	return linalg.Tensors{List: []linalg.Tensor{{Name: Name, Shape: []int{len(data)}, Data: data}}}
}
