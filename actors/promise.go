package actors

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
)

// promises are what a lane gives out for the names of blobs that it will name when it flushes: many
// blobs are hashed in less time together, if they need not be named one by one. Whoever does the tasks
// may open what he put by its promise; what leaves the slot has names.
type promises struct {
	first uint64        // number of the first
	names []method.Blob // as far as they are kept: the first of them
	made  int
}

// promised is how a promise begins, which no name does. Like a name it has no blank: lists of blobs
// are told apart by those.
const promised = "promise:"

// newPromises are those of a lane: no two lanes of a process make the same ones.
func newPromises(lane uint64) promises { return promises{first: lane << 32} }

// begin forgets all that were made so far.
func (p *promises) begin() {
	p.first += uint64(p.made)
	p.names, p.made = p.names[:0], 0
}

// promise makes the next one.
func (p *promises) promise() method.Blob {
	p.made++
	var room [len(promised) + 16]byte
	return method.Blob(strconv.AppendUint(append(room[:0], promised...), p.first+uint64(p.made-1), 16))
}

// keep keeps those that were made and not kept, in order.
func (p *promises) keep(names []method.Blob) {
	if p.names = append(p.names, names...); len(p.names) != p.made {
		panic(fmt.Sprintf("actors: %d names for %d promises", len(p.names), p.made))
	}
}

// find says which of them one is; false: it is none.
func (p *promises) find(b method.Blob) (i int, ok bool) {
	number, ok := strings.CutPrefix(string(b), promised)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseUint(number, 16, 64)
	if err != nil || n < p.first || n >= p.first+uint64(p.made) {
		return 0, false
	}
	return int(n - p.first), true
}

// name is what a blob is called; one that was not promised, or not kept, is called what it is.
func (p *promises) name(b method.Blob) method.Blob {
	if i, ok := p.find(b); ok && i < len(p.names) {
		return p.names[i]
	}
	return b
}

// held is the content of a blob that is in a batch, by its promise; false: it is elsewhere.
func (p *promises) held(batch *blob.Batch, b method.Blob) (content []byte, ok bool) {
	if i, ok := p.find(b); ok && i >= len(p.names) {
		return batch.Nameless(i - len(p.names)), true
	}
	return nil, false
}

// name gives the names of what a task made, in place of their promises.
func (t *task) name(by lane, r method.WorkResponse) {
	rename(by, t.kept)
	rename(by, r.Kept)
	for i := range r.Reports {
		rename(by, r.Reports[i].Made)
		rename(by, r.Reports[i].Began)
	}
}

func rename(by lane, list []method.Named) {
	for i, n := range list {
		if name := by.name(n.Blob); name != n.Blob {
			list[i].Blob = name
		}
	}
}
