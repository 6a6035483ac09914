package methodpb

import "github.com/loramesh/loramesh/plugins/method"

func FromNamed(x method.Named) *Named {
	return &Named{
		Name: x.Name,
		Blob: string(x.Blob),
	}
}

func ToNamed(p *Named) method.Named {
	return method.Named{
		Name: p.GetName(),
		Blob: method.Blob(p.GetBlob()),
	}
}

func FromState(x method.State) *State {
	return &State{
		Bytes: x.Bytes,
		Holds: texts(x.Holds),
	}
}

func ToState(p *State) method.State {
	return method.State{
		Bytes: p.GetBytes(),
		Holds: words[method.Blob](p.GetHolds()),
	}
}

// FromTensors shares the numbers with x.
func FromTensors(x method.Tensors) *Tensors {
	return &Tensors{Meta: x.Meta, List: each(x.List, FromTensor)}
}

func ToTensors(p *Tensors) method.Tensors {
	return method.Tensors{Meta: p.GetMeta(), List: each(p.GetList(), ToTensor)}
}

// FromTensor shares the numbers with x.
func FromTensor(x method.Tensor) *Tensor {
	return &Tensor{Name: x.Name, Shape: ints64(x.Shape), Data: x.Data}
}

func ToTensor(p *Tensor) method.Tensor {
	return method.Tensor{Name: p.GetName(), Shape: ints(p.GetShape()), Data: p.GetData()}
}
