package mesh

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/nats-io/nats.go"
)

// Message is what a listener hears. Data is the listener's own.
type Message struct {
	Subject string
	Reply   string // where an answer is awaited; "": nowhere
	Data    []byte
}

// Conn is one party's line to the server. It is safe for concurrent use.
type Conn struct {
	nats   *nats.Conn
	copies Copies
	sent   atomic.Uint64
	closed chan struct{}
}

// Copies says how often a message on a subject arrives: 1 for a mesh in good order, 0 for
// one that was lost, 2 for one that came twice. It is how faults are put into the mesh.
type Copies func(subject string) int

// Connect opens a line. copies may be nil: every message arrives once.
func (s *Server) Connect(copies Copies) (*Conn, error) {
	c := &Conn{copies: copies, closed: make(chan struct{})}
	if copies == nil {
		c.copies = func(string) int { return 1 }
	}
	var err error
	c.nats, err = nats.Connect("", nats.InProcessServer(s.nats), nats.Token(s.token), nats.MaxReconnects(-1),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}), // what is lost is asked for again
		nats.ClosedHandler(func(*nats.Conn) { close(c.closed) }))
	if err != nil {
		return nil, fmt.Errorf("mesh: a connection to the embedded server: %w", err)
	}
	return c, nil
}

// Send sends data to all who listen on the subject; reply, which may be "", is where they
// answer. No error means that it is on its way, never that it arrived. Data above
// [PartBytes] travel in parts.
func (c *Conn) Send(subject, reply string, data []byte) error {
	for range c.copies(subject) {
		for _, m := range split(c.sent.Add(1), data) {
			m.Subject, m.Reply = subject, reply
			if err := c.nats.PublishMsg(m); err != nil {
				return fmt.Errorf("mesh: %s: %w", subject, err)
			}
		}
	}
	return nil
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
		err = sub.SetPendingLimits(-1, pendingBytes)
	}
	if err == nil {
		err = c.nats.Flush() // who is asked before the server knows of him hears nothing
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

// Ask sends data and waits for the first answer, or for the end of ctx.
func (c *Conn) Ask(ctx context.Context, subject string, data []byte) ([]byte, error) {
	m, err := c.nats.RequestWithContext(ctx, subject, data)
	if errors.Is(err, nats.ErrNoResponders) {
		err = ErrNobody
	}
	if err != nil {
		return nil, fmt.Errorf("mesh: %s: %w", subject, err)
	}
	return m.Data, nil
}

// Close ends the line. Nothing is heard after it returns.
func (c *Conn) Close() {
	c.nats.Close()
	<-c.closed
}
