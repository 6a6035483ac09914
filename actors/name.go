package actors

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/loramesh/loramesh/actors/mesh"
)

// hereName is what the worker of a run's own process is called.
const hereName = "here"

// ErrName is wrapped by the error of a worker that cannot be called as it is.
var ErrName = errors.New("the worker's name")

// claimName sees that no other worker at the broker has this one's name: they would take each
// other's leases back, and each would be asked for what the other has made. Whoever has a name
// answers for it. Two that begin at once both find it free; so each then tells its id, and the
// one with the smaller ends, as does one that was stopped for so long that it did not answer,
// or the one that took its place.
func (h *hand) claimName(ctx context.Context, end context.CancelCauseFunc) error {
	subject := mesh.Hand(h.options.Name)
	taken := fmt.Errorf("%w: another worker at %s is called %q: give each a --name of its own, or none, and one is made up", ErrName, h.options.Broker.URL, h.options.Name)
	within, cancel := context.WithTimeout(ctx, h.options.pace.answer)
	defer cancel()
	if _, err := h.conn.Ask(within, subject, nil); err == nil {
		return taken
	}
	tell := func() error { return h.conn.Send(subject, "", []byte(h.id)) }
	heed(h.conn, "hand "+h.options.Name, h.options.Log, func() { _ = tell() }) // a closed line has ended the worker
	err := h.conn.Listen(subject, func(m mesh.Message) {
		switch other := string(m.Data); {
		case m.Reply != "":
			h.conn.Answer(m.Reply, nil)
		case !isID(other): // nobody's
		case other > h.id:
			end(taken)
		case other < h.id:
			_ = tell() // a closed line has ended the worker
		}
	})
	return errors.Join(err, tell())
}

// isID says whether a text has the form of a worker's id, as [rand.Text] makes it.
func isID(text string) bool {
	return len(text) == 26 && strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}

// lookout tells who waits for the broker that it is away, and when it is back.
func (h *hand) lookout(ctx context.Context) {
	patience := Patience{Tell: h.options.pace.lost, Log: h.options.Log.With("broker", h.options.Broker.URL)}
	look := time.NewTicker(h.options.pace.tick)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
			_ = patience.Look(h.conn.Away()) // it never ends
		}
	}
}
