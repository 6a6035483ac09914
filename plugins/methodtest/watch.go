package methodtest

import (
	"context"
	"fmt"

	"github.com/loramesh/loramesh/plugins/method"
)

// watch is a method whose requests are compared before and after each call.
type watch struct{ method.Method }

func (w watch) Plan(ctx context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	before := deep(r)
	out, err := w.Method.Plan(ctx, r)
	return out, unchanged("plan", before, deep(r), err)
}

func (w watch) Fold(ctx context.Context, r method.FoldRequest) (method.FoldResponse, error) {
	before := deep(r)
	out, err := w.Method.Fold(ctx, r)
	return out, unchanged("fold", before, deep(r), err)
}

// deep writes down a request with what lies in its lists behind their ends, where an
// append would write.
func deep[R method.PlanRequest | method.FoldRequest](r R) string {
	var scene method.Scene
	switch r := any(r).(type) {
	case method.PlanRequest:
		scene = r.Scene
	case method.FoldRequest:
		scene = r.Scene
	}
	holds, bytes, attach := scene.State.Holds, scene.State.Bytes, scene.Start.Attach
	return fmt.Sprintf("%s behind the ends: %q %q %s", method.Canonical(r),
		holds[:cap(holds)], bytes[:cap(bytes)], method.Canonical(attach[:cap(attach)]))
}

func unchanged(call, before, after string, err error) error {
	if err == nil && before != after {
		return fmt.Errorf("%s wrote to its request: %s", call, difference(before, after))
	}
	return err
}
