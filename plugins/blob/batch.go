package blob

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/plugins/blob/twin"
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

// MaxBytes bounds a blob that somebody else brings: a file may say that it has any size, and have none.
const MaxBytes = 4 << 30

// batched is a blob in the content of a batch.
type batched struct {
	hash     method.Hash
	from, to int
}

// Add adds tensors in their safetensors form. They have no name before [Batch.Name] gives them one:
// two at a time are named in the time of one.
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
	for i := 0; i < len(items); i += 2 {
		if i+1 == len(items) {
			items[i].hash = sha256.Sum256(b.Nameless(i))
			break
		}
		sums := twin.Sum256(b.Nameless(i), b.Nameless(i+1))
		items[i].hash, items[i+1].hash = sums[0], sums[1]
	}
	names := make([]method.Blob, len(items))
	b.items, b.open = b.items[:len(b.items)-b.open], 0
	for i, x := range items {
		names[i] = x.hash.Blob()
		if _, twice := b.find(x.hash); !twice {
			b.items = append(b.items, x)
		}
	}
	return names
}

// Claim adds bytes of which somebody says what they are called. They are copied, and count once
// [Batch.Check] has been through them; what is there by that name already is not added again. What can
// be no name is an [ErrName].
func (b *Batch) Claim(name method.Blob, content []byte) error {
	hash, known, err := b.called(name)
	if known || err != nil {
		return err
	}
	from := b.begin()
	b.content = append(b.content, content...)
	b.item(hash, from)
	return nil
}

// ClaimAt is Claim of bytes that lie in a file, where WriteAt of another batch put them. Who looks at
// each once is better off so than with a view, whose pages the system has to find.
func (b *Batch) ClaimAt(name method.Blob, f *os.File, at Handle) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if at.Length > MaxBytes {
		return fmt.Errorf("blob: one of %d bytes; at most %d are taken", at.Length, int64(MaxBytes))
	}
	if at.Offset < 0 || at.Length < 0 || at.Length > info.Size() || at.Offset > info.Size()-at.Length {
		return fmt.Errorf("blob: %s has %d bytes; %d at %d are asked for", at.Segment, info.Size(), at.Length, at.Offset)
	}
	hash, known, err := b.called(name)
	if known || err != nil {
		return err
	}
	from := b.begin()
	b.content = slices.Grow(b.content, int(at.Length))[:from+int(at.Length)]
	if _, err := f.ReadAt(b.content[from:], at.Offset); err != nil {
		b.content = b.content[:from]
		return err
	}
	b.item(hash, from)
	return nil
}

// called is what a name says, and whether there is something by that name already.
func (b *Batch) called(name method.Blob) (hash method.Hash, known bool, err error) {
	hash, ok := name.Hash()
	if !ok {
		return hash, false, fmt.Errorf("%w: %.80q", ErrName, name)
	}
	_, known = b.find(hash)
	return hash, known, nil
}

func (b *Batch) item(hash method.Hash, from int) {
	b.items = append(b.items, batched{hash, from, len(b.content)})
	b.open++
}

// Claimed is how many were claimed since the last Check. Two take it as long as one.
func (b *Batch) Claimed() int { return b.open }

// Check compares what was claimed with its names, and then shows it, in order; its content is valid
// until something is added. Where one is not what it is called the batch is of no use any more, and
// the error is an [ErrName].
func (b *Batch) Check(show func(name method.Blob, content []byte)) error {
	items := b.items[len(b.items)-b.open:]
	b.open = 0
	wrong, err := misnamed(len(items), func(i int) (claim, error) {
		return claim{items[i].hash, b.content[items[i].from:items[i].to]}, nil
	})
	if len(wrong) > 0 {
		err = fmt.Errorf("%w: %s", ErrName, wrong[0].Blob())
	}
	if err != nil {
		return err
	}
	for _, x := range items {
		show(x.hash.Blob(), b.content[x.from:x.to:x.to])
	}
	return nil
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

// PutAll stores all blobs of a batch. What is known already is not written twice. Nobody else
// waits while the bytes are written: the blobs are there for all once they are named.
func (s *Store) PutAll(b *Batch) error {
	for rest := b.items; ; {
		r, more, err := s.reserve(rest)
		if err != nil || len(r.items) == 0 {
			return err
		}
		last := r.items[len(r.items)-1]
		err = write(r.file, b.content[r.items[0].from:last.to], r.at)
		taken, err := s.enter(r, err)
		if err != nil {
			return err
		}
		if taken {
			rest = more
		}
	}
}

// run is blobs of a batch that lie together, and the place reserved for them.
type run struct {
	items []batched
	seg   *segment
	file  *os.File // its data
	at    int64
	named int // blobs that the store had ever named
}

// reserve finds a place for the first blobs that are not known, as many as lie together and
// fit; no items: all are known.
func (s *Store) reserve(all []batched) (r run, rest []batched, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(all) > 0 && s.again(all[0].hash) {
		all = all[1:]
	}
	if len(all) == 0 {
		return r, nil, nil
	}
	size := func(n int) int64 { return int64(all[n].to - all[0].from) }
	seg, err := s.room(s.generation, size(0))
	if err != nil {
		return r, nil, err
	}
	n := 1
	for n < len(all) && seg.fits(size(n)) {
		if _, known := s.atlas.look(all[n].hash); known {
			break
		}
		n++
	}
	return run{items: all[:n], seg: seg, file: seg.data, at: seg.reserve(size(n - 1)), named: s.named}, all[n:], nil
}

// again notes that a blob is put once more, if it is known.
func (s *Store) again(b method.Hash) bool {
	i, known := s.atlas.look(b)
	if known {
		s.atlas.of(s.atlas.table[i]).put = uint32(s.generation)
	}
	return known
}

// enter names blobs that were written, or failed to be. They are not taken where their
// segment went meanwhile: then they want another place.
func (s *Store) enter(r run, failed error) (taken bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() { err = errors.Join(err, r.seg.letGo()) }()
	switch {
	case failed != nil:
		return false, failed
	case s.closed:
		return false, fmt.Errorf("blob: %s is closed", s.dir)
	case r.seg.lost:
		return false, nil
	}
	fresh := r.items
	if s.named != r.named { // somebody may have put some of them meanwhile
		fresh = slices.DeleteFunc(slices.Clone(fresh), func(x batched) bool { return s.again(x.hash) })
	}
	at := r.at - int64(r.items[0].from)
	s.named += len(fresh)
	for _, x := range fresh {
		s.atlas.put(r.seg, r.seg.knows(x.hash, at+int64(x.from), int64(x.to-x.from), s.generation))
	}
	return true, nil
}
