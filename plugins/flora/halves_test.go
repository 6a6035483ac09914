package flora

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
)

// Where the server draws what all share, it draws as the chain says, and refuses what would
// move the base.
func TestDrawnAsTheChainSays(t *testing.T) {
	left := trained("left", "left", 4, 1)
	for i := range left {
		clear(left[i].B)
	}
	for name, c := range map[string]struct {
		init method.Init
		says string
	}{
		"nothing": {nil, ""}, "gaussian": {method.Gaussian{Std: 0.5}, ""}, "given": {method.Given{}, ""},
		"spectral": {method.Spectral{Pick: "minor"}, "begin by spectral, which moves the base"},
		"residual": {method.Given{Residual: true}, "begin by given, which moves the base"},
	} {
		w := newWorld(t, FFA())
		req := method.PlanRequest{Scene: w.scene(), Offered: offered(3)}
		if c.init != nil {
			if g, ok := c.init.(method.Given); ok {
				b, err := w.store.Put(left.Tensors())
				if err != nil {
					t.Fatal(err)
				}
				g.Blob = b
				c.init = g
			}
			req.Init = []method.InitAt{{Modules: "0.q", Init: c.init}}
		}
		out, err := w.m.Plan(context.Background(), req)
		if c.says != "" {
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		q := adapterIn(t, w.store, out.State.Holds[0])[0]
		if q.Rank != 3 || q.Scale != 2 || slices.Max(q.B) != 0 || slices.Min(q.B) != 0 {
			t.Errorf("%s: rank %d, scale %g, or a B that is not 0", name, q.Rank, q.Scale)
		}
		if name == "given" && !reflect.DeepEqual(q.A, left[0].A[:3*left[0].In]) {
			t.Error("A is not the leading rows of what the chain left")
		}
		if name == "gaussian" && slices.Max(q.A) < 0.6 {
			t.Errorf("no number of A is above %g: it is not drawn with deviation 0.5", slices.Max(q.A))
		}
	}
	w := newWorld(t, RoLoRA())
	b, err := w.store.Put(left[1:].Tensors())
	if err != nil {
		t.Fatal(err)
	}
	req := method.PlanRequest{Scene: w.scene(), Offered: offered(3)}
	req.Init = []method.InitAt{{Modules: "*", Init: method.Given{Blob: b}}}
	if _, err := w.m.Plan(context.Background(), req); err == nil || !strings.Contains(err.Error(), "none for module 0.q") {
		t.Errorf("factors of another module: %v", err)
	}
}
