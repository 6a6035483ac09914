package coordinator

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
)

// own is a recipe with a participant's own rank in the place of [method.OwnRank]: in the
// parts that it trains, where there must be one, and in attachments, where no limit means
// all rows. The recipe itself is left as it is: others are given it too.
func own(r method.Recipe, rank int) (method.Recipe, error) {
	switch r := r.(type) {
	case method.Fit:
		r.Train = slices.Clone(r.Train)
		for i, part := range r.Train {
			l, ok := part.(method.LoRA)
			if !ok || l.Rank != method.OwnRank {
				continue
			}
			if rank == 0 {
				return nil, fmt.Errorf("it trains %q at the participant's own rank, and its pool has no `rank`", l.Name)
			}
			l.Rank = rank
			r.Train[i] = l
		}
		r.Model = ownModel(r.Model, rank)
		return r, nil
	case method.Score:
		r.Model = ownModel(r.Model, rank)
		return r, nil
	case method.Probe:
		r.Model = ownModel(r.Model, rank)
		return r, nil
	case method.Sample:
		r.Model = ownModel(r.Model, rank)
		return r, nil
	}
	return r, nil
}

func ownModel(x method.Model, rank int) method.Model {
	x.Attach = slices.Clone(x.Attach)
	for i := range x.Attach {
		if x.Attach[i].Rank == method.OwnRank {
			x.Attach[i].Rank = rank
		}
	}
	return x
}
