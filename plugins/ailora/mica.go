package ailora

import (
	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/lora/start"
	"github.com/loramesh/loramesh/plugins/method"
)

// MiCA freezes B at the minor left singular vectors of the weight and trains A from 0: what
// is learnt stays in the directions that the weight uses least.
func MiCA() method.Method {
	c := card("mica", "B is frozen at the minor left vectors of the weight; A is trained from 0", "as PEFT 0.21 has it (MicaConfig)")
	return trained{c, func(r method.PlanRequest, part *method.LoRA, m *memory) error {
		part.Freeze = "B"
		if m.Begins == "" {
			b, err := minorVectors(r.Scene, part)
			if err != nil {
				return err
			}
			m.Begins = b
		}
		part.Init = r.Inits(method.InitAt{Modules: "*", Init: method.Given{Blob: m.Begins}})
		return nil
	}}
}

func minorVectors(s method.Scene, part *method.LoRA) (method.Blob, error) {
	weights, err := weightsOf(s, part.Modules)
	if err != nil {
		return "", err
	}
	var a lora.Adapter
	for _, w := range weights {
		st, err := start.MiCA(w.Dense, min(part.Rank, w.Rows, w.Cols))
		if err != nil {
			return "", err
		}
		a = append(a, st.Pair(lora.Module{Name: w.module, Out: w.Rows, In: w.Cols}, part.Scale))
	}
	return s.Blobs.Put(a.Tensors())
}
