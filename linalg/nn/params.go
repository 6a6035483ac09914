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
	for _, p := range params {
		clear(p.Grad)
	}
}

// TrainBase makes the base itself trainable, all of it or (want not nil) those tensors
// whose Hugging Face names want accepts. The Runner goes on with a copy of the model, so
// that the shared one stays as it is; [Runner.Model] is the copy. It changes under the
// optimiser until Use is called, and must not be shared before.
//
// The params are in the order of [Model.Tensors], under their Hugging Face names.
func (r *Runner) TrainBase(want func(name string) bool) []Param {
	r.model = r.model.clone()
	r.grads = make(weights, len(r.model.weights))
	var params []Param
	for i, s := range r.model.config.layout() {
		if want == nil || want(s.name) {
			r.grads[i] = make([]float32, len(r.model.weights[i]))
			params = append(params, Param{s.name, r.model.weights[i], r.grads[i], 1})
		}
	}
	r.arrange()
	return params
}
