package claims

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/world"
)

// Lab carries out what claims ask for.
type Lab interface {
	// Heads readies bases and data and returns the first lines of the ledgers that a run would
	// have, in the order of its plan.
	Heads(ctx context.Context, scenario string, sets []string) ([]ledger.Trial, error)
	// Run runs an embedded scenario with sets laid over it, and keeps the run under a name. What
	// was interrupted under that name goes on; what is whole is read.
	Run(ctx context.Context, scenario string, sets []string, name string) (*results.Run, error)
	// World builds the world of the first trial of an embedded scenario.
	World(ctx context.Context, scenario string, sets []string) (*world.World, error)
}

// How says how a claim is tried. The zero value tries it as it was registered.
type How struct {
	Sets   []string // laid over its scenario besides its own
	Quick  bool     // leave out tuning and most seeds, and say no more than a direction
	Memory Memory   // of tuning
}

// Try decides a claim. Inputs lie where the lab finds [Input.Path].
func (c Claim) Try(ctx context.Context, lab Lab, how How) (o Outcome, err error) {
	o = Outcome{ID: c.ID, Registered: c.Registered(), Quick: how.Quick, Sets: how.Sets}
	t := trying{Claim: c, lab: lab, quick: how.Quick, inputs: c.Needed(how.Sets)}
	t.Sets = slices.Concat(c.Sets, placed(t.inputs), how.Sets)
	if t.quick && c.Quick != nil {
		t.Sets, t.Seeds = append(t.Sets, c.Quick.Sets...), c.Quick.Seeds
	}
	if err := t.ready(ctx, &o); err != nil {
		return o, err
	}
	if c.Check != "" {
		return o, t.checked(ctx, &o)
	}
	best := make([]string, len(c.Arms)) // "": as it is written
	if c.Grid != nil && !t.quick {
		if o.Tuning, err = t.tune(ctx, how.Memory); err != nil {
			return o, err
		}
		for i, x := range o.Tuning {
			best[i] = text(x.Best)
		}
	}
	run, err := t.run(ctx, t.arms(best), t.Seeds, "")
	if err != nil {
		return o, err
	}
	o.Seconds, o.Hash = t.costOf(run, "").Seconds, run.Manifest.Hash
	return o, t.judge(run, &o)
}

// ready makes what the claim's scenario stands on, and times that apart.
func (t trying) ready(ctx context.Context, o *Outcome) error {
	if t.Scenario == "" {
		return nil
	}
	sets := t.Sets
	if t.Check == "" {
		sets = t.sets(t.arms(make([]string, len(t.Arms)))[:1], "1..1") // all seeds share them
	}
	began := time.Now()
	heads, err := t.lab.Heads(ctx, t.Scenario, sets)
	if err != nil {
		return err
	}
	o.ReadySec, o.Of = time.Since(began).Seconds(), slices.Concat(heads[0].Bases, heads[0].Data)
	if err := known(t.inputs, heads[0]); err != nil {
		return err
	}
	return t.ordersDiffer(heads)
}

// trying is a claim on its way, its sets and seeds as this try has them.
type trying struct {
	Claim
	lab    Lab
	quick  bool
	inputs []Input // that it was given
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
	return t.lab.Run(ctx, t.Scenario, t.sets(arms, seeds), t.ID+suffix)
}

// sets are the claim's, with arms and seeds in the place of what its scenario varies.
func (t trying) sets(arms []laid, seeds string) []string {
	items := make([]map[string]any, len(arms))
	for i, a := range arms {
		items[i] = copied(a.is)
		items[i]["label"] = a.label
	}
	text, err := json.Marshal(map[string]any{t.Over: items}) // JSON is YAML
	if err != nil {
		panic("claims: " + err.Error()) // it was YAML before
	}
	return append(slices.Concat(t.Sets, t.axes()), "vary.zip="+string(text), "vary.seed="+seeds)
}
