package methodtest

import (
	"fmt"
	"math"
	"slices"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
)

// ruleAnySubset folds each of the seven non-empty subsets of three participants' reports,
// in the first round and in the second.
func ruleAnySubset(e *exam) error {
	if slices.Contains(e.card.Needs, method.NeedAll) {
		return nil
	}
	for round := range 2 {
		for mask := 1; mask < 8; mask++ {
			_, err := e.play(script{
				rounds: 3,
				offer:  func(int) []method.Participant { return cohort(e.card, 3) },
				arrive: func(now int, made []method.Report) []method.Report {
					if now != round {
						return made
					}
					return slices.DeleteFunc(slices.Clone(made), func(r method.Report) bool { return mask>>r.From.Index&1 == 0 })
				},
			})
			if err != nil {
				return fmt.Errorf("in round %d only some of three participants report (as bits: %03b): %w", round, mask, err)
			}
		}
	}
	return nil
}

// ruleOneParticipant compares the change that is deployed with the change that the one
// participant reported. It says nothing about methods whose participant uploads no whole
// adapter, or that deploy more than adapters.
func ruleOneParticipant(e *exam) error {
	got, err := e.play(script{rounds: 1, offer: func(int) []method.Participant { return cohort(e.card, 1)[:1] }})
	if err != nil {
		return err
	}
	if got.deploy == nil || len(got.asked) == 0 || len(got.deploy.Routers) > 0 {
		return nil
	}
	var made, deployed lora.Adapter
	for r, err := range got.asked[0].Reports.All() {
		if err != nil {
			return err
		}
		if made != nil || len(r.Made) != 1 {
			return nil
		}
		t, err := got.blobs.Open(r.Made[0].Blob)
		if err != nil {
			return err
		}
		if made, err = lora.Parse(t); err != nil {
			return nil
		}
	}
	want, have := map[string][]float64{}, map[string][]float64{}
	sum(want, made, 1)
	for _, a := range got.deploy.Attach {
		if a.Gate != nil || a.From.Blob == "" || a.Rank != 0 {
			return nil
		}
		t, err := got.blobs.Open(a.From.Blob)
		if err != nil {
			return err
		}
		if deployed, err = lora.Parse(t); err != nil {
			return nil
		}
		sum(have, deployed, a.Scale)
	}
	if gap, size := distance(want, have); gap > 1e-4*size {
		return fmt.Errorf("the deployed change is %.3g away from the one that was made, whose norm is %.3g", gap, size)
	}
	return nil
}

// sum adds an adapter's changes, by module.
func sum(to map[string][]float64, a lora.Adapter, scale float64) {
	for _, p := range a {
		d := p.Delta()
		if to[p.Module] == nil {
			to[p.Module] = make([]float64, len(d.Data))
		}
		for i, x := range d.Data {
			to[p.Module][i] += float64(scale * x)
		}
	}
}

// distance is the norm of the difference, and that of a.
func distance(a, b map[string][]float64) (gap, size float64) {
	names := map[string]int{}
	for _, m := range []map[string][]float64{a, b} {
		for name, x := range m {
			names[name] = len(x)
		}
	}
	for name, n := range names {
		x, y := a[name], b[name]
		if x == nil {
			x = make([]float64, n)
		}
		if y == nil {
			y = make([]float64, n)
		}
		for i := range n {
			gap = math.Hypot(gap, x[i]-y[i])
			size = math.Hypot(size, x[i])
		}
	}
	return gap, size
}

// ruleSmallState sweeps ten thousand participants through ten rounds.
func ruleSmallState(e *exam) error {
	const rounds, each = 10, 1000
	got, err := e.play(script{rounds: rounds, offer: func(round int) []method.Participant {
		var list []method.Participant
		for i := range each {
			list = append(list, method.Participant{
				ID: method.ID{Pool: string(e.card.Roles[0]), Index: round*each + i}, Role: e.card.Roles[0],
				Examples: 5, Rank: 1 + i%2,
			})
		}
		return list
	}})
	if err != nil {
		return err
	}
	for i, f := range got.folds {
		if n := len(f.State.Bytes); n > method.MaxStateBytes {
			return fmt.Errorf("after %d participants the state has %d bytes", (i+1)*each, n)
		}
	}
	return nil
}

// ruleStale holds the reports of participant i back for i rounds.
func ruleStale(e *exam) error {
	if !e.card.Stale {
		return nil
	}
	var out []method.Report
	_, err := e.play(script{
		rounds: 12,
		offer: func(round int) []method.Participant {
			return slices.DeleteFunc(cohort(e.card, 6), func(p method.Participant) bool { return round%(p.ID.Index+1) != 0 })
		},
		arrive: func(round int, made []method.Report) (due []method.Report) {
			var later []method.Report
			for _, r := range slices.Concat(out, made) {
				if r.Age = round - r.Round; r.Age >= r.From.Index {
					due = append(due, r)
				} else {
					later = append(later, r)
				}
			}
			out = later
			return due
		},
	})
	return err
}

// ruleDeploy opens what is deployed.
func ruleDeploy(e *exam) error {
	d := e.reference.deploy
	if d == nil && e.reference.left {
		return nil // it is for others of the chain, who deploy
	}
	if d == nil {
		return fmt.Errorf("after three rounds nothing is deployed: nobody would be answered by what was learned")
	}
	base := e.reference.scenes[0].Bases[0]
	for _, a := range d.Attach {
		if a.From.Blob == "" {
			continue // kept: left out where it is kept nowhere
		}
		t, err := e.reference.blobs.Open(a.From.Blob)
		if err != nil {
			return fmt.Errorf("attachment %s: %w", a.Name, err)
		}
		if !lora.Is(t) && !lora.IsFactors(t) {
			continue
		}
		adapter, err := lora.ParseFactors(t)
		if err != nil {
			return fmt.Errorf("attachment %s: %w", a.Name, err)
		}
		for _, p := range adapter {
			i := slices.IndexFunc(base.Modules, func(m method.Module) bool { return m.Name == p.Module })
			if i < 0 || p.Out != 0 && base.Modules[i].Out != p.Out || p.In != 0 && base.Modules[i].In != p.In {
				return fmt.Errorf("attachment %s: %s is %d×%d, and no module of the base is that", a.Name, p.Module, p.Out, p.In)
			}
		}
	}
	return nil
}
