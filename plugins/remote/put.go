package remote

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/methodpb"
)

// Blobs up to so many bytes are named here: that takes less time than a question. A host that
// cannot keep one fails the call, whatever the method answers. For larger ones the host's word is
// awaited, and so is that on so many small ones.
const (
	namedBytes = 256 << 10
	maxPuts    = 16
)

// Put sends tensors and says their name.
func (a *asker) Put(t method.Tensors) (method.Blob, error) {
	content, err := safetensors.EncodeTensors(t)
	if err != nil {
		return "", err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	small := len(content) <= namedBytes
	for len(a.pending) > 0 && !(small && a.puts < maxPuts) { // else both sides could wait for the other to read
		if err := a.receive(); err != nil {
			return "", err
		}
	}
	for last := false; !last; {
		n := min(len(content), maxChunkBytes)
		last = n == len(content)
		put := &methodpb.Put{Chunk: content[:n], Last: last}
		if err := a.send(&methodpb.FromPlugin{Kind: &methodpb.FromPlugin_Put{Put: put}}); err != nil {
			return "", err
		}
		if small {
			b := blob.Name(content)
			a.puts++
			a.pending = append(a.pending, pending{put: b})
			return b, nil
		}
		content = content[n:]
	}
	m, err := a.answer()
	if err != nil {
		return "", err
	}
	if m.GetStored() == nil {
		return "", a.fail(fmt.Errorf("remote: the host answered Put with %T", m.GetKind()))
	}
	return method.Blob(m.GetStored().GetBlob()), nil
}

// stored takes the answer to the oldest Put.
func (a *asker) stored(f text) error {
	m, err := said(f)
	if name := a.pending[0].put; err == nil && m.GetStored().GetBlob() != string(name) {
		err = fmt.Errorf("remote: the host answered Put of %s with %T %q", name, m.GetKind(), m.GetStored().GetBlob())
	}
	if err != nil {
		return a.fail(err)
	}
	a.pending = a.pending[1:]
	a.puts--
	return nil
}
