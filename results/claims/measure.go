package claims

import (
	"fmt"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/results/stat"
	"github.com/loramesh/loramesh/sim/ledger"
)

// measure is a number of a trial: by its name among the trial's measures, or with "auc."
// before the name of a score, the mean height of its curve over the rounds.
func measure(t *results.Trial, name string) (float64, error) {
	if score, ok := strings.CutPrefix(name, "auc."); ok {
		v, err := area(t, score, "")
		return float64(v.Value), err
	}
	if v, ok := t.Measure(name); ok {
		return v, nil
	}
	var names []string
	for _, m := range t.Measures() {
		names = append(names, m.Name)
	}
	return 0, fmt.Errorf("claims: trial %s has no measure %q; it has %s", t.ID, name, strings.Join(names, ", "))
}

// area is the area under a curve by trapezoids, over the rounds that it spans: a mean loss
// while learning, which is lower for those who learn sooner. With a group it is of that group.
func area(t *results.Trial, score, group string) (ledger.Value, error) {
	out := ledger.Value{Group: group}
	var rounds, values []float64
	for _, e := range t.Evaluations {
		all := e.Values
		if group == "" {
			all = results.Overall(all)
		}
		for _, v := range all {
			if v.Group == group && e.On+"."+v.Name == score && (len(rounds) == 0 || float64(e.Round) > rounds[len(rounds)-1]) {
				rounds, values, out.Weight = append(rounds, float64(e.Round)), append(values, float64(v.Value)), v.Weight
			}
		}
	}
	if len(rounds) < 2 {
		return out, fmt.Errorf("claims: trial %s has %d points of %q; an area needs two: write \"every: 1\" in evaluate", t.ID, len(rounds), score)
	}
	sum := 0.0
	for i := 1; i < len(rounds); i++ {
		sum += (rounds[i] - rounds[i-1]) * (values[i] + values[i-1]) / 2
	}
	out.Value = ledger.Number(sum / (rounds[len(rounds)-1] - rounds[0]))
	return out, nil
}

// units are what two trials of one seed differ by: one number, or with a column one for each
// of its groups, which is then a sample as seeds are.
func units(t, u *results.Trial, name, column string) ([]stat.Unit, error) {
	x, err := measure(t, name)
	if err != nil {
		return nil, err
	}
	y, err := measure(u, name)
	if err != nil || column == "" {
		return []stat.Unit{{Value: x - y, Weight: 1}}, err
	}
	a, err := groups(t, name)
	if err != nil {
		return nil, err
	}
	b, err := groups(u, name)
	if err != nil {
		return nil, err
	}
	out, ok := results.Units(a, b, x-y, column)
	if !ok {
		return nil, fmt.Errorf("claims: trials %s and %s were not both measured in %s by the column %q alone: write \"by: [%s]\" in the evaluation", t.ID, u.ID, name, column, column)
	}
	return out, nil
}

// groups are a measure by group.
func groups(t *results.Trial, name string) ([]ledger.Value, error) {
	score, curve := strings.CutPrefix(name, "auc.")
	out := slices.Clone(t.Groups(results.Score{Name: score}))
	if !curve {
		return out, nil
	}
	for i, v := range out {
		a, err := area(t, score, v.Group)
		if err != nil {
			return nil, err
		}
		out[i] = a
	}
	return out, nil
}
