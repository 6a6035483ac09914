package remote

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/loramesh/loramesh/plugins/methodpb"
)

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
