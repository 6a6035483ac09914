package actors

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/loramesh/loramesh/actors/mesh"
)

// Patience is that of somebody who waits for a broker to which the line is lost: a run, a worker,
// whoever looks at them. Once in a while they look for how long it has been away.
type Patience struct {
	Tell time.Duration // it is told when it has been away for so long
	End  time.Duration // and given up after so long; 0: never
	Log  *slog.Logger  // is told, and when it is back, too

	told bool
}

// Look takes how long the broker has been away, which is 0 while it is there. The error is that it is
// given up.
func (p *Patience) Look(away time.Duration) error {
	switch {
	case p.End > 0 && away > p.End:
		return fmt.Errorf("%w for %s", ErrAway, away.Round(time.Second))
	case away > p.Tell && !p.told:
		p.told = true
		text := "the broker is away, and is waited for"
		if p.End > 0 {
			text += fmt.Sprintf(", up to %s", p.End)
		}
		p.Log.Warn(text)
	case away == 0 && p.told:
		p.told = false
		p.Log.Info("the broker is back")
	}
	return nil
}

// waiting is the patience of a run.
func waiting(o Options) Patience { return Patience{Tell: o.pace.lost, End: o.pace.away, Log: o.Log} }

// Visiting is that of who looks at runs from outside, and it is as long.
func Visiting(log *slog.Logger) Patience { return waiting(Options{pace: usualPace, Log: log}) }

// ErrAway is wrapped by the error of who waited too long for the broker.
var ErrAway = errors.New("actors: the broker has been away")

// knocking is the patience of who comes to a broker for the first time: it may just be starting again,
// or its address may be wrong, which is told by whatever the last attempt has met.
func knocking() Patience {
	return Patience{Tell: dialWithin, End: dialWithin}
}

// dialWithin is how long one waits for a broker that does not answer at first.
const dialWithin = 3 * time.Second

// shakeWithin is the same for one that answers, and breaks the handshake off: who stops just now
// does so too, but most of them will go on to.
const shakeWithin = 300 * time.Millisecond

func dialPatiently(ctx context.Context, p Patience, a mesh.Address, name string, w mesh.Weather) (*mesh.Conn, error) {
	return patiently(ctx, p, func() (*mesh.Conn, error) { return mesh.Dial(a, name, w) })
}

// Visit opens a line to a broker, and sees that whoever does so may talk there.
func Visit(a mesh.Address) (*mesh.Conn, error) {
	return visit(context.Background(), a, "visitor", nil)
}

func visit(ctx context.Context, a mesh.Address, name string, w mesh.Weather) (*mesh.Conn, error) {
	return patiently(ctx, knocking(), func() (*mesh.Conn, error) {
		conn, err := mesh.Dial(a, name, w)
		if err != nil {
			return nil, err
		}
		if err := conn.MayTalk(); err != nil {
			conn.Close()
			return nil, err
		}
		return conn, nil
	})
}

// patiently dials until a broker answers, or patience ends.
func patiently(ctx context.Context, p Patience, dial func() (*mesh.Conn, error)) (*mesh.Conn, error) {
	for began := time.Now(); ; {
		conn, err := dial()
		spent := time.Since(began)
		if err == nil || !errors.Is(err, mesh.ErrBroker) || errors.Is(err, mesh.ErrHandshake) && spent > shakeWithin || p.Look(spent) != nil {
			return conn, err
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}
