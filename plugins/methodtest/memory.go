package methodtest

import (
	"fmt"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
)

// Blobs is a store in memory for the tests of a method. What it opens is what was put.
type Blobs map[method.Blob]method.Tensors

// Open is the tensors of that name.
func (b Blobs) Open(name method.Blob) (method.Tensors, error) {
	t, ok := b[name]
	if !ok {
		return t, fmt.Errorf("%w: %q", blob.ErrUnknown, name)
	}
	return t, nil
}

// Put names tensors by their content.
func (b Blobs) Put(t method.Tensors) (method.Blob, error) {
	n, err := name(t)
	if err == nil {
		b[n] = t
	}
	return n, err
}

// Has says whether something of that name was put.
func (b Blobs) Has(name method.Blob) bool { _, ok := b[name]; return ok }
