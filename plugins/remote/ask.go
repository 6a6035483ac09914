package remote

import (
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"google.golang.org/protobuf/proto"

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
	a := &asker{stream: stream, reader: reader, room: room, listed: room.listed[:0], batches: map[uint32][]*methodpb.Reports{}, places: map[method.Blob]blob.Handle{}}
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

// answer is the host's answer to the last question; what was said before it is answered first,
// and batches are put aside. A failure is an error that leaves the conversation whole.
func (a *asker) answer() (*methodpb.FromHost, error) {
	for len(a.pending) > 0 {
		if err := a.receive(); err != nil {
			return nil, err
		}
	}
	f, err := a.recv()
	if err != nil {
		return nil, err
	}
	var m methodpb.FromHost
	if err := proto.Unmarshal([]byte(f), &m); err != nil {
		return nil, a.fail(err)
	}
	if f := m.GetFailure(); f != nil {
		return nil, errors.New(f.GetText())
	}
	return &m, nil
}

// receive takes what has been pending longest. A failure ends the call: the host
// cannot read its own reports, or cannot keep a blob.
func (a *asker) receive() error {
	f, err := a.recv()
	if err != nil {
		return err
	}
	number := a.pending[0].pass
	switch {
	case a.pending[0].sequel:
		a.sequel, a.told, a.pending = f, true, a.pending[1:]
		return nil
	case number == 0:
		return a.stored(f)
	}
	b, is, err := methodpb.UnmarshalBatch(string(f), a.room.take())
	if err != nil || !is || b.Pass != number {
		return a.fail(noBatch(f, err))
	}
	a.pending = a.pending[1:]
	if _, wanted := a.batches[number]; wanted {
		a.batches[number] = append(a.batches[number], &b)
	}
	return nil
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

// noBatch is why a message is not the batch that was asked for.
func noBatch(f text, err error) error {
	var m *methodpb.FromHost
	if err == nil {
		m, err = said(f)
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("remote: the host answered Next with %T", m.GetKind())
}

// said is what the host says in a message; a failure is an error.
func said(f text) (*methodpb.FromHost, error) {
	m := &methodpb.FromHost{}
	if err := proto.Unmarshal([]byte(f), m); err != nil {
		return nil, err
	}
	if m.GetFailure() != nil {
		return nil, errors.New(m.GetFailure().GetText())
	}
	return m, nil
}

func (a *asker) send(m *methodpb.FromPlugin) error {
	if a.broken != nil {
		return a.broken
	}
	if err := a.stream.Send(m); err != nil {
		return a.fail(err)
	}
	return nil
}

func (a *asker) recv() (f text, err error) {
	if a.broken != nil {
		return "", a.broken
	}
	if err := a.stream.RecvMsg(&f); err != nil {
		return "", a.fail(err)
	}
	return f, nil
}

func (a *asker) fail(err error) error {
	a.broken = err
	return err
}
