package flora

import (
	"context"
	"math"
	"testing"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/method"
)

// delta is a dense change of one module.
func delta(name string) lora.Adapter {
	p := lora.Pair{Module: "0.o", Out: 24, In: 24, Scale: 1, D: make([]float32, 24*24)}
	s := rng.New(4).At(name).Stream()
	for i := range p.D {
		p.D[i] = float32(s.Norm())
	}
	return lora.Adapter{p}
}

// FedAvg of the base: the mean of the changes is merged, and the next round goes on from it;
// a server's optimiser steps from where it is. d² numbers travel each way and client.
func TestFullFineTuning(t *testing.T) {
	for _, rule := range []string{"fedavg", "fedavgm"} {
		w := newWorld(t, Full())
		w.with["server"], w.with["server_lr"], w.with["modules"] = rule, 0.5, "o"
		var at []float64
		for r := range 2 {
			plan, err := w.m.Plan(context.Background(), method.PlanRequest{Scene: w.scene(), Offered: offered(2, 2)})
			if err != nil {
				t.Fatal(err)
			}
			part := plan.Assign[0].Recipe.(method.Fit).Train[0].(method.Weights)
			if (part.From.Blob != "") != (r > 0) || part.Modules[0] != "*.o" {
				t.Errorf("round %d trains %+v", r, part)
			}
			var reps reports
			var sum []float64
			for k, name := range []string{"a", "b"} {
				x := delta(name)
				b, err := w.store.Put(x.Tensors())
				if err != nil {
					t.Fatal(err)
				}
				if n := w.store[b].Floats(); n != 24*24 {
					t.Errorf("%d numbers travel", n)
				}
				reps = append(reps, method.Report{From: method.ID{Pool: "client", Index: k}, Examples: 1 + 2*k, Made: []method.Named{{Name: changes, Blob: b}}})
				for i, v := range lora.Factors(x).Numbers() {
					if k == 0 {
						sum = append(sum, v/4)
					} else {
						sum[i] += 0.75 * v
					}
				}
			}
			out, err := w.m.Fold(context.Background(), method.FoldRequest{Scene: w.scene(), Reports: reps})
			if err != nil {
				t.Fatal(err)
			}
			w.state = out.State
			want := sum
			if rule == "fedavgm" && r == 0 { // from 0, half of the mean; then m = 0.9·m + (mean − x)
				want = make([]float64, len(sum))
				for i := range sum {
					want[i] = sum[i] / 2
				}
			} else if rule == "fedavgm" {
				want = make([]float64, len(sum))
				for i := range sum {
					want[i] = at[i] + 0.5*(0.9*sum[i]+sum[i]-at[i])
				}
			}
			at = lora.Factors(adapterIn(t, w.store, out.Deploy.Attach[0].From.Blob)).Numbers()
			for i := range want {
				if math.Abs(at[i]-want[i]) > 1e-5 {
					t.Fatalf("%s, round %d: number %d is %v, expected %v", rule, r, i, at[i], want[i])
				}
			}
			if !out.Deploy.Attach[0].Merge || len(out.Deploy.Attach) != 1 {
				t.Errorf("it deploys %+v", out.Deploy.Attach)
			}
		}
	}
}
