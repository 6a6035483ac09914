package methodtest

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/method"
)

// weights is what training the base itself makes: a dense change of each of its modules.
func (t *trial) weights(r *method.Report, p method.Participant, a method.Assignment, w method.Weights, key rng.Key) error {
	var made lora.Adapter
	for _, m := range t.base.Modules {
		takes := len(w.Modules) == 0
		for _, pattern := range w.Modules {
			ok, err := linalg.Match(pattern, m.Name)
			if err != nil {
				return err
			}
			takes = takes || ok
		}
		if takes {
			made = append(made, lora.Pair{Module: m.Name, Out: m.Out, In: m.In, Scale: 1, D: normal(key.At(w.Name, m.Name), m.Out*m.In)})
		}
	}
	if len(made) == 0 {
		return fmt.Errorf("part %s: the patterns %q match none of the base's modules", w.Name, w.Modules)
	}
	if w.From.Blob != "" {
		if _, err := t.store.Open(w.From.Blob); err != nil {
			return fmt.Errorf("part %s cannot begin from what it is to begin from: %w", w.Name, err)
		}
		r.Began = append(r.Began, method.Named{Name: w.Name, Blob: w.From.Blob})
	}
	b, err := t.store.Put(made.Tensors())
	if err != nil {
		return err
	}
	named := []method.Named{{Name: w.Name, Blob: b}}
	if len(a.Upload) == 0 || slices.Contains(a.Upload, w.Name) {
		r.Made = append(r.Made, named...)
	}
	if slices.Contains(a.Keep, w.Name) {
		t.kept[p.ID] = method.Keeping(t.kept[p.ID], named)
	}
	return nil
}
