package coordinator

import (
	"encoding/json"
	"fmt"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/methodpb"
)

// Values of the seam have unions in them, for which JSON has no word: in a checkpoint they
// stand as they travel to plugins and workers, in one string each.
type (
	keptModel  method.Model
	keptLease  method.WorkRequest // without bases, which the trial knows
	keptAnswer method.WorkResponse
	keptInit   method.InitAt
)

// MarshalJSON writes the model as it travels.
func (m keptModel) MarshalJSON() ([]byte, error) {
	return wire(methodpb.MarshalModel(method.Model(m)))
}

// UnmarshalJSON is the way back.
func (m *keptModel) UnmarshalJSON(b []byte) error {
	return unwire(b, methodpb.UnmarshalModel, (*method.Model)(m))
}

// MarshalJSON writes the lease as it travels.
func (l keptLease) MarshalJSON() ([]byte, error) {
	return wire(methodpb.MarshalWorkRequest(method.WorkRequest(l)))
}

// UnmarshalJSON is the way back.
func (l *keptLease) UnmarshalJSON(b []byte) error {
	return unwire(b, methodpb.UnmarshalWorkRequest, (*method.WorkRequest)(l))
}

// MarshalJSON writes the answer as it travels.
func (a keptAnswer) MarshalJSON() ([]byte, error) {
	return wire(methodpb.MarshalWorkResponse(method.WorkResponse(a)))
}

// UnmarshalJSON is the way back.
func (a *keptAnswer) UnmarshalJSON(b []byte) error {
	return unwire(b, methodpb.UnmarshalWorkResponse, (*method.WorkResponse)(a))
}

// MarshalJSON writes the init as it travels.
func (i keptInit) MarshalJSON() ([]byte, error) {
	return wire(methodpb.MarshalInitAt(method.InitAt(i)))
}

// UnmarshalJSON is the way back.
func (i *keptInit) UnmarshalJSON(b []byte) error {
	return unwire(b, methodpb.UnmarshalInitAt, (*method.InitAt)(i))
}

// wire is bytes as a JSON string.
func wire(b []byte, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	return json.Marshal(b)
}

func unwire[T any](b []byte, read func([]byte) (T, error), into *T) error {
	var bytes []byte
	if err := json.Unmarshal(b, &bytes); err != nil {
		return err
	}
	v, err := read(bytes)
	if err != nil {
		return fmt.Errorf("%T: %w", v, err)
	}
	*into = v
	return nil
}
