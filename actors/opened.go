package actors

import (
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
)

// opened is the blob that a lane has opened last: participants of one batch mostly begin from
// the same one, and its header need not be read anew for each. It counts as long as the grip
// under which it was looked at.
type opened struct {
	grip    *grip
	blob    method.Blob
	tensors method.Tensors
}

// open is a blob for a cart that has a grip, from memory or by look.
func (o *opened) open(g *grip, b method.Blob, look func(method.Blob) (method.Tensors, error)) (method.Tensors, error) {
	if o.grip != g || o.blob != b {
		t, err := look(b)
		if err != nil {
			return t, err
		}
		*o = opened{g, b, t}
	}
	t := o.tensors
	t.List = slices.Clone(t.List) // which is the caller's to order
	return t, nil
}
