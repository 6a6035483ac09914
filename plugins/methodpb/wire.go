package methodpb

import (
	"google.golang.org/protobuf/proto"

	"github.com/loramesh/loramesh/plugins/method"
)

// MarshalModel is a model as bytes, the same bytes whenever it is the same model: for
// checkpoints.
func MarshalModel(x method.Model) ([]byte, error) {
	return proto.MarshalOptions{Deterministic: true}.Marshal(FromModel(x))
}

// UnmarshalModel is the way back. Bytes that are no model are an error.
func UnmarshalModel(wire []byte) (method.Model, error) {
	var p Model
	if err := proto.Unmarshal(wire, &p); err != nil {
		return method.Model{}, err
	}
	return ToModel(&p), nil
}

// MarshalInitAt is an init as bytes, always the same ones: for checkpoints.
func MarshalInitAt(x method.InitAt) ([]byte, error) {
	return proto.MarshalOptions{Deterministic: true}.Marshal(FromInitAt(x))
}

// UnmarshalInitAt is the way back. Bytes that are no init are an error.
func UnmarshalInitAt(wire []byte) (method.InitAt, error) {
	var p InitAt
	if err := proto.Unmarshal(wire, &p); err != nil {
		return method.InitAt{}, err
	}
	return ToInitAt(&p), nil
}

// MarshalWorkRequest is a lease as bytes, for the mesh. Its Blobs stay behind: they are no
// value, and whoever works has his own way to them.
func MarshalWorkRequest(x method.WorkRequest) ([]byte, error) {
	return proto.Marshal(FromWorkRequest(x))
}

// UnmarshalWorkRequest is the way back. Bytes that are no lease are an error.
func UnmarshalWorkRequest(wire []byte) (method.WorkRequest, error) {
	var p WorkRequest
	if err := proto.Unmarshal(wire, &p); err != nil {
		return method.WorkRequest{}, err
	}
	return ToWorkRequest(&p), nil
}

// MarshalWorkResponse is the answer to a lease as bytes.
func MarshalWorkResponse(x method.WorkResponse) ([]byte, error) {
	return proto.Marshal(FromWorkResponse(x))
}

// UnmarshalWorkResponse is the way back. Bytes that are no answer are an error.
func UnmarshalWorkResponse(wire []byte) (method.WorkResponse, error) {
	var p WorkResponse
	if err := proto.Unmarshal(wire, &p); err != nil {
		return method.WorkResponse{}, err
	}
	return ToWorkResponse(&p), nil
}
