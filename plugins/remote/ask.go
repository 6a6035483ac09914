package remote

import (
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/methodpb"
)

// asker is what a method in a plugin's process sees of the host: its [method.Blobs], and
// behind [reports] its reports. Answers come in the order of the questions, so it knows
// which question each belongs to without a number on it.
type asker struct {
	stream methodpb.Methods_CallServer
	reader *blob.Reader // of the stream: its views outlive the call
	room   *room        // of the stream

	mu      sync.Mutex
	decoder safetensors.Decoder
	pending []pending                      // what was said and is not answered yet
	batches map[uint32][]*methodpb.Reports // fetched, by pass
	passes  uint32
	listed  []placed                    // that came with batches, in order
	next    int                         // of those: the ones before it were opened
	places  map[method.Blob]blob.Handle // all others
	sequel  text                        // the plan that follows
	told    bool                        // it has come
	late    func()                      // before the first file is looked at, whose place may be told long after the call began; nil: not needed
	puts    int                         // that are pending
	broken  error                       // once the stream has failed, everything fails
}

// pending is what the host will say: the answer to a Next or to a Put, or the plan that follows.
type pending struct {
	pass   uint32      // 0: it is no batch
	put    method.Blob // what it is to be called; "": it is no Put
	sequel bool
}

// newAsker is for one call. In one of a fold the first batch comes unasked, and so may the plan that
// follows.
func newAsker(stream methodpb.Methods_CallServer, reader *blob.Reader, room *room, begin *methodpb.Begin) *asker {
	a := &asker{
		stream: stream, reader: reader, room: room, listed: room.listed[:0],
		batches: map[uint32][]*methodpb.Reports{}, places: map[method.Blob]blob.Handle{},
	}
	if begin.GetFold() != nil {
		a.pending, a.batches[firstPass] = []pending{{pass: firstPass}}, nil
		if begin.GetSequel() {
			a.pending = append(a.pending, pending{sequel: true})
		}
	}
	return a
}

// after is an asker for the plan that follows, of whom some is pending that the fold asked.
func (a *asker) after(left []pending) *asker {
	next := newAsker(a.stream, a.reader, a.room, nil)
	for _, p := range left {
		if next.pending = append(next.pending, p); p.put != "" {
			next.puts++
		}
	}
	return next
}

// whole says whether nothing has failed so far.
func (a *asker) whole() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.broken == nil
}

// errOver is what whoever still asks after a call is told.
var errOver = errors.New("remote: the call is over")

// end is when the method has answered. It says what is not read yet.
func (a *asker) end() (left []pending) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.broken == nil {
		left, a.broken = a.pending, errOver
	}
	a.room.keep(a.listed) // the next call's from here on
	a.listed, a.next = nil, 0
	return left
}

// Open maps a blob where it lies, asking where if that did not come with the reports, or
// receives it.
func (a *asker) Open(b method.Blob) (method.Tensors, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	content, err := a.content(b)
	if err != nil {
		return method.Tensors{}, err
	}
	t, err := a.decoder.Decode(content)
	if err != nil {
		return t, fmt.Errorf("blob %s: %w", b, err)
	}
	return t, nil
}

// content is a blob that the host has. Where it lies may change while a checkpoint is kept: then
// the host is asked once more.
func (a *asker) content(b method.Blob) ([]byte, error) {
	if a.broken != nil {
		return nil, a.broken
	}
	content, err := a.look(b)
	if errors.Is(err, fs.ErrNotExist) {
		return a.request(b)
	}
	return content, err
}

func (a *asker) look(b method.Blob) ([]byte, error) {
	if at, known := a.place(b); known {
		return a.reader.Bytes(at)
	}
	return a.request(b)
}

// request asks the host where a blob lies, or for its bytes.
func (a *asker) request(b method.Blob) ([]byte, error) {
	if err := a.send(&methodpb.FromPlugin{Kind: &methodpb.FromPlugin_Open{Open: &methodpb.Open{Blob: string(b)}}}); err != nil {
		return nil, err
	}
	var chunks []byte
	for {
		m, err := a.answer()
		if err != nil {
			return nil, err
		}
		o := m.GetOpened()
		switch kind := o.GetKind().(type) {
		case *methodpb.Opened_Segment:
			if a.late != nil {
				a.late()
				a.late = nil
			}
			s := kind.Segment
			return a.reader.Bytes(blob.Handle{Segment: s.GetPath(), Offset: s.GetOffset(), Length: s.GetLength()})
		case *methodpb.Opened_Chunk:
			chunks = append(chunks, kind.Chunk...)
			if o.GetLast() {
				return chunks, nil
			}
		default:
			return nil, a.fail(fmt.Errorf("remote: the host answered Open with %T", m.GetKind()))
		}
	}
}
