package blob

import (
	"fmt"
	"io"

	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/plugins/method"
)

// Batch collects blobs that go into a store together: what is small is written in one
// piece, since the system takes as long for a write of 4 KB as for one of many. The zero
// value is an empty batch. It is not safe for concurrent use.
type Batch struct {
	content []byte // of all, each at a multiple of align
	items   []batched
}

// batched is a blob in the content of a batch.
type batched struct {
	name     method.Blob
	from, to int
}

// Put adds tensors in their safetensors form.
func (b *Batch) Put(t method.Tensors) (method.Blob, error) {
	from := b.begin()
	out, err := safetensors.AppendTensors(b.content, t)
	if err != nil {
		b.content = b.content[:from]
		return "", err
	}
	b.content = out
	return b.end(from), nil
}

// PutBytes adds bytes, which are copied.
func (b *Batch) PutBytes(content []byte) method.Blob {
	from := b.begin()
	b.content = append(b.content, content...)
	return b.end(from)
}

// begin is where the next blob begins.
func (b *Batch) begin() int {
	var zeros [align]byte
	b.content = append(b.content, zeros[:int(up(int64(len(b.content))))-len(b.content)]...)
	return len(b.content)
}

// end names the blob that ends here. One that is there already is not kept twice.
func (b *Batch) end(from int) method.Blob {
	name := Name(b.content[from:])
	if _, twice := b.Bytes(name); twice {
		b.content = b.content[:from]
		return name
	}
	b.items = append(b.items, batched{name, from, len(b.content)})
	return name
}

// Bytes is a blob of the batch, valid until Reset.
func (b *Batch) Bytes(name method.Blob) ([]byte, bool) {
	for _, x := range b.items {
		if x.name == name {
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
		places[x.name] = Handle{Segment: path, Offset: at + int64(x.from), Length: int64(x.to - x.from)}
	}
	return places, nil
}

// Aligned is the first offset from n on at which a blob may begin.
func Aligned(n int64) int64 { return up(n) }

// Reset empties the batch. Its memory is used again, unless it is large.
func (b *Batch) Reset() {
	b.content, b.items = b.content[:0], b.items[:0]
	if cap(b.content) > SegmentBytes/4 {
		b.content = nil
	}
}

// PutAll stores all blobs of a batch. What is known already is not written twice.
func (s *Store) PutAll(b *Batch) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := 0; i < len(b.items); {
		first := b.items[i]
		if p, known := s.places[first.name]; known {
			p.put = s.generation
			s.places[first.name] = p
			i++
			continue
		}
		seg, err := s.room(s.generation, int64(first.to-first.from))
		if err != nil {
			return err
		}
		n := i + 1
		for ; n < len(b.items) && seg.fits(int64(b.items[n].to-first.from)); n++ {
			if _, known := s.places[b.items[n].name]; known {
				break
			}
		}
		at, err := seg.append(b.content[first.from:b.items[n-1].to], b.items[i:n])
		if err != nil {
			return err
		}
		for ; i < n; i++ {
			x := b.items[i]
			s.places[x.name] = place{seg: seg, offset: at + int64(x.from-first.from), length: int64(x.to - x.from), put: s.generation}
		}
	}
	return nil
}
