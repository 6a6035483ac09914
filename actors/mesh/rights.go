package mesh

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go"
)

// MayTalk sees that the broker lets whoever opened the line do what runs, workers and visitors
// do there: hear and say things under "sim.", and be answered. A broker that forbids it says so
// when it has lost what was said, and takes nothing amiss; without this look everybody would
// wait for ever. The error names the rights that are missed.
func (c *Conn) MayTalk() error {
	subject := "sim.try." + strings.ToLower(rand.Text()[:8])
	for _, hears := range []string{subject, c.nats.NewRespInbox()} {
		sub, err := c.nats.SubscribeSync(hears)
		if err != nil {
			return fmt.Errorf("mesh: %s: %w", hears, err)
		}
		defer func() { _ = sub.Unsubscribe() }() // the line may be gone, and the subscription with it
	}
	if err := c.nats.Publish(subject, nil); err != nil {
		return fmt.Errorf("mesh: %s: %w", subject, err)
	}
	if err := c.flush(c.era.Load()); err != nil {
		return fmt.Errorf("%w: %s went away (%w)", ErrBroker, c.nats.ConnectedUrlRedacted(), err)
	}
	return c.forbidden()
}

// allowed sees that nothing that was done on the line until now is forbidden, and that the broker
// knows of it. A line that is lost meanwhile tells the broker when it is open again, before anything
// else; the others see who may talk.
func (c *Conn) allowed() error {
	for e := c.era.Load(); ; {
		err := c.flush(e) // what is forbidden was said before its answer
		switch {
		case err == nil:
			return c.forbidden()
		case c.nats.IsClosed():
			return fmt.Errorf("%w: %s went away (%w)", ErrBroker, c.nats.ConnectedUrlRedacted(), err)
		case c.nats.IsReconnecting() || e.lost.Err() != nil:
			return nil
		}
	}
}

// flush has the broker answer to all that was said; its end is that of the line, too.
func (c *Conn) flush(e *era) error {
	ctx, stop := e.until(context.Background())
	defer stop()
	within, cancel := context.WithTimeout(ctx, dialWithin)
	defer cancel()
	return c.nats.FlushWithContext(within)
}

// forbidden is the error of a line on which something is known to have been forbidden.
func (c *Conn) forbidden() error {
	err := c.nats.LastError()
	if !errors.Is(err, nats.ErrPermissionViolation) {
		return nil
	}
	return fmt.Errorf("%w: %s does not allow what is needed (%w): its user must have the right to publish and to subscribe to sim.>, _INBOX.> and $SRV.>", ErrAddress, c.nats.ConnectedUrlRedacted(), err)
}

// carries sees that the broker takes messages as large as the embedded one does.
func (c *Conn) carries() error {
	if n := c.nats.MaxPayload(); n < maxPayload {
		return fmt.Errorf("%w: %s takes messages of %d bytes at most (max_payload), and runs need %d, which is what nats-server takes unless it is told otherwise", ErrAddress, c.nats.ConnectedUrlRedacted(), n, maxPayload)
	}
	return nil
}
