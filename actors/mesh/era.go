package mesh

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
)

// era is the life of a line from the moment it is open until it is open again after it was lost.
type era struct {
	lost context.Context // ends when the line is lost
	lose func()
	back chan struct{} // closed when it is open again
}

func newEra() *era {
	e := &era{back: make(chan struct{})}
	e.lost, e.lose = context.WithCancel(context.Background())
	return e
}

// until is ctx, ended before its time, by [ErrLost], if the line is lost.
func (e *era) until(ctx context.Context) (context.Context, func()) {
	ctx, end := context.WithCancelCause(ctx)
	deaf := context.AfterFunc(e.lost, func() { end(ErrLost) })
	return ctx, func() { deaf(); end(nil) }
}

// ErrLost is an ErrBroker of a line that was lost, with what was asked by it: it is opened again, and
// whoever asks anew then is answered.
var ErrLost = fmt.Errorf("%w: the line to it is lost, and is being opened again", ErrBroker)

// wait waits until a line that was lost is open again.
func (c *Conn) wait(ctx context.Context, e *era) error {
	select {
	case <-e.back:
		return nil
	case <-c.closed:
		return nats.ErrConnectionClosed
	case <-ctx.Done():
		return ErrLost
	}
}

// explain is an error of something that was said while the line was there, or was not: while it is
// lost the library takes nothing, and says that it is out of the memory for what waits, as we gave
// it none.
func (e *era) explain(err error) error {
	if errors.Is(err, nats.ErrReconnectBufExceeded) || err != nil && e.lost.Err() != nil {
		return ErrLost
	}
	return err
}

// request is a question that ends with [ErrLost] when the line is lost: no answer would come any more.
func (c *Conn) request(ctx context.Context, e *era, subject string, data []byte) ([]byte, error) {
	ctx, stop := e.until(ctx)
	defer stop()
	m, err := c.nats.RequestWithContext(ctx, subject, data)
	if err != nil {
		return nil, e.explain(err)
	}
	return m.Data, nil
}
