package mesh

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
)

// Message is what a listener hears. Data is the listener's own.
type Message struct {
	Subject string
	Reply   string // where an answer is awaited; "": nowhere
	Data    []byte
}

// Conn is one party's line to the broker. It is safe for concurrent use. A line that was
// lost is opened again, for ever; what is sent meanwhile is lost, and nothing is kept for later: the
// protocol says again what is still true then.
type Conn struct {
	nats    *nats.Conn
	weather Weather
	pending int // bytes that may wait for a listener; see [pendingBytes]
	sent    atomic.Uint64
	lost    atomic.Uint64             // messages that the line did not take
	away    atomic.Pointer[time.Time] // when the line was lost, by a clock that does not jump; nil: it is there
	broker  atomic.Pointer[string]    // the process at the other end, by the name that it gave itself
	era     atomic.Pointer[era]       // the present one
	hear    atomic.Pointer[func(error)]
	closed  chan struct{}
}

func dial(url, name string, weather Weather, options ...nats.Option) (*Conn, error) {
	c := &Conn{weather: weather, pending: pendingBytes, closed: make(chan struct{})}
	if weather == nil {
		c.weather = Fair
	}
	c.era.Store(newEra())
	options = append([]nats.Option{nats.Name(name), nats.Timeout(dialWithin),
		nats.MaxReconnects(-1), nats.ReconnectWait(100 * time.Millisecond), nats.ReconnectJitter(50*time.Millisecond, 50*time.Millisecond),
		nats.ReconnectBufSize(-1), nats.IgnoreAuthErrorAbort(), nats.PingInterval(5 * time.Second), nats.MaxPingsOutstanding(2),
		nats.ErrorHandler(c.complain),
		nats.DisconnectErrHandler(func(*nats.Conn, error) { c.leave(time.Now()) }), nats.ReconnectHandler(c.back),
		nats.ClosedHandler(func(*nats.Conn) { close(c.closed) })}, options...)
	var err error
	if c.nats, err = nats.Connect(url, options...); err == nil {
		id := c.nats.ConnectedServerId()
		c.broker.CompareAndSwap(nil, &id) // it may have been lost already, and come back
	}
	return c, err
}

// Away is how long the line has been lost; 0 while it is there.
func (c *Conn) Away() time.Duration {
	if at := c.away.Load(); at != nil {
		return time.Since(*at)
	}
	return 0
}

// leave notes when the line was lost.
func (c *Conn) leave(at time.Time) {
	c.away.CompareAndSwap(nil, &at)
	c.era.Load().lose()
}

// Lost is how often the line did not take a message, or could not keep more for a slow listener.
func (c *Conn) Lost() uint64 { return c.lost.Load() }

// Send sends data to all who listen on the subject; reply, which may be "", is where they
// answer. No error means that it is on its way, never that it arrived; the only error is
// that the line was closed for good. Data above [PartBytes] travel in parts.
func (c *Conn) Send(subject, reply string, data []byte) error {
	for _, late := range c.weather(subject) {
		if late > 0 {
			time.AfterFunc(late, func() { _ = c.send(subject, reply, data) }) // a closed line loses it
			continue
		}
		if err := c.send(subject, reply, data); err != nil {
			return err
		}
	}
	return nil
}

func (c *Conn) send(subject, reply string, data []byte) error {
	for _, m := range split(c.sent.Add(1), data) {
		m.Subject, m.Reply = subject, reply
		err := c.nats.PublishMsg(m)
		if errors.Is(err, nats.ErrConnectionClosed) {
			return fmt.Errorf("mesh: %s: %w", subject, err)
		}
		if err != nil {
			c.lost.Add(1)
		}
	}
	return nil
}

// Answer answers a request in one message of the broker, which bounds its size.
func (c *Conn) Answer(reply string, data []byte) {
	if err := c.nats.Publish(reply, data); err != nil {
		c.lost.Add(1) // it is asked again
	}
}

// Listen calls hear with every message on the subject, one at a time, from the moment it
// returns until the connection closes. hear must be quick: what waits for it is bounded.
func (c *Conn) Listen(subject string, hear func(Message)) error {
	var parts joiner
	sub, err := c.nats.Subscribe(subject, func(m *nats.Msg) {
		if data, whole := parts.join(m); whole {
			hear(Message{Subject: m.Subject, Reply: m.Reply, Data: data})
		}
	})
	if err == nil {
		err = sub.SetPendingLimits(-1, c.pending)
	}
	if err == nil {
		err = c.allowed() // and who is asked before the server knows of him hears nothing
	}
	if err != nil {
		return fmt.Errorf("mesh: listening on %s: %w", subject, err)
	}
	return nil
}

// pendingBytes is how much may wait for a listener before more is lost.
const pendingBytes = 256 << 20

// ErrNobody is returned, under errors.Is, by an Ask that nobody listens to.
var ErrNobody = errors.New("nobody listens")

// Ask sends data and waits for the first answer, or for the end of ctx. When a line that was lost is
// open again, what was asked is asked again.
func (c *Conn) Ask(ctx context.Context, subject string, data []byte) ([]byte, error) {
	for {
		e := c.era.Load()
		answer, err := c.request(ctx, e, subject, data)
		if errors.Is(err, ErrLost) {
			if err = c.wait(ctx, e); err == nil {
				continue
			}
		}
		if errors.Is(err, nats.ErrNoResponders) {
			err = ErrNobody
		}
		if err != nil {
			return nil, fmt.Errorf("mesh: %s: %w", subject, cmp.Or(c.forbidden(), err))
		}
		return answer, nil
	}
}

// Gather sends a request to all who listen, and returns what they answered until ctx ends. If the
// line is lost meanwhile, it returns [ErrLost] when that is back, or ctx ends: who looks now and then
// looks again.
func (c *Conn) Gather(ctx context.Context, subject string, data []byte) ([][]byte, error) {
	e := c.era.Load()
	answers, err := c.gather(ctx, e, subject, data)
	if errors.Is(err, ErrLost) {
		_ = c.wait(ctx, e) // whatever came of it, the look was in vain
	} else if err != nil {
		err = fmt.Errorf("mesh: %s: %w", subject, err)
	}
	return answers, err
}

func (c *Conn) gather(ctx context.Context, e *era, subject string, data []byte) (answers [][]byte, err error) {
	ctx, stop := e.until(ctx)
	defer stop()
	inbox := c.nats.NewRespInbox()
	sub, err := c.nats.SubscribeSync(inbox)
	if err != nil {
		return nil, err
	}
	defer func() { _ = sub.Unsubscribe() }() // the line may be gone, and the subscription with it
	if err := c.nats.PublishRequest(subject, inbox, data); err != nil {
		return nil, e.explain(err)
	}
	for {
		m, err := sub.NextMsgWithContext(ctx)
		switch {
		case errors.Is(context.Cause(ctx), ErrLost):
			return nil, ErrLost
		case err != nil || m.Header.Get("Status") == "503": // over, or nobody listens
			return answers, c.forbidden()
		}
		answers = append(answers, m.Data)
	}
}

// Close ends the line. Nothing is heard after it returns.
func (c *Conn) Close() {
	c.nats.Close()
	<-c.closed
}
