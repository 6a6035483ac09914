package flora

import (
	"context"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
)

// FedEx averages factors as [FedIT] does and adds what the mean misses, s·(Σ p_k·B_kA_k −
// B̄Ā), to the base in every round, so that averaging is exact (Singhal et al. 2024, §4). What it holds
// is the mean, and after it the residuals of all rounds.
func FedEx() method.Method { return fedex{checked: checked{noServer: alreadyExact}} }

// FedExTransposed is a control that is wrong on purpose: the residual is added transposed, as
// released code did in layers whose weight is stored out×in. It exists for square weights
// alone, where nothing crashes.
func FedExTransposed() method.Method {
	return fedex{checked: checked{noServer: alreadyExact}, transposed: true}
}

const alreadyExact = "the residual completes the plain mean of the factors; a step other than to the mean would need another residual"

type fedex struct {
	checked
	transposed bool
}

func (m fedex) Describe() method.Card {
	if !m.transposed {
		return withRank(card("fedex-lora", "FedIT's mean, and what it misses added to the base",
			"Singhal et al., FedEx-LoRA: Exact Aggregation for Federated and Efficient Fine-Tuning of Foundation Models, 2024"))
	}
	c := withRank(card("fedex-transposed", "Control, wrong on purpose: FedEx-LoRA with its residual transposed", ""))
	for i, p := range c.Params {
		if p.Name == "modules" {
			c.Params[i].Default = "q"
			c.Params[i].Doc += "; they must be square"
		}
	}
	return c
}

// Check refuses, for the control, weights that are not square.
func (m fedex) Check(ctx context.Context, s method.Scene) ([]method.Problem, error) {
	found, err := m.checked.Check(ctx, s)
	if err != nil || !m.transposed {
		return found, err
	}
	return append(found, checkSquare(s)...), nil
}

func (fedex) Plan(_ context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	rank, state, err := equalRank(r)
	if err != nil {
		return method.PlanResponse{}, err
	}
	part := adapter(r.Scene)
	part.Rank, part.Shared = rank, true
	on := r.Start
	if len(state.Holds) > 0 {
		if part.From.Blob, err = cutTo(rank, state.Holds[0], r.Blobs); err != nil {
			return method.PlanResponse{}, err
		}
		on = merged(r.Start, state.Holds[1:])
		state.Holds = append([]method.Blob{part.From.Blob}, state.Holds[1:]...)
	}
	return ask(state, fit(r.Params, on, part)), nil
}

func (m fedex) Fold(_ context.Context, r method.FoldRequest) (method.FoldResponse, error) {
	var mean lora.Mean
	out, b, err := average(r, &mean)
	if err != nil {
		return out, err
	}
	residual := lora.NewResidual(mean.Adapter(), r.Reports.Len())
	seen, err := join(r, residual.Add)
	if err != nil {
		return out, err
	}
	holds := []method.Blob{b}
	if len(r.State.Holds) > 0 {
		holds = append(holds, r.State.Holds[1:]...)
	}
	if missed := residual.Adapter(); missed != nil {
		if m.transposed {
			missed = turned(missed)
		}
		added, err := r.Blobs.Put(missed.Tensors())
		if err != nil {
			return out, err
		}
		holds = append(holds, added)
		out.Flops += seen.stackFlops(missed)
	}
	out.State = method.State{Bytes: r.State.Bytes, Holds: holds}
	model := beside(merged(r.Start, holds[1:]), b)
	out.Deploy = &model
	return out, nil
}

// turned is the transpose of every change, Aᵀ·Bᵀ for B·A.
func turned(a lora.Adapter) lora.Adapter {
	out := make(lora.Adapter, len(a))
	for i, p := range a {
		p.A, p.B = transposed(p.B, p.Out), transposed(p.A, p.Rank)
		p.D = transposed(p.D, p.Out)
		p.Out, p.In = p.In, p.Out
		out[i] = p
	}
	return out
}

// transposed is a row-major matrix of so many rows, turned; nil stays nil.
func transposed(x []float32, rows int) []float32 {
	if x == nil {
		return nil
	}
	cols := len(x) / rows
	out := make([]float32, len(x))
	for i := range rows {
		for j := range cols {
			out[j*rows+i] = x[i*cols+j]
		}
	}
	return out
}
