package actors

import (
	"container/list"

	"github.com/loramesh/loramesh/plugins/method"
)

// recent keeps blobs that came over the mesh, those used last, within a budget of bytes.
type recent struct {
	budget int
	size   int
	order  list.List // of *kept, used last in front
	all    map[method.Blob]*list.Element
}

type kept struct {
	blob    method.Blob
	content []byte
}

// recentBytes is the budget of a worker.
const recentBytes = 256 << 20

func (r *recent) find(b method.Blob) []byte {
	e := r.all[b]
	if e == nil {
		return nil
	}
	r.order.MoveToFront(e)
	return e.Value.(*kept).content
}

func (r *recent) keep(b method.Blob, content []byte) {
	if r.find(b) != nil {
		return
	}
	if r.all == nil {
		r.all = map[method.Blob]*list.Element{}
	}
	r.all[b] = r.order.PushFront(&kept{b, content})
	r.size += len(content)
	for r.size > r.budget && r.order.Len() > 1 {
		last := r.order.Remove(r.order.Back()).(*kept)
		delete(r.all, last.blob)
		r.size -= len(last.content)
	}
}
