package methodtest

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
)

// memory is a store that sees what is done to what it lends.
type memory struct {
	Blobs
	// reported are blobs that are lent only while the loop over the reports stands still:
	// nil to lend for good.
	reported map[method.Blob]bool
	lent     []method.Tensors
}

func newMemory() *memory { return &memory{Blobs: Blobs{}} }

// Open lends the store's own memory, as a mapped file would; a borrowed blob is a copy
// that is spoilt when the loop moves on.
func (m *memory) Open(b method.Blob) (method.Tensors, error) {
	t, err := m.Blobs.Open(b)
	if err == nil && m.reported[b] {
		t = clone(t)
		m.lent = append(m.lent, t)
	}
	return t, err
}

// Put keeps a copy.
func (m *memory) Put(t method.Tensors) (method.Blob, error) {
	return m.Blobs.Put(clone(t))
}

func name(t method.Tensors) (method.Blob, error) {
	content, err := safetensors.EncodeTensors(t)
	return blob.Name(content), err
}

func clone(t method.Tensors) method.Tensors {
	t.Meta, t.List = maps.Clone(t.Meta), slices.Clone(t.List)
	for i, x := range t.List {
		t.List[i].Shape, t.List[i].Data = slices.Clone(x.Shape), slices.Clone(x.Data)
	}
	return t
}

// moveOn spoils what was lent since the loop last moved.
func (m *memory) moveOn() {
	for _, t := range m.lent {
		for _, x := range t.List {
			for i := range x.Data {
				x.Data[i] = float32(math.NaN())
			}
		}
	}
	m.lent = nil
}

// verify names the blobs that are no longer themselves.
func (m *memory) verify() error {
	var errs []error
	for _, b := range slices.Sorted(maps.Keys(m.Blobs)) {
		if now, err := name(m.Blobs[b]); err != nil || now != b {
			errs = append(errs, fmt.Errorf("the tensors that blob %.12s… opened were written to", b))
		}
	}
	return errors.Join(errs...)
}
