package actors

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/sim"
)

// Options say how trials are carried out. None of them changes a ledger.
type Options struct {
	// Slots is how many participants work at once in this process, at most [MaxSlots]. It may
	// be 0 where workers of other processes can come.
	Slots int
	// Warm is how many participants that have nothing to do stay awake, in case they are
	// needed again; 0 is 256. Beyond it those idle longest are put to sleep.
	Warm int
	// Listen opens a port on the loopback, behind a random token: workers of other
	// processes may come, and others may look at participants.
	Listen bool
	// Broker is a broker elsewhere that takes the place of the embedded one; its zero
	// value is none.
	Broker mesh.Address
	// Stock is what the worlds were made of, for workers of other processes; nil where
	// none can come.
	Stock *Stock
	// Spool is a folder that workers on this host put blobs into. It is made, and removed
	// in the end; "": they send them.
	Spool string
	// Folder is what the run's folder is called, by which whoever looks at the broker knows the run
	// again; "": it has none.
	Folder string
	// Null has nothing trained: participants hand back what they were handed; see
	// [train.Null]. It is for measuring.
	Null bool
	// Serving tells which processes serve methods to this one; nil: none do. It is called
	// from any goroutine.
	Serving func() []Serving
	// Weather puts faults into the mesh, to see what it stands; nil: none.
	Weather mesh.Weather
	// Clock, which may jump, takes the place of the real one for the same purpose; nil: none.
	Clock func() time.Time
	// Log is told of workers that come and go, and of lines that break; nil: nobody.
	Log *slog.Logger

	pace   pace // zero: usualPace
	faults faults
}

// doors says whether workers of other processes can come.
func (o Options) doors() bool { return o.Listen || o.Broker.URL != "" }

// Crew is an actor system with its mesh, good for many trials, one after the other.
type Crew struct {
	options Options
	name    string
	server  *mesh.Server // nil: the broker is elsewhere
	system  *actor.ActorSystem
	caller  *mesh.Conn // calls for workers; nil: nobody could hear

	mu     sync.Mutex // of the two below
	trials int
	show   *show // the trial now running
}

// show is a trial that is being carried out.
type show struct {
	*stage
	visitor *mesh.Conn // of [Crew.Inspect]
	tell    func(any)  // the coordinator; nil before it is there
	worker  *worker    // of this process; nil: none
	asker   *sim.Asker // the coordinator's; nil before it is there
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
	if o.Slots < 0 || o.Slots > MaxSlots || o.Slots == 0 && !o.doors() || o.Warm < 0 {
		return nil, fmt.Errorf("actors: %d slots and %d warm: 1 to %d, and at least 0 were expected", o.Slots, o.Warm, MaxSlots)
	}
	if o.Warm == 0 {
		o.Warm = usualWarm
	}
	if o.pace == (pace{}) {
		o.pace = usualPace
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Weather != nil {
		o.faults.weather = o.Weather
	}
	c := &Crew{options: o, name: strings.ToLower(rand.Text()[:8])}
	if err := c.open(); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// MaxSlots bounds the slots of a process: each has memory of its own from its first work on.
const MaxSlots = 4096

// usualWarm is how many idle participants stay awake unless somebody says otherwise.
const usualWarm = 256

func (c *Crew) open() (err error) {
	if c.options.Broker.URL == "" {
		if c.server, err = mesh.Start(c.options.Listen); err != nil {
			return err
		}
	}
	if c.options.Spool != "" {
		if err := os.RemoveAll(c.options.Spool); err != nil { // of a crew that was killed
			return err
		}
		if err := os.MkdirAll(c.options.Spool, 0o700); err != nil {
			return err
		}
	}
	if c.options.doors() {
		if c.caller, err = c.dial(context.Background(), c.name, knocking()); err != nil {
			return err
		}
		heed(c.caller, "calls of "+c.name, c.options.Log)
		if err := c.caller.Listen(mesh.Present(c.name), c.answerPresent); err != nil {
			return err
		}
		if err := c.caller.Listen(mesh.Arrive, c.answerArrival); err != nil {
			return err
		}
		if err := c.caller.Show(mesh.CoordinatorService, "coordinates a run of simrun", c.facts(), c.stats); err != nil {
			return err
		}
	}
	c.system = newSystem()
	return nil
}

// dial opens a line to the crew's broker. That of a trial waits for a broker as the trial would.
func (c *Crew) dial(ctx context.Context, name string, p Patience) (*mesh.Conn, error) {
	if c.server != nil {
		return c.server.Connect(name, c.options.faults.weather)
	}
	return dialPatiently(ctx, p, c.options.Broker, name, c.options.faults.weather)
}

// Address is where workers of other processes find the crew.
func (c *Crew) Address() mesh.Address {
	if c.server != nil {
		return c.server.Address()
	}
	return c.options.Broker
}

// Name is that of the crew on its broker: the first half of the name of each trial.
func (c *Crew) Name() string { return c.name }

// Close ends the crew. No trial may be running.
func (c *Crew) Close() {
	if c.system != nil {
		c.system.Shutdown()
	}
	if c.caller != nil {
		c.caller.Close()
	}
	if c.server != nil {
		c.server.Close()
	}
	if c.options.Spool != "" {
		if err := os.RemoveAll(c.options.Spool); err != nil {
			c.options.Log.Warn("the workers' folder for blobs could not be removed", "error", err)
		}
	}
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
	x, err := c.enter(ctx, end)
	if err != nil {
		return err
	}
	err = c.play(x, s, machine)
	if err == nil {
		<-ctx.Done()
		err = context.Cause(ctx)
	}
	end(err)
	c.leave(x)
	if errors.Is(err, errFinished) {
		return nil
	}
	return x.original(err)
}
