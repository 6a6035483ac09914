package coordinator

import (
	"math"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/metric"
)

// dense is a sum of changes as plain matrices, module by module.
type dense map[string][]float64

// add adds weight·s·B·A by the school's rule.
func (d dense) add(weight float64, a lora.Adapter) {
	for _, p := range a {
		if d[p.Module] == nil {
			d[p.Module] = make([]float64, p.Out*p.In)
		}
		for i := range p.Out {
			for j := range p.In {
				sum := 0.0
				for r := range p.Rank {
					sum += float64(p.B[i*p.Rank+r]) * float64(p.A[r*p.In+j])
				}
				if p.Dense() {
					sum = float64(p.D[i*p.In+j])
				}
				d[p.Module][i*p.In+j] += weight * p.Scale * sum
			}
		}
	}
}

func (d dense) norm() float64 {
	sum := 0.0
	for _, x := range d {
		for _, v := range x {
			sum += v * v
		}
	}
	return math.Sqrt(sum)
}

// byHand is the aggregation error of every fold of a trial, from its book and its blobs
// alone: ‖(deployed − previous) − Σ p_k(Δ_k − Δ_k,start)‖, and that over ‖Σ…‖.
func byHand(t *testing.T, x *trial, models []method.Model) (absolute, relative []float64) {
	t.Helper()
	for i, f := range lines[ledger.Fold](t, x) {
		wanted, gap := dense{}, dense{}
		n := 0
		for _, r := range lines[ledger.Report](t, x) {
			if r.Round == f.Round && len(r.Made) > 0 {
				n += r.Examples
			}
		}
		for _, r := range lines[ledger.Report](t, x) {
			if r.Round != f.Round {
				continue
			}
			p := float64(r.Examples) / float64(n)
			for _, made := range r.Made {
				wanted.add(p, x.store.adapter(t, made.Blob))
				gap.add(-p, x.store.adapter(t, made.Blob))
			}
			for _, began := range r.Began {
				wanted.add(-p, x.store.adapter(t, began.Blob))
				gap.add(p, x.store.adapter(t, began.Blob))
			}
		}
		for _, a := range models[i+1].Attach {
			gap.add(a.Scale, x.store.adapter(t, a.From.Blob))
		}
		for _, a := range models[i].Attach {
			gap.add(-a.Scale, x.store.adapter(t, a.From.Blob))
		}
		absolute = append(absolute, gap.norm())
		relative = append(relative, gap.norm()/wanted.norm())
	}
	return absolute, relative
}

// watched notes what a method deploys.
func watched(s script, models *[]method.Model) script {
	fold := s.fold
	*models = []method.Model{{Base: "main"}}
	s.fold = func(r method.FoldRequest) method.FoldResponse {
		out := fold(r)
		if out.Deploy != nil {
			*models = append(*models, copied(*out.Deploy))
		} else {
			*models = append(*models, (*models)[len(*models)-1])
		}
		return out
	}
	return s
}

// gapOf are the host's two values of a fold; ok says whether it has them.
func gapOf(f ledger.Fold) (absolute, relative float64, ok bool) {
	for _, v := range f.Values {
		if v.Group != "" {
			continue
		}
		switch v.Name {
		case metric.AggError:
			absolute, ok = float64(v.Value), true
		case metric.AggRelative:
			relative = float64(v.Value)
		}
	}
	return absolute, relative, ok
}

func TestAggregationErrorIsWhatADenseComputationGives(t *testing.T) {
	lazy := averager(2) // deploys nothing at all
	lazyFold := lazy.fold
	lazy.fold = func(r method.FoldRequest) method.FoldResponse {
		out := lazyFold(r)
		out.Deploy = nil
		return out
	}
	both := averager(2) // asks for scores beside the fits: their examples are nobody's share
	plan := both.plan
	both.plan = func(r method.PlanRequest) method.PlanResponse {
		return ask(r.State, plan(r).Assign[0].Recipe, method.Score{Model: r.Start, Metrics: []string{"loss"}})
	}
	both.fold = func(r method.FoldRequest) method.FoldResponse {
		m := r.Start
		for rep := range r.Reports.All() {
			if b := rep.Blob("lora"); b != "" {
				m = with(r.Start, false, b) // the last one's alone
				m.Attach[0].Scale = 0.5
			}
		}
		return method.FoldResponse{State: r.State, Deploy: &m}
	}
	cut := stacker() // leading rows only
	cutFold := cut.fold
	cut.fold = func(r method.FoldRequest) method.FoldResponse {
		out := cutFold(r)
		out.Deploy.Attach[len(out.Deploy.Attach)-1].Rank = 1
		return out
	}
	for name, c := range map[string]struct {
		script script
		least  float64 // that the relative error must be, or 0 where it must be tiny
	}{
		"averaging": {averager(2), 0.1}, "stacking": {stacker(), 0}, "deploying nothing": {lazy, 0.99},
		"scores beside fits": {both, 0.1}, "leading rows": {cut, 0.1},
	} {
		var models []method.Model
		x := one(3, 3, watched(c.script, &models)).ranks(2, 1, 1)
		x.mustRun(t)
		if name == "leading rows" { // by hand, with the truncation done
			for i := range models {
				for k := range models[i].Attach {
					at := &models[i].Attach[k]
					if at.Rank == 1 {
						at.From.Blob = x.store.put(t, must(x.store.adapter(t, at.From.Blob).Truncate(1)))
					}
				}
			}
		}
		absolute, relative := byHand(t, x, models)
		for i, f := range lines[ledger.Fold](t, x) {
			a, r, ok := gapOf(f)
			if !ok || math.Abs(a-absolute[i]) > 1e-9*(1+absolute[i]) || math.Abs(r-relative[i]) > 1e-9*(1+relative[i]) {
				t.Errorf("%s, round %d: %g (relative %g), by hand %g (%g)", name, i, a, r, absolute[i], relative[i])
			}
			var squares, modules float64
			for _, v := range f.Values {
				if v.Name == metric.AggError && strings.HasPrefix(v.Group, "module=") {
					squares, modules = squares+float64(v.Value)*float64(v.Value), modules+1
				}
			}
			if modules < 2 || math.Abs(math.Sqrt(squares)-a) > 1e-9*(1+a) {
				t.Errorf("%s, round %d: %g in all, and %g of %g modules", name, i, a, math.Sqrt(squares), modules)
			}
			if r < c.least || c.least == 0 && r > 1e-6 {
				t.Errorf("%s, round %d: a relative error of %g", name, i, r)
			}
		}
	}
}

// A round whose reports bring no adapter has no aggregation error, nor has one that nobody
// has examples for.
func TestNoAggregationErrorWithoutAdapters(t *testing.T) {
	s := averager(1)
	s.fold = func(r method.FoldRequest) method.FoldResponse { return method.FoldResponse{State: r.State} }
	score := s
	score.plan = func(r method.PlanRequest) method.PlanResponse {
		return ask(r.State, method.Score{Model: r.Start, Metrics: []string{"loss"}})
	}
	nobody := one(1, 1, s)
	nobody.answer = func(l Lease) method.WorkResponse {
		r := nobody.work(l)
		r.Reports[0].Examples = 0
		return r
	}
	for name, x := range map[string]*trial{"scores": one(2, 1, score), "no examples": nobody} {
		f := lines[ledger.Fold](t, x.mustRun(t))[0]
		if _, _, ok := gapOf(f); ok || len(f.Values) != 0 {
			t.Errorf("%s: %+v", name, f.Values)
		}
	}
}

// In a chain each member is held against its own work: what another deployed in between is
// no error of its aggregation. Where its start has changed since it last deployed, nothing
// can be said.
func TestAggregationErrorInAChain(t *testing.T) {
	x := chain(2, []Stage{{Name: "one", Base: "main"}, {Name: "two", Base: "main"}, {Name: "three", Base: "other"}},
		[]Member{{Name: "a", Rounds: 1}, {Name: "b", Rounds: 2}}, stacker(), stacker()).ranks(1, 1).mustRun(t)
	for i, f := range lines[ledger.Fold](t, x) {
		_, r, ok := gapOf(f)
		switch i {
		case 4: // b's first of the second stage: a has deployed anew
			if ok {
				t.Errorf("fold %d has an aggregation error of %g", i, r)
			}
		case 6, 7: // on another base, with stacks of the first in the state
			if !ok || r < 0.1 {
				t.Errorf("fold %d: all its stacks were merged anew, and the error is %g, %v", i, r, ok)
			}
		default:
			if !ok || r > 1e-6 {
				t.Errorf("fold %d has an aggregation error of %g, %v; stacking is exact", i, r, ok)
			}
		}
	}
}

// The host's values come after the method's own, with the number of adapters behind them.
func TestAggregationErrorStandsLast(t *testing.T) {
	s := averager(1)
	fold := s.fold
	s.fold = func(r method.FoldRequest) method.FoldResponse {
		out := fold(r)
		out.Values = []method.Value{{Name: metric.AggError, Value: -1}, {Name: "own", Value: math.Inf(1), Weight: 2}}
		return out
	}
	f := lines[ledger.Fold](t, one(3, 1, s).mustRun(t))[0]
	if len(f.Values) < 4 || f.Values[0].Value != -1 || !math.IsInf(float64(f.Values[1].Value), 1) || f.Values[2].Name != metric.AggError || f.Values[2].Weight != 3 || f.Values[3].Name != metric.AggRelative {
		t.Errorf("got %+v", f.Values)
	}
}
