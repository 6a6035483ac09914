package train

import (
	"strconv"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/metric"
)

// objective is what a Fit descends on: lessons from the data and pulls on the weights. A term
// of weight 0 is in neither list.
type objective struct {
	deck    deck
	lessons []*lesson
	pulls   []*pull
	dropout *rng.Stream
	each    []float64 // by sequence, used again
	traced  []method.Value
}

// objective makes the terms of a Fit ready. warning says that some rows were cut.
func (t *Trainer) objective(j job, f method.Fit, b *base.Base, parts []*part, c *choice) (o *objective, warning string, err error) {
	o = &objective{deck: deck{read: reading{}}}
	if o.deck.weight, err = t.weighed(j, f.Data, c); err != nil {
		return nil, "", err
	}
	names := termNames(f.Objective)
	for i, term := range f.Objective {
		if term.Weight == 0 {
			continue
		}
		x, err := t.lesson(j, b, term, len(o.lessons)+1)
		if err != nil {
			return nil, "", err
		}
		if x == nil {
			p, err := t.pull(j, term, parts)
			if err != nil {
				return nil, "", err
			}
			p.tally.name = names[i]
			o.pulls = append(o.pulls, p)
			continue
		}
		if x.on, err = t.holds(j, c, term.Where); err != nil {
			return nil, "", err
		}
		if x.stored {
			x.on = o.deck.remembered(c.rows, x.on)
		}
		x.tally.name = names[i]
		o.lessons = append(o.lessons, x)
	}
	if len(o.lessons) == 0 && len(o.pulls) == 0 { // nothing is learned, and how well nothing does is said
		o.lessons = []*lesson{{tally: tally{name: metric.Loss}}}
	}
	for _, x := range o.lessons {
		if o.deck.read[x.inputs] != nil {
			continue
		}
		batch, cut, err := t.encode(b, c.rows, x.inputs)
		if err != nil {
			return nil, "", err
		}
		warning = cut
		o.deck.read[x.inputs] = &batch
	}
	return o, warning, o.deck.fits(b)
}

// termNames are the names under which terms report: "loss" of the first cross-entropy, else
// that of the loss, and "quadratic.2" of the second of a kind.
func termNames(terms []method.Term) []string {
	seen := map[string]int{}
	names := make([]string, len(terms))
	for i, t := range terms {
		if t.Weight == 0 || t.Loss == nil {
			continue
		}
		names[i] = method.Name(t.Loss)
		if _, ok := t.Loss.(method.CrossEntropy); ok {
			names[i] = metric.Loss
		}
		if seen[names[i]]++; seen[names[i]] > 1 {
			names[i] += "." + strconv.Itoa(seen[names[i]])
		}
	}
	return names
}

// learn adds the gradient of one batch, and returns the value of the whole objective.
func (o *objective) learn(run *nn.Runner, rows []int) (total nn.Loss, err error) {
	for _, inputs := range []bool{false, true} {
		if err := o.pass(run, rows, inputs); err != nil {
			return total, err
		}
	}
	for _, p := range o.pulls {
		p.tally.add(p.add(), 1)
	}
	total.Count = 1
	for _, x := range o.lessons {
		total.Sum += float64(x.weight * x.tally.last())
	}
	for _, p := range o.pulls {
		total.Sum += float64(p.weight * p.tally.last())
	}
	return total, nil
}

// after makes the proximal steps that follow an update.
func (o *objective) after(rate float64) {
	for _, p := range o.pulls {
		if p.after != nil {
			p.after(rate)
		}
	}
}

// last is the value of the first term in the last update.
func (o *objective) last() float64 {
	for _, x := range o.lessons {
		return x.tally.last()
	}
	for _, p := range o.pulls {
		return p.tally.last()
	}
	return 0
}

// tallies are those of all terms.
func (o *objective) tallies() (out []*tally) {
	for _, x := range o.lessons {
		out = append(out, &x.tally)
	}
	for _, p := range o.pulls {
		out = append(out, &p.tally)
	}
	return out
}

// values are what terms report: the mean over all updates, and of the first term the first
// and the last as well.
func (o *objective) values() (out []method.Value) {
	for i, t := range o.tallies() {
		out = append(out, t.all.value(t.name))
		if i == 0 {
			out = append(out, t.first.value(t.name+".first"), t.latest.value(t.name+".last"))
		}
	}
	return append(out, o.traced...)
}

// trace notes the mean of the first term since the last trace, as the group of an update.
func (o *objective) trace(update int) {
	for _, t := range o.tallies()[:1] {
		v := t.since.value(t.name + ".trace")
		v.Group = "update=" + strconv.Itoa(update)
		o.traced, t.since = append(o.traced, v), mean{}
	}
}

// mean is a weighted mean that is still growing.
type mean struct{ sum, weight float64 }

func (m mean) value(name string) method.Value {
	v := method.Value{Name: name, Weight: m.weight}
	if m.weight > 0 {
		v.Value = m.sum / m.weight
	}
	return v
}

// tally keeps what a term was worth.
type tally struct {
	name                      string
	all, first, latest, since mean
	updates                   int
}

// add takes the sum over something in, and how much that is.
func (t *tally) add(sum, weight float64) {
	t.latest = mean{sum, weight}
	if t.updates == 0 {
		t.first = t.latest
	}
	t.updates++
	for _, m := range []*mean{&t.all, &t.since} {
		m.sum += sum
		m.weight += weight
	}
}

// last is the value in the last update.
func (t *tally) last() float64 { return t.latest.value("").Value }
