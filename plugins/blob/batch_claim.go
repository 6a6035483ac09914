package blob

import (
	"fmt"
	"os"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
)

// MaxBytes bounds a blob that somebody else brings: a file may say that it has any size, and have none.
const MaxBytes = 4 << 30

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

// Lying is a blob and where somebody says that it lies.
type Lying struct {
	Blob method.Blob
	At   Handle
}

// ClaimAt is Claim of bytes that lie in a file, where WriteAt of another batch put them: of the first
// of all, and of those that follow and lie right behind it, until they are more than enough bytes. It
// says how many blobs that are. Who looks at each once is better off so than with a view, whose pages
// the system has to find; and one read of many takes it hardly longer than one of 4 KB.
func (b *Batch) ClaimAt(f *os.File, all []Lying, enough int64) (n int, err error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	first, end := all[0].At.Offset, int64(0)
	for n < len(all) && (n == 0 || first == up(first) && all[n].At.Offset == up(end) && end-first <= enough) {
		at := all[n].At
		if at.Length > MaxBytes {
			return 0, fmt.Errorf("blob: one of %d bytes; at most %d are taken", at.Length, int64(MaxBytes))
		}
		if at.Offset < 0 || at.Length < 0 || at.Length > info.Size() || at.Offset > info.Size()-at.Length {
			return 0, fmt.Errorf("blob: %s has %d bytes; %d at %d are asked for", at.Segment, info.Size(), at.Length, at.Offset)
		}
		end = at.Offset + at.Length
		n++
	}
	had, was, from := len(b.content), len(b.items), b.begin()
	b.content = slices.Grow(b.content, int(end-first))[:from+int(end-first)]
	if _, err = f.ReadAt(b.content[from:], first); err == nil {
		err = b.lie(all[:n], from)
	}
	if err != nil {
		b.open -= len(b.items) - was
		b.items = b.items[:was]
	}
	if len(b.items) == was { // or all of it is there already
		b.content = b.content[:had]
	}
	return n, err
}

// lie adds blobs that were read together to offset from. What was read between them is nobody's.
func (b *Batch) lie(all []Lying, from int) error {
	end := from
	for _, x := range all {
		hash, known, err := b.called(x.Blob)
		if err != nil {
			return err
		}
		at := from + int(x.At.Offset-all[0].At.Offset)
		clear(b.content[end:at])
		end = at + int(x.At.Length)
		if !known {
			b.items = append(b.items, batched{hash, at, end})
			b.open++
		}
	}
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
