package mesh

import (
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
)

// Tell has hear told from now on, in a goroutine of the line's own, of whatever befalls the line:
// that it was broken off and is open again, that messages were dropped since a listener of this
// end takes its time, that the broker refuses something. All of it costs time and nothing else,
// as what was lost is asked for again; whoever waits should know why. What is told of one cause
// reads the same every time.
func (c *Conn) Tell(hear func(trouble error)) { c.hear.Store(&hear) }

func (c *Conn) tell(trouble error) {
	if hear := c.hear.Load(); hear != nil {
		(*hear)(trouble)
	}
}

// complain takes what the library finds wrong while the line is there.
func (c *Conn) complain(_ *nats.Conn, sub *nats.Subscription, err error) {
	c.lost.Add(1) // it is asked for again
	if errors.Is(err, nats.ErrSlowConsumer) && sub != nil {
		err = fmt.Errorf("this process is a slow consumer: more than %s waited for it on %s, and the rest was dropped", limits(sub), sub.Subject)
	}
	c.tell(fmt.Errorf("mesh: %w", err))
}

// limits says how much may wait for a listener: of those of the library it has others than ours.
func limits(sub *nats.Subscription) string {
	messages, size, err := sub.PendingLimits()
	switch {
	case err != nil: // it was ended meanwhile
		return "its limit"
	case messages <= 0:
		return fmt.Sprintf("%d bytes", size)
	case size <= 0:
		return fmt.Sprintf("%d messages", messages)
	}
	return fmt.Sprintf("%d messages or %d bytes", messages, size)
}

// Again says whether a trouble is that the line was lost, and is open again: what was sent to it
// meanwhile was not heard.
func Again(trouble error) bool { return errors.Is(trouble, errCut) || errors.Is(trouble, errAgain) }

// back takes a line that is open again. A broker does not tell a client that it gives it up as a
// slow consumer: it just goes. But whoever finds the same broker again, and not one that was
// started since, knows that it was this line alone that was cut.
func (c *Conn) back(n *nats.Conn) {
	c.away.Store(nil)
	now := n.ConnectedServerId()
	if now == "" {
		return // it is lost again, and will be back
	}
	close(c.era.Swap(newEra()).back)
	if was := c.broker.Swap(&now); was != nil && *was == now {
		c.tell(errCut)
		return
	}
	c.tell(errAgain)
}

var (
	errCut = errors.New("mesh: the line was cut and is open again, at a broker that was there all the time: it took this process for a slow consumer, " +
		"which its log then says (its write_deadline and max_pending set how slow one may be), or the network failed")
	errAgain = errors.New("mesh: the line was lost with its broker and is open again: it was started again, or another of its cluster took over")
)
