package train

import (
	"fmt"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/lora/server"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/plugins/method"
)

// control corrects a client's drift by SCAFFOLD's control variates (Karimireddy et al. 2020,
// algorithm 1): c − c_i is added to the gradient of every update, and c_i is renewed from how
// far the client went (option II).
type control struct {
	of    []steered
	rates float64     // Σ of those of the updates made
	was   method.Blob // c_i as it was kept; "" in a participant's first Fit
}

// steered is a parameter with its controls.
type steered struct {
	nn.Param
	server.Control
	began      []float32
	correction []float32 // c − c_i
}

// control makes the term ready. The participant's own variates are what it keeps.
func (t *Trainer) control(j job, p *pull, l method.Control, parts []*part) error {
	c := &control{was: method.KeptAs(j.req.Kept, method.KeptControl)}
	all, err := t.variates(l.Server)
	if err != nil {
		return fmt.Errorf("the server's control: %w", err)
	}
	own, err := t.variates(c.was)
	if err != nil {
		return fmt.Errorf("its own control: %w", err)
	}
	_, factor, single := method.Factor(l.Of)
	for _, part := range parts {
		for _, x := range part.params {
			if single && !strings.HasSuffix(x.Name, "."+factor) {
				continue
			}
			s := steered{Param: x, began: slices.Clone(x.Value)}
			if s.Server, err = all.Of(x.Name, len(x.Value)); err != nil {
				return err
			}
			if s.Own, err = own.Of(x.Name, len(x.Value)); err != nil {
				return err
			}
			less := linalg.NewDense(1, len(x.Value))
			s.Correct(less.Data)
			s.correction = less.Narrow()
			c.of = append(c.of, s)
		}
	}
	if len(c.of) == 0 {
		return fmt.Errorf("the term control is of %q, of which nothing is trained", l.Of)
	}
	p.add, p.made = c.add, c
	p.after = func(rate float64) { c.rates += rate }
	return nil
}

// add corrects the gradients, and returns Σ(c − c_i)·(θ − θ_start).
func (c *control) add() (value float64) {
	for _, s := range c.of {
		for i, d := range s.correction {
			s.Grad[i] += d
			value += float64(float64(d) * (float64(s.Value[i]) - float64(s.began[i])))
		}
	}
	return value
}

// next are the renewed variates; where nothing moved, at a rate of 0, they stay.
func (c *control) next() server.Variates {
	out := server.Variates{}
	for _, s := range c.of {
		n := len(s.Value)
		if rates := float64(c.rates * s.Times); rates > 0 {
			out[s.Name] = s.Next(linalg.Widen(1, n, s.began).Data, linalg.Widen(1, n, s.Value).Data, rates)
		} else {
			out[s.Name] = s.Own
		}
	}
	return out
}

func (t *Trainer) variates(b method.Blob) (server.Variates, error) {
	if b == "" {
		return nil, nil
	}
	x, err := t.blobs.Open(b)
	if err != nil {
		return nil, err
	}
	return server.ParseVariates(x)
}

// storeControl uploads and keeps the renewed variates, as the assignment asks.
func (t *Trainer) storeControl(j job, o *objective, rep *method.Report) error {
	for _, p := range o.pulls {
		if p.made == nil {
			continue
		}
		b, err := t.blobs.Put(p.made.next().Tensors())
		if err != nil {
			return err
		}
		named := method.Named{Name: method.KeptControl, Blob: b}
		if slices.Contains(j.assign.Keep, named.Name) {
			*j.keeps = append(*j.keeps, named)
		}
		if slices.Contains(j.assign.Upload, named.Name) {
			rep.Made = append(rep.Made, named)
			if p.made.was != "" {
				rep.Began = append(rep.Began, method.Named{Name: named.Name, Blob: p.made.was})
			}
		}
	}
	return nil
}

func isControl(t method.Term) bool {
	_, ok := t.Loss.(method.Control)
	return ok && t.Weight != 0
}

// controlled says whether an objective has controls, whose variates the Fit leaves behind.
func controlled(terms []method.Term) bool { return slices.ContainsFunc(terms, isControl) }

// carriesControl: one correction, as it is, of plain descent: otherwise how far a client went
// is not the sum of its gradients, and the control that is read off it means nothing.
func carriesControl(f method.Fit) error {
	i := slices.IndexFunc(f.Objective, isControl)
	if i < 0 {
		return nil
	}
	o := f.Optimiser
	switch {
	case f.Objective[i].Weight != 1:
		return fmt.Errorf("the term control has the weight %g: it corrects gradients as they are, at 1", f.Objective[i].Weight)
	case slices.ContainsFunc(f.Objective[i+1:], isControl):
		return fmt.Errorf("it has the term control twice, and a participant keeps one control")
	case o.Name != "sgd" || o.Momentum != 0 || o.Decay != 0 || f.Clip != 0:
		return fmt.Errorf("the term control is for plain descent, of which how far one went is the sum of one's gradients: the optimiser sgd without momentum, decay and clip was expected, not %q with momentum %g, decay %g and clip %g",
			o.Name, o.Momentum, o.Decay, f.Clip)
	}
	return nil
}
