package blob

import (
	"fmt"
	"io"
	"slices"

	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/plugins/blob/wide"
	"github.com/loramesh/loramesh/plugins/method"
)

// Batch collects blobs that go into a store together: what is small is written in one
// piece, since the system takes as long for a write of 4 KB as for one of many. The zero
// value is an empty batch. It is not safe for concurrent use.
type Batch struct {
	content []byte // of all, each at a multiple of align
	items   []batched
	open    int // of the items, the last ones: claimed, or added and nameless
	encoder safetensors.Encoder
}

// batched is a blob in the content of a batch.
type batched struct {
	hash     method.Hash
	from, to int
}

// Add adds tensors in their safetensors form. They have no name before [Batch.Name] gives them one:
// many together are named in less time than one by one.
func (b *Batch) Add(t method.Tensors) error {
	from := b.begin()
	out, err := b.encoder.Append(b.content, t)
	if err != nil {
		b.content = b.content[:from]
		return err
	}
	b.content = out
	b.item(method.Hash{}, from)
	return nil
}

// Nameless is the content of those that were added and are not named yet, by their number, valid
// until something is added.
func (b *Batch) Nameless(i int) []byte {
	x := b.items[len(b.items)-b.open+i]
	return b.content[x.from:x.to:x.to]
}

// Name names those that were added since it was called last, in order. One that is there already is
// not kept twice.
func (b *Batch) Name() []method.Blob {
	items := b.items[len(b.items)-b.open:]
	contents := make([][]byte, len(items))
	for i := range contents {
		contents[i] = b.Nameless(i)
	}
	names := make([]method.Blob, len(items))
	b.items, b.open = b.items[:len(b.items)-b.open], 0
	for i, hash := range wide.Sums(contents) {
		x := items[i]
		x.hash = hash
		names[i] = x.hash.Blob()
		if _, twice := b.find(x.hash); !twice {
			b.items = append(b.items, x)
		}
	}
	return names
}

func (b *Batch) item(hash method.Hash, from int) {
	b.items = append(b.items, batched{hash, from, len(b.content)})
	b.open++
}

// begin is where the next blob begins.
func (b *Batch) begin() int {
	var zeros [align]byte
	b.content = append(b.content, zeros[:int(up(int64(len(b.content))))-len(b.content)]...)
	return len(b.content)
}

// Bytes is a blob of the batch that has its name, valid until something is added.
func (b *Batch) Bytes(name method.Blob) ([]byte, bool) {
	hash, ok := name.Hash()
	if !ok {
		return nil, false
	}
	return b.find(hash)
}

func (b *Batch) find(hash method.Hash) ([]byte, bool) {
	for _, x := range slices.Backward(b.items) { // most are asked for right after they were put
		if x.hash == hash {
			return b.content[x.from:x.to:x.to], true
		}
	}
	return nil, false
}

// Len is how many bytes the batch holds.
func (b *Batch) Len() int { return len(b.content) }

// WriteAt writes the batch to a file of somebody else's at an offset, which is [Aligned],
// and says where each blob lies.
func (b *Batch) WriteAt(f io.WriterAt, path string, at int64) (map[method.Blob]Handle, error) {
	if _, err := f.WriteAt(b.content, at); err != nil {
		return nil, fmt.Errorf("blob: %d bytes not written: %w", len(b.content), err)
	}
	places := make(map[method.Blob]Handle, len(b.items))
	for _, x := range b.items {
		places[x.hash.Blob()] = Handle{Segment: path, Offset: at + int64(x.from), Length: int64(x.to - x.from)}
	}
	return places, nil
}

// Aligned is the first offset from n on at which a blob may begin.
func Aligned(n int64) int64 { return up(n) }

// Reset empties the batch. Its memory is used again, unless it is large.
func (b *Batch) Reset() {
	b.content, b.items, b.open = b.content[:0], b.items[:0], 0
	if cap(b.content) > SegmentBytes/4 {
		b.content = nil
	}
}
