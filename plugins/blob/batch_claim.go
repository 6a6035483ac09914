package blob

import (
	"fmt"
	"os"
	"slices"

	"github.com/loramesh/loramesh/plugins/blob/wide"
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

// Claimed is how many were claimed since the last Check, of which [CheckAtOnce] take it least.
func (b *Batch) Claimed() int { return b.open }

// CheckAtOnce is how many contents are hashed at a time at most.
const CheckAtOnce = wide.Most

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
