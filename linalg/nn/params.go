package nn

// Param is something that an optimiser moves: its numbers, their gradient, and the
// multiple of the learning rate at which it moves (1 is plain).
type Param struct {
	Name  string
	Value []float32
	Grad  []float32
	Times float64
}

// ZeroGrads clears the gradients for the next step.
func ZeroGrads(params []Param) {
	for i := range params {
		clear(params[i].Grad)
	}
}

// TrainBase makes the base itself trainable, all of it or (want not nil) those tensors
// whose Hugging Face names want accepts. The Runner goes on with a copy of the model, so
// that the shared one stays as it is; [Runner.Model] is the copy. It changes under the
// optimiser until Use is called, and must not be shared before.
//
// The params are in the order and the shapes of [Model.Tensors], under their Hugging Face
// names.
func (r *Runner) TrainBase(want func(name string) bool) []Param {
	own, b := r.model.clone()
	r.model, r.base = own, b
	var params []Param
	for _, s := range own.slots {
		if want == nil || want(s.name) {
			value, grad := b.train(own, s)
			params = append(params, Param{s.name, value, grad, 1})
		}
	}
	r.arrange()
	return params
}
