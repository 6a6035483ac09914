package actors

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim"
)

// Options say how trials are carried out. None of them changes a ledger.
type Options struct {
	// Slots is how many participants work at once: the cores to be used; at least 1.
	Slots int
	// Warm is how many participants that have nothing to do stay awake, in case they are
	// needed again; 0 is 256. Beyond it those idle longest are put to sleep.
	Warm int

	pace     pace        // zero: usualPace
	copies   mesh.Copies // faults of the mesh; nil: none
	sabotage sabotage    // faults of the work; nil: none

	population func(awake int) // told when a participant has been woken; nil: nobody
}

// sabotage is called before each step of a participant's work, and may panic.
type sabotage func(whom method.ID, assignment string, step int)

// pace is how long one waits for what. Wall time decides only what is done again.
type pace struct {
	tick    time.Duration // between looks at the clock; a worker beats as often
	answer  time.Duration // until a pull or a report is sent again
	lease   time.Duration // that a lease may stand still before others may have it
	dormant time.Duration // until the coordinator answers for a participant that may be awake
}

var usualPace = pace{tick: 250 * time.Millisecond, answer: 2 * time.Second, lease: time.Minute, dormant: 50 * time.Millisecond}

// Crew is an actor system with its mesh, good for many trials, one after the other.
type Crew struct {
	options Options
	name    string
	server  *mesh.Server
	system  *actor.ActorSystem

	mu     sync.Mutex // of the two below
	trials int
	stage  *stage // of the trial now running
}

// Run carries out one trial. It returns when the last line of the book is written, or with
// the first error: that of a method, of the work, or the cause for which ctx ended.
func Run(ctx context.Context, s sim.Setup, o Options) error {
	c, err := Open(o)
	if err != nil {
		return err
	}
	defer c.Close()
	return c.Run(ctx, s)
}

// Open makes a crew that waits for trials.
func Open(o Options) (*Crew, error) {
	if o.Slots < 1 || o.Warm < 0 {
		return nil, fmt.Errorf("actors: %d slots and %d warm: at least 1 and 0 were expected", o.Slots, o.Warm)
	}
	if o.Warm == 0 {
		o.Warm = 256
	}
	if o.pace == (pace{}) {
		o.pace = usualPace
	}
	server, err := mesh.Start()
	if err != nil {
		return nil, err
	}
	silent := func(*actor.ActorSystem) *slog.Logger { return slog.New(slog.DiscardHandler) }
	system := actor.NewActorSystem(actor.WithLoggerFactory(silent), actor.WithDeadLetterRequestLogging(false),
		actor.WithDeadLetterThrottleInterval(time.Millisecond))
	return &Crew{options: o, name: strings.ToLower(rand.Text()[:8]), server: server, system: system}, nil
}

// Close ends the crew. No trial may be running.
func (c *Crew) Close() {
	c.system.Shutdown()
	c.server.Close()
}

// errFinished is the cause that ends a trial which has come to its end.
var errFinished = errors.New("actors: finished")

// Run carries out one trial; see the function of that name. A crew runs one at a time.
func (c *Crew) Run(ctx context.Context, s sim.Setup) error {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	machine, err := s.Machine(ctx)
	if err != nil {
		return err
	}
	t, err := c.enter(ctx, end, s)
	if err == nil {
		err = t.play(machine)
	}
	if err == nil {
		<-ctx.Done()
		err = context.Cause(ctx)
	}
	end(err)
	c.leave(t)
	if errors.Is(err, errFinished) {
		return nil
	}
	return t.original(err)
}

// enter makes the stage of the crew's next trial. Each runs under a name of its own, so
// that nothing still on its way is taken for the next one's.
func (c *Crew) enter(ctx context.Context, end context.CancelCauseFunc, s sim.Setup) (*stage, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stage != nil {
		return &stage{}, errors.New("actors: a crew runs one trial at a time")
	}
	c.trials++
	t := &stage{crew: c, ctx: ctx, end: end, setup: s, pace: c.options.pace,
		subjects: mesh.Subjects{Run: fmt.Sprintf("%s-%d", c.name, c.trials)}}
	var err error
	t.visitor, err = t.connect()
	c.stage = t
	return t, err
}

func (c *Crew) leave(t *stage) {
	t.clear()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stage == t {
		c.stage = nil
	}
}
