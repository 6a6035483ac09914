package train

import (
	"fmt"
	"strings"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
)

// sources names blobs that are one adapter together, each laid factor by factor over those
// after it; "" is none. It is one value, so that merges can be told apart by it.
type sources string

// sources are what a part or attachment comes from: the blob of the recipe, over single
// factors that the participant keeps under that name, over the whole that it keeps.
func (j job) sources(name string, from method.From) sources {
	var all []string
	if from.Blob != "" {
		all = append(all, string(from.Blob))
	}
	if from.Kept {
		for _, n := range []string{name + ".A", name + ".B", name} {
			if b := method.KeptAs(j.req.Kept, n); b != "" {
				all = append(all, string(b))
			}
		}
	}
	return sources(strings.Join(all, " "))
}

// openFactors reads what sources say, their leading rows only where rank is not 0. Of no
// sources there are no factors.
func openFactors(from sources, rank int, blobs method.Blobs) (all lora.Factors, err error) {
	for _, b := range strings.Fields(string(from)) {
		t, err := blobs.Open(method.Blob(b))
		if err != nil {
			return nil, err
		}
		f, err := lora.ParseFactors(t)
		if err == nil && rank > 0 {
			f, err = f.Cut(rank)
		}
		if err == nil {
			all, err = all.Over(f)
		}
		if err != nil {
			return nil, fmt.Errorf("blob %.12s…: %w", b, err)
		}
	}
	return all, nil
}

// openAdapter is openFactors for what must be whole to act: where a factor is known
// nowhere, nothing acts.
func openAdapter(from sources, rank int, blobs method.Blobs) (lora.Adapter, error) {
	f, err := openFactors(from, rank, blobs)
	return f.Whole(), err
}
