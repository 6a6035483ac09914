package coordinator

import "github.com/loramesh/loramesh/plugins/method"

// tuned is the name of the adapter that a participant trains before it is asked.
const tuned = "tuned"

// freeRank is that of participants without a limit.
const freeRank = 8

// tune is what a participant does before an evaluation asks how good a start the deployed
// model is: a few steps on its own training examples, of a fresh adapter over what is
// deployed. It is kept for the rest of the lease, and nowhere else.
func (m *Machine) tune(t Tuning, examples string, rank int) method.Assignment {
	if rank == 0 {
		rank = freeRank
	}
	model := ownModel(copied(m.deploy), rank)
	fit := method.Fit{
		Model: model,
		Train: []method.Part{method.LoRA{Name: tuned, Modules: []string{"*.q", "*.v"}, Rank: rank, Scale: 2,
			Init: []method.InitAt{{Modules: "*", Init: method.Kaiming{}}}}},
		Data:      method.Data{From: []method.Source{{Name: examples}}},
		Objective: method.CE,
		Optimiser: method.Optimiser{Name: "adamw", LR: t.Rate},
		Steps:     t.Steps,
		Batch:     t.Batch,
		Clip:      1,
	}
	return method.Assignment{Name: "tune", Recipe: fit, Upload: []string{method.Nothing}, Keep: []string{tuned}}
}
