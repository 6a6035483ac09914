package train

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/world"
)

// sample draws examples without a model, into a set that the participant keeps: seeds, or a
// buffer for replay. What is there already is added to; a reservoir never grows beyond Count,
// and lets every example that ever passed it stay with the same chance.
func (t *Trainer) sample(j job, s method.Sample) (method.Report, error) {
	c, err := t.choose(j, s.Data)
	if err != nil {
		return method.Report{}, err
	}
	for _, r := range c.rows {
		if r.Example().Picture != nil {
			return method.Report{}, refuse("drawing pictures into the set %q: examples travel as text, and that", s.Into)
		}
	}
	var set data.Collection
	if b := method.KeptAs(j.req.Kept, s.Into); b != "" {
		if set, err = t.collection(b); err != nil {
			return method.Report{}, err
		}
	}
	key := rng.New(j.draw).At("sample")
	rep := method.Report{Examples: len(c.rows), Warnings: c.warnings}
	if s.Data.Draw == method.Reservoir {
		r := data.Reservoir[data.Example]{Capacity: s.Count, Held: set.Examples, Seen: set.Seen}
		if len(r.Held) > r.Capacity {
			return rep, fmt.Errorf("the set %q holds %d examples, and is to be a reservoir of %d: it cannot shrink", s.Into, len(r.Held), r.Capacity)
		}
		stream := key.At("reservoir").Stream()
		for _, i := range key.At("order").Stream().Perm(len(c.rows)) {
			r.Pass(c.rows[i].Example(), stream.IntN)
		}
		set = data.Collection{Examples: r.Held, Seen: r.Seen}
		if s.Logits {
			if err := t.remember(j, s.Model, set.Examples); err != nil {
				return rep, err
			}
		}
	} else {
		drawn, err := t.pick(j, s, c, key)
		if err != nil {
			return rep, err
		}
		set = data.Collection{Examples: slices.Concat(set.Examples, drawn)}
	}
	if s.Unique {
		set.Examples = unique(set.Examples)
	}
	x := set.Tensors()
	b, err := t.blobs.Put(x)
	if err != nil {
		return rep, err
	}
	*j.keeps = append(*j.keeps, method.Named{Name: s.Into, Blob: b})
	if slices.Contains(j.assign.Upload, s.Into) {
		rep.Made = []method.Named{{Name: s.Into, Blob: b}}
	}
	rep.Values = []method.Value{{Name: "kept." + s.Into, Value: float64(len(set.Examples)), Weight: 1},
		{Name: "kept." + s.Into + ".bytes", Value: float64(data.TravelBytes(x)), Weight: 1}}
	return rep, nil
}

// pick draws as many as are to be made, or as there are, none of them twice unless groups are
// to be balanced.
func (t *Trainer) pick(j job, s method.Sample, c *choice, key rng.Key) ([]data.Example, error) {
	if err := t.grouping(j, s.Data, c, key); err != nil {
		return nil, err
	}
	n := len(c.rows)
	if s.Count > 0 {
		n = min(n, s.Count)
	}
	out := make([]data.Example, 0, n)
	for _, i := range dealer(c, s.Data.Draw, key)(0)[:n] {
		out = append(out, c.rows[i].Example())
	}
	return out, nil
}

// grouping readies a choice for a draw by groups.
func (t *Trainer) grouping(j job, d method.Data, c *choice, key rng.Key) error {
	if d.Draw != method.Balanced && d.Draw != method.Subsampled {
		return nil
	}
	if err := t.groups(j, d, c); err != nil {
		return err
	}
	c.shares = c.shares[:1] // the groups of all sources together
	if d.Draw == method.Subsampled {
		c.cut(key.At("cut"))
	}
	return nil
}

// unique drops those of which an equal one stands before them.
func unique(all []data.Example) (out []data.Example) {
	seen := map[uint64]bool{}
	for _, e := range all {
		if !seen[e.Hash] {
			seen[e.Hash] = true
			out = append(out, e)
		}
	}
	return out
}

// carriesSample: examples drawn from the data into a set.
func carriesSample(a method.Assignment, s method.Sample) error {
	switch {
	case s.Logits && (s.Data.Draw != method.Reservoir || s.Model.Base == ""):
		return fmt.Errorf("it keeps logits, which a reservoir does (Data.Draw %q) of what a model (Model) makes of its examples", method.Reservoir)
	case s.Shots > 0 || s.Column != "" || !s.Logits && (s.Model.Base != "" || len(s.Model.Attach) > 0):
		return refuse("examples that a model writes (Sample.Model, Shots, Column)")
	case world.Knows(s.Into):
		return fmt.Errorf("it draws into %q, which is a set of the participant's own: give it another name", s.Into)
	case s.Data.Draw == method.Reservoir && s.Count == 0:
		return fmt.Errorf("a reservoir has a capacity: Count is 0")
	case s.Data.Draw == method.Reservoir && s.Unique:
		return fmt.Errorf("a reservoir of which duplicates are dropped (Unique) does not keep all with the same chance")
	}
	for _, u := range slices.Concat(a.Upload, a.Keep) {
		if u != s.Into && u != method.Nothing {
			return fmt.Errorf("it uploads or keeps %q, and draws into %q", u, s.Into)
		}
	}
	if len(s.Data.Weigh) > 0 {
		return refuse("drawing by weights (Data.Weigh of a Sample)")
	}
	if s.Logits {
		if err := carriesModel(s.Model); err != nil {
			return err
		}
	}
	return carriesDraw(s.Data)
}
