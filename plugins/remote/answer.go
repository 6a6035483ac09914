package remote

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/methodpb"
)

// host answers the questions of a plugin during one call.
type host struct {
	blobs   method.Blobs
	reports method.Reports
	put     map[method.Blob]bool // by the plugin, in this call
	failed  error                // of the host itself, not of the plugin

	sequel func() (frame, error) // the plan that follows; nil: not known
	tells  bool                  // the plugin of it
	begun  *line                 // by which the call is on its way already; nil: none
	left   *line                 // by which the plan that follows is on its way
	by     *process              // that was asked last

	share  bool             // handles instead of bytes
	passes map[uint32]*pass // over the reports
	rest   []byte           // of a Put, so far
}

func newHost(blobs method.Blobs, reports method.Reports) *host {
	return &host{blobs: blobs, reports: reports, put: map[method.Blob]bool{}}
}

// begin is before each attempt, end after it.
func (h *host) begin(proc *process, inline bool) {
	_, can := h.blobs.(handles)
	h.share, h.passes, h.rest, h.failed = proc.maps && !inline && can, map[uint32]*pass{}, nil, nil
	h.tells, h.by = h.sequel != nil && proc.sequels, proc
}

func (h *host) end() {
	for _, p := range h.passes {
		p.end()
	}
}

// has says whether the plugin may name the blob in its answer.
func (h *host) has(b method.Blob) bool {
	if h.put[b] {
		return true
	}
	switch s := h.blobs.(type) {
	case nil:
		return false
	case interface{ Has(method.Blob) bool }:
		return s.Has(b)
	default:
		_, err := s.Open(b)
		return err == nil
	}
}

// nonsense is an error that only a faulty plugin can cause.
type nonsense string

func (n nonsense) Error() string { return string(n) }

// converse sends the request, unless it is on its way, and answers until Done.
func (h *host) converse(ctx context.Context, proc *process, begin frame) (*methodpb.Done, error) {
	l, stop, err := proc.line(ctx, h.begun)
	if err != nil {
		return nil, err
	}
	done, err := h.exchange(l, begin)
	// A plugin that was told of a failure of the host reads no further.
	switch good := stop() && err == nil && h.failed == nil; {
	case good && done.GetSequel():
		h.left = l
	case good:
		proc.keep(l)
	default:
		l.hangUp()
	}
	return done, err
}

func (h *host) exchange(l *line, begin frame) (*methodpb.Done, error) {
	send := func(m any) error { // a *methodpb.FromHost, or one as a frame
		err := l.SendMsg(m)
		if errors.Is(err, io.EOF) { // the plugin ended the stream: Recv knows why
			_, err = l.Recv()
		}
		return err
	}
	if h.begun == nil {
		if err := send(begin); err != nil {
			return nil, err
		}
	}
	if h.reports != nil { // most folds look at all of them: the first batch need not be asked for
		h.pass(firstPass, maxBatch)
		if err := h.next(firstPass, l, send); err != nil {
			return nil, err
		}
	}
	if h.tells { // behind what the plugin can begin with
		f, err := h.sequel()
		if err != nil {
			return nil, err
		}
		if err := send(f); err != nil {
			return nil, err
		}
	}
	for {
		m, err := l.Recv()
		if err != nil {
			return nil, err
		}
		switch ask := m.GetKind().(type) {
		case *methodpb.FromPlugin_Next:
			err = h.next(ask.Next.GetPass(), l, send)
		case *methodpb.FromPlugin_Stop:
			h.stop(ask.Stop.GetPass())
		case *methodpb.FromPlugin_Open:
			err = h.open(method.Blob(ask.Open.GetBlob()), send)
		case *methodpb.FromPlugin_Put:
			err = h.store(ask.Put, send)
		case *methodpb.FromPlugin_Done:
			if ask.Done.GetSequel() && !h.tells {
				return nil, nonsense("it thinks about a plan that it was not told of")
			}
			return ask.Done, nil
		default:
			err = nonsense("it sent a message without a kind")
		}
		if err != nil {
			return nil, err
		}
	}
}

type sender func(any) error

// failure answers a question that the host could not. What the plugin is to blame for is
// told apart by whether err is the host's own.
func (h *host) failure(send sender, err error, own bool) error {
	if own && h.failed == nil {
		h.failed = err
	}
	return send(&methodpb.FromHost{Kind: &methodpb.FromHost_Failure{Failure: &methodpb.Failure{Text: clean(err.Error())}}})
}

// next sends the next batch of a pass.
func (h *host) next(number uint32, l *line, send sender) error {
	if h.reports == nil {
		return nonsense("it asked for reports where there are none")
	}
	p := h.pass(number, firstBatch)
	batch := methodpb.Reports{Pass: number, List: slices.Grow(l.room[:0], min(p.size, h.reports.Len()))}
	for r, err := range p.some(h.reports) {
		if err != nil {
			return h.failure(send, err, true)
		}
		batch.List = append(batch.List, r)
	}
	batch.Last, p.size = p.over, min(2*p.size, maxBatch)
	if h.share {
		h.place(&batch)
	}
	wire := methodpb.MarshalBatch(batch)
	clear(batch.List)
	l.room = batch.List
	return send(frame(wire))
}

// pass is the pass of a number; one that is new begins with a batch of so many.
func (h *host) pass(number uint32, size int) *pass {
	p := h.passes[number]
	if p == nil {
		p = &pass{size: size}
		h.passes[number] = p
	}
	return p
}

func (h *host) stop(number uint32) {
	if p := h.passes[number]; p != nil {
		p.end()
	}
}
