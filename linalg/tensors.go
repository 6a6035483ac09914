package linalg

// Tensors are named float32 tensors with a few words about them: the content of one
// adapter, gate, prototype table or checkpoint. List is in writing order, which is part
// of what a content hash covers; Meta is written sorted by key.
type Tensors struct {
	Meta map[string]string
	List []Tensor
}

// Tensor is row-major. len(Data) is the product of Shape.
type Tensor struct {
	Name  string
	Shape []int
	Data  []float32
}

// Get returns the tensor of that name.
func (t Tensors) Get(name string) (Tensor, bool) {
	for _, x := range t.List {
		if x.Name == name {
			return x, true
		}
	}
	return Tensor{}, false
}

// Floats counts the numbers in all tensors: four bytes each when they travel.
func (t Tensors) Floats() int {
	n := 0
	for _, x := range t.List {
		n += len(x.Data)
	}
	return n
}
