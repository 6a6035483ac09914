package remote

import (
	"errors"
	"fmt"

	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/methodpb"
)

// handles is a store that says where its blobs lie: a [*blob.Store].
type handles interface {
	Handle(method.Blob) (blob.Handle, error)
}

// raw is a store that has the bytes of its blobs.
type raw interface {
	Bytes(method.Blob) ([]byte, error)
}

// open says where a blob lies, or sends it in chunks.
func (h *host) open(b method.Blob, send sender) error {
	if h.blobs == nil {
		return h.failure(send, errors.New("this call has no blobs"), false)
	}
	if h.share {
		at, err := h.blobs.(handles).Handle(b)
		if err != nil {
			return h.failure(send, err, !errors.Is(err, blob.ErrUnknown))
		}
		return send(opened(&methodpb.Opened{Last: true, Kind: &methodpb.Opened_Segment{
			Segment: &methodpb.Segment{Path: at.Segment, Offset: at.Offset, Length: at.Length}}}))
	}
	content, err := h.content(b)
	if err != nil {
		return h.failure(send, err, h.has(b))
	}
	for {
		n := min(len(content), maxChunkBytes)
		o := &methodpb.Opened{Kind: &methodpb.Opened_Chunk{Chunk: content[:n]}, Last: n == len(content)}
		if err := send(opened(o)); err != nil || o.Last {
			return err
		}
		content = content[n:]
	}
}

func opened(o *methodpb.Opened) *methodpb.FromHost {
	return &methodpb.FromHost{Kind: &methodpb.FromHost_Opened{Opened: o}}
}

func (h *host) content(b method.Blob) ([]byte, error) {
	if s, ok := h.blobs.(raw); ok {
		return s.Bytes(b)
	}
	t, err := h.blobs.Open(b)
	if err != nil {
		return nil, err
	}
	return safetensors.EncodeTensors(t)
}

// store keeps what the plugin puts, chunk by chunk.
func (h *host) store(put *methodpb.Put, send sender) error {
	if h.blobs == nil {
		return nonsense("it put a blob where none can be kept")
	}
	if len(h.rest)+len(put.GetChunk()) > maxBlobBytes {
		return nonsense(fmt.Sprintf("it put a blob of more than %d bytes", maxBlobBytes))
	}
	h.rest = append(h.rest, put.GetChunk()...)
	if !put.GetLast() {
		return nil
	}
	content := h.rest
	h.rest = nil
	t, err := safetensors.DecodeTensors(content)
	if err != nil {
		return nonsense(fmt.Sprintf("it put a blob that is no tensors: %v", err))
	}
	b, err := h.keep(content, t)
	if err != nil {
		return h.failure(send, err, true)
	}
	h.put[b] = true
	return send(&methodpb.FromHost{Kind: &methodpb.FromHost_Stored{Stored: &methodpb.Stored{Blob: string(b)}}})
}

func (h *host) keep(content []byte, t method.Tensors) (method.Blob, error) {
	if s, ok := h.blobs.(interface {
		PutBytes([]byte) (method.Blob, error)
	}); ok {
		return s.PutBytes(content)
	}
	return h.blobs.Put(t)
}
