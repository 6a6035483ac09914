package claims

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/ledger"
)

// Memory keeps what tuning came to under a name that says what it was made of.
type Memory interface {
	Load(key string) (content []byte, found bool, err error)
	Save(key string, content []byte) error
}

// tuning is what is kept of one arm: what the trials were, and what came of them.
type tuning struct {
	Of string `json:"tuning"` // "with.lr by valid.loss"
	Tuned
}

// tune finds the best value of every arm: from memory where the very same trials were run
// before, whichever claim it was for, and by running the rest.
func (t trying) tune(ctx context.Context, memory Memory) (out []Tuned, err error) {
	var all []laid
	for _, a := range t.Arms {
		for _, v := range t.Grid.Values {
			all = append(all, laid{at(a, v), t.with(a, text(v))})
		}
	}
	heads, err := t.lab.Heads(ctx, t.Scenario, t.sets(all, t.Grid.Seeds))
	if err != nil {
		return nil, err
	}
	out = make([]Tuned, len(t.Arms))
	keys := make([]string, len(t.Arms))
	var left []laid
	for i, a := range t.Arms {
		keys[i] = t.key(a, heads)
		found := false
		if out[i], found, err = recall(memory, keys[i]); err != nil {
			return nil, err
		}
		if out[i].Arm = a.Name; found {
			continue
		}
		n := len(t.Grid.Values)
		left = append(left, all[i*n:(i+1)*n]...)
	}
	if len(left) == 0 {
		return out, nil
	}
	run, err := t.run(ctx, left, t.Grid.Seeds, "-tuning")
	if err != nil {
		return nil, err
	}
	for i, a := range t.Arms {
		if out[i].Kept {
			continue
		}
		if out[i], err = t.tuned(run, a); err != nil {
			return nil, err
		}
		content, err := json.Marshal(tuning{t.Grid.Key + " by " + t.Grid.Measure, out[i]})
		if err != nil {
			return nil, err
		}
		if err := memory.Save(keys[i], content); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// key names all that an arm's tuning follows from: the first lines of its trials' ledgers, which
// have the scenario, the contents and the methods by their hashes, and how the best is told.
func (t trying) key(a Arm, heads []ledger.Trial) string {
	var of []ledger.Trial
	for _, v := range t.Grid.Values {
		for _, h := range heads {
			if t.place(h.Arm) == at(a, v) {
				h.Index, h.Name, h.Arm = 0, "", "" // where a trial stands in a plan
				of = append(of, h)
			}
		}
	}
	b, err := json.Marshal(of)
	if err != nil {
		panic("claims: " + err.Error())
	}
	sum := sha256.Sum256(b)
	return fmt.Sprintf("tuning 1 of %s by %s, higher %v", hex.EncodeToString(sum[:]), t.Grid.Measure, t.Higher)
}

func recall(memory Memory, key string) (x Tuned, found bool, err error) {
	content, found, err := memory.Load(key)
	if err != nil || !found {
		return x, false, err
	}
	var kept tuning
	if json.Unmarshal(content, &kept) != nil || kept.Of == "" {
		return x, false, nil // of another version: it is made again
	}
	kept.Kept = true
	return kept.Tuned, true, nil
}

// tuned is what a run says of one arm.
func (t trying) tuned(run *results.Run, a Arm) (Tuned, error) {
	x := Tuned{Arm: a.Name, Values: t.Grid.Values}
	best := -1
	for i, v := range t.Grid.Values {
		p, err := t.pointAt(run, at(a, v), t.Grid.Measure)
		if err != nil {
			return x, err
		}
		x.Means = append(x.Means, p.Value)
		if best < 0 || better(float64(p.Value), float64(x.Means[best]), t.Higher) {
			best = i
		}
		x.add(t.costOf(run, at(a, v)))
	}
	x.Best, x.Edge = x.Values[best], best == 0 || best == len(x.Values)-1
	return x, nil
}

// Cost is what trials took.
type Cost struct {
	Trials  int     `json:"trials"`
	Seconds float64 `json:"seconds"` // wall time of the trials, on whatever machine
	Flops   float64 `json:"flops"`   // by the cost model
}

func (c *Cost) add(d Cost) {
	c.Trials, c.Seconds, c.Flops = c.Trials+d.Trials, c.Seconds+d.Seconds, c.Flops+d.Flops
}

// costOf adds up the trials at a place, or of a whole run where place is "".
func (t trying) costOf(run *results.Run, place string) (c Cost) {
	for _, x := range run.Trials {
		if place != "" && t.place(x.Head.Arm) != place {
			continue
		}
		c.Trials, c.Flops = c.Trials+1, c.Flops+x.End.Flops
		for _, m := range run.Manifest.Trials {
			if m.ID == x.ID {
				c.Seconds += m.WallSec
			}
		}
	}
	return c
}

func better(x, than float64, higher bool) bool {
	if than != than { // whatever is a number beats what diverged
		return x == x
	}
	if higher {
		return x > than
	}
	return x < than
}

// at is what an arm is called at a value of the grid.
func at(a Arm, v float64) string { return a.Name + " at " + text(v) }

func text(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// KeptTuning says in a few words what a content is that [Memory] was given; ok is false for
// anything else.
func KeptTuning(content []byte) (words string, ok bool) {
	var k tuning
	if json.Unmarshal(content, &k) != nil || k.Of == "" {
		return "", false
	}
	return fmt.Sprintf("tuning of %s: %s, best %s, from %d trials in %.3g s", k.Arm, k.Of, text(k.Best), k.Trials, k.Seconds), true
}
