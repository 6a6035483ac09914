package methodtest

import (
	"slices"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/lora/server"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/method"
)

// control plays the renewing of control variates: one for each factor that the Fit has made
// under the name that its term is of, or for each weight.
func (t *trial) control(r *method.Report, p method.Participant, a method.Assignment, f method.Fit, key rng.Key) error {
	i := slices.IndexFunc(f.Objective, func(x method.Term) bool { _, ok := x.Loss.(method.Control); return ok })
	if i < 0 {
		return nil
	}
	of := f.Objective[i].Loss.(method.Control).Of
	tensors, err := t.store.Open(r.Blob(of))
	if err != nil {
		return err
	}
	made, err := lora.ParseFactors(tensors)
	if err != nil {
		return err
	}
	variates := server.Variates{}
	for _, x := range made {
		for factor, like := range map[string][]float32{"A": x.A, "B": x.B, "weight": x.D} {
			if name := x.Module + "." + factor; like != nil {
				for _, v := range normal(key.At("control", name), len(like)) {
					variates[name] = append(variates[name], float64(v))
				}
			}
		}
	}
	if was := method.KeptAs(t.kept[p.ID], method.KeptControl); was != "" && slices.Contains(a.Upload, method.KeptControl) {
		r.Began = append(r.Began, method.Named{Name: method.KeptControl, Blob: was})
	}
	return t.hand(r, p, a, method.KeptControl, variates.Tensors(), false)
}
