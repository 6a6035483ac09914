package train

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/plugins/method"
)

// Null is a trainer that trains nothing: of each Fit it opens the blob that the part is to
// begin from and hands back as many numbers, those with the participant's own added, so
// that no two are alike. It takes the place of a [Trainer] where the machinery is measured.
// It is not safe for concurrent use.
type Null struct {
	blobs method.Blobs
	data  []float32 // memory of the last work, used again
	ones  []float32 // as many
}

// NewNull returns a null trainer for one slot.
func NewNull(blobs method.Blobs) *Null { return &Null{blobs: blobs} }

// Work does one lease; see [Trainer.Work].
func (n *Null) Work(req method.WorkRequest, step func(Step) error) (out method.WorkResponse, err error) {
	for _, a := range req.Assign {
		if err := step(Step{Of: 1}); err != nil {
			return out, err
		}
		rep := method.Report{Name: a.Name, From: req.Whom, Round: req.Round, Examples: 1, Share: 1}
		switch r := a.Recipe.(type) {
		case method.Fit:
			if rep.Made, err = n.fit(r, req.Whom); err != nil {
				return out, err
			}
		case method.Score:
			for _, name := range r.Metrics {
				rep.Values = append(rep.Values, method.Value{Name: name, Weight: 1})
			}
		default:
			return out, fmt.Errorf("train: the null trainer knows Fit and Score, and was asked for %s", method.Name(r))
		}
		out.Reports = append(out.Reports, rep)
	}
	return out, nil
}

// fit hands back the numbers of the one part.
func (n *Null) fit(f method.Fit, whom method.ID) (made []method.Named, err error) {
	if len(f.Train) != 1 {
		return nil, fmt.Errorf("train: the null trainer trains one part, and was asked for %d", len(f.Train))
	}
	part, ok := f.Train[0].(method.LoRA)
	if !ok {
		return nil, fmt.Errorf("train: the null trainer hands back the numbers of a LoRA part, and was asked for %s", method.Name(f.Train[0]))
	}
	t, err := n.blobs.Open(part.From.Blob)
	if err != nil {
		return nil, err
	}
	for _, x := range t.List {
		n.data = append(n.data[:0], x.Data...)
		for len(n.ones) < len(n.data) {
			n.ones = append(n.ones, 1)
		}
		kernel.AddScaled(n.data, float32(whom.Index+1), n.ones)
		b, err := n.blobs.Put(linalg.Tensors{List: []linalg.Tensor{{Name: x.Name, Shape: slices.Clone(x.Shape), Data: n.data}}})
		if err != nil {
			return nil, err
		}
		made = append(made, method.Named{Name: part.Name, Blob: b})
	}
	return made, nil
}
