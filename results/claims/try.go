package claims

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/world"
)

// Lab carries out what claims ask for.
type Lab interface {
	// Run runs an embedded scenario with sets laid over it, and keeps the run under a name.
	Run(ctx context.Context, scenario string, sets []string, name string) (*results.Run, error)
	// World builds the world of the first trial of an embedded scenario.
	World(ctx context.Context, scenario string, sets []string) (*world.World, error)
}

// Try decides a claim. sets are laid over its scenario besides its own; quick leaves out
// tuning and most seeds, and says no more than a direction.
func (c Claim) Try(ctx context.Context, lab Lab, sets []string, quick bool) (o Outcome, err error) {
	o = Outcome{ID: c.ID, Registered: c.Registered(), Quick: quick, Sets: sets}
	t := trying{Claim: c, lab: lab, quick: quick}
	t.Sets = slices.Concat(c.Sets, sets)
	if quick && c.Quick != nil {
		t.Sets, t.Seeds = append(t.Sets, c.Quick.Sets...), c.Quick.Seeds
	}
	if c.Check != "" {
		return o, t.checked(ctx, &o)
	}
	at := make([]string, len(c.Arms)) // the arms as written, or at their best
	if c.Grid != nil && !quick {
		began := time.Now()
		if o.Tuning, err = t.tune(ctx); err != nil {
			return o, err
		}
		o.TuningSec = time.Since(began).Seconds()
		for i, x := range o.Tuning {
			at[i] = strconv.FormatFloat(x.Best, 'g', -1, 64)
		}
	}
	began := time.Now()
	run, err := t.run(ctx, t.arms(at), t.Seeds, "")
	if err != nil {
		return o, err
	}
	o.Seconds, o.Hash = time.Since(began).Seconds(), run.Manifest.Hash
	return o, t.judge(run, &o)
}

// trying is a claim on its way, its sets and seeds as this try has them.
type trying struct {
	Claim
	lab   Lab
	quick bool
}

// laid is one arm as an item of the scenario's zip.
type laid struct {
	label string
	is    map[string]any
}

// arms are the claim's, each with a value of the grid's key, or "" as it is written.
func (t trying) arms(at []string) (out []laid) {
	for i, a := range t.Arms {
		out = append(out, laid{a.Name, t.with(a, at[i])})
	}
	return out
}

// with is what an arm is, with the grid's key at a value.
func (t trying) with(a Arm, value string) map[string]any {
	if value == "" {
		return a.Is
	}
	out := copied(a.Is)
	words := strings.Split(t.Grid.Key, ".")
	into := out
	for _, w := range words[:len(words)-1] {
		next, ok := into[w].(map[string]any)
		if !ok {
			next = map[string]any{}
			into[w] = next
		}
		into = next
	}
	into[words[len(words)-1]] = json.Number(value)
	return out
}

// copied is a map with maps of its own all the way down.
func copied(m map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range m {
		if inner, ok := v.(map[string]any); ok {
			v = copied(inner)
		}
		out[k] = v
	}
	return out
}

// run runs arms at seeds.
func (t trying) run(ctx context.Context, arms []laid, seeds, suffix string) (*results.Run, error) {
	items := make([]map[string]any, len(arms))
	for i, a := range arms {
		items[i] = copied(a.is)
		items[i]["label"] = a.label
	}
	text, err := json.Marshal(map[string]any{t.Over: items}) // JSON is YAML
	if err != nil {
		return nil, err
	}
	axes, err := t.axes()
	if err != nil {
		return nil, err
	}
	sets := append(slices.Concat(t.Sets, axes), "vary.zip="+string(text), "vary.seed="+seeds)
	return t.lab.Run(ctx, t.Scenario, sets, t.ID+suffix)
}

// tune tries every arm at every value of the grid.
func (t trying) tune(ctx context.Context) (out []Tuned, err error) {
	var all []laid
	for _, a := range t.Arms {
		for _, v := range t.Grid.Values {
			text := strconv.FormatFloat(v, 'g', -1, 64)
			all = append(all, laid{a.Name + " at " + text, t.with(a, text)})
		}
	}
	run, err := t.run(ctx, all, t.Grid.Seeds, "-tuning")
	if err != nil {
		return nil, err
	}
	for _, a := range t.Arms {
		x := Tuned{Arm: a.Name, Values: t.Grid.Values}
		best := -1
		for i, v := range t.Grid.Values {
			p, err := t.pointAt(run, a.Name+" at "+strconv.FormatFloat(v, 'g', -1, 64), t.Grid.Measure)
			if err != nil {
				return nil, err
			}
			x.Means = append(x.Means, p.Value)
			if best < 0 || better(float64(p.Value), float64(x.Means[best]), t.Higher) {
				best = i
			}
		}
		x.Best, x.Edge = x.Values[best], best == 0 || best == len(x.Values)-1
		out = append(out, x)
	}
	return out, nil
}

func better(x, than float64, higher bool) bool {
	if higher {
		return x > than
	}
	return x < than || than != than // whatever is a number beats what diverged
}

// measure is a number of a trial: by its name among the trial's measures, or with "auc."
// before the name of a score, the mean height of its curve over the rounds.
func measure(t *results.Trial, name string) (float64, error) {
	if score, ok := strings.CutPrefix(name, "auc."); ok {
		return area(t, score)
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
// while learning, which is lower for those who learn sooner.
func area(t *results.Trial, score string) (float64, error) {
	var rounds, values []float64
	for _, e := range t.Evaluations {
		for _, v := range results.Overall(e.Values) {
			if e.On+"."+v.Name == score && (len(rounds) == 0 || float64(e.Round) > rounds[len(rounds)-1]) {
				rounds, values = append(rounds, float64(e.Round)), append(values, float64(v.Value))
			}
		}
	}
	if len(rounds) < 2 {
		return 0, fmt.Errorf("claims: trial %s has %d points of %q; an area needs two: write \"every: 1\" in evaluate", t.ID, len(rounds), score)
	}
	sum := 0.0
	for i := 1; i < len(rounds); i++ {
		sum += (rounds[i] - rounds[i-1]) * (values[i] + values[i-1]) / 2
	}
	return sum / (rounds[len(rounds)-1] - rounds[0]), nil
}
