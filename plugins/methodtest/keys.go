package methodtest

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/method"
)

// keys plays the training of gates: one vector for every module that the gated attachment
// adapts, as long as the module has inputs.
func (t *trial) keys(r *method.Report, p method.Participant, a method.Assignment, f method.Fit, k method.Keys, key rng.Key) error {
	if len(k.Of) != 1 {
		return fmt.Errorf("the exam trains the keys of one attachment at a time, and part %s is of %q", k.Name, k.Of)
	}
	i := slices.IndexFunc(f.Model.Attach, func(x method.Attach) bool { return x.Name == k.Of[0] })
	if i < 0 {
		return fmt.Errorf("part %s trains the keys of %q, and nothing is attached under that name", k.Name, k.Of[0])
	}
	if _, ok := f.Model.Attach[i].Gate.(method.Sigmoid); !ok {
		return fmt.Errorf("part %s trains the keys of %q, which has no sigmoid gate", k.Name, k.Of[0])
	}
	tensors, err := t.store.Open(f.Model.Attach[i].From.Blob)
	if err != nil {
		return err
	}
	adapter, err := lora.Parse(tensors)
	if err != nil {
		return err
	}
	var began, made lora.Keys
	for _, x := range adapter {
		began = append(began, lora.Key{Module: x.Module, V: make([]float32, x.In)})
		made = append(made, lora.Key{Module: x.Module, V: normal(key.At(k.Name, x.Module), x.In)})
	}
	if slices.Contains(a.Upload, k.Name) || len(a.Upload) == 0 {
		b, err := t.store.Put(began.Tensors())
		if err != nil {
			return err
		}
		r.Began = append(r.Began, method.Named{Name: k.Name, Blob: b})
	}
	return t.hand(r, p, a, k.Name, made.Tensors(), true)
}
