package train

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
)

// magnified gives a pair the form of its part: with magnitudes, which begin as the lengths of
// the rows that there are, or without.
func magnified(l method.LoRA, p lora.Pair, on ground) (lora.Pair, error) {
	switch {
	case l.Form == "" && p.M != nil:
		return p, fmt.Errorf("module %s has magnitudes in what the part begins from: give the part the form \"dora\"", p.Module)
	case l.Form == "" || p.M != nil:
		return p, nil
	case p.Started():
		return p, fmt.Errorf("module %s begins from factors that the base gives up, and is to have magnitudes: choose one", p.Module)
	}
	w, err := frozenWeight(on.model, p.Module)
	if err != nil {
		return p, err
	}
	p.M = p.Lengths(w)
	return p, nil
}
