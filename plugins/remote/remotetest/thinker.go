package remotetest

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/loramesh/loramesh/plugins/method"
)

// thinker has nothing to note about anybody, so that a plan can follow at once. With a plan it puts
// more than the host answers unasked, looks at it, and says how often its process was asked for one.
type thinker struct {
	bad
	plans atomic.Int64
}

// thoughts are the blobs that a plan puts.
const thoughts = 40

func (x *thinker) Plan(ctx context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	count := x.plans.Add(1)
	out, err := x.bad.Plan(ctx, r)
	if err != nil {
		return out, err
	}
	for i := range thoughts {
		b, err := r.Blobs.Put(method.Tensors{List: []method.Tensor{{Name: "thought", Shape: []int{1}, Data: []float32{float32(i)}}}})
		if err != nil {
			return out, err
		}
		if t, err := r.Blobs.Open(b); err != nil || t.List[0].Data[0] != float32(i) {
			return out, fmt.Errorf("what was put is %v, %w", t, err)
		}
		out.State.Holds = append(out.State.Holds[:len(out.State.Holds):len(out.State.Holds)], b)
	}
	out.State.Bytes = fmt.Append(nil, count)
	return out, nil
}
