package actors

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/world"
)

// WorkOptions say how a worker's process works.
type WorkOptions struct {
	Broker mesh.Address
	Name   string     // letters, digits and dashes, unlike any other's; "": one is made up
	Only   string     // name of the one crew that it works for; "": any that calls
	Slots  int        // participants that work at once; 1 to [MaxSlots]
	Warm   int        // see [Options]
	Files  data.Files // of this host, for runs of this host
	Cache  base.Cache // what is fetched is kept in it
	Log    *slog.Logger
	// Weather puts faults into the mesh, to see what it stands; nil: none.
	Weather mesh.Weather
	Clock   func() time.Time // see [Options]

	pace   pace
	faults faults
}

// hand is a process that works for whatever run calls: one trial at a time.
type hand struct {
	options WorkOptions
	id      string // of this process, unlike any other's
	conn    *mesh.Conn
	system  *actor.ActorSystem
	callers *callers
	larder  larder
	present atomic.Pointer[worker]
	done    atomic.Int64 // leases, of trials before the present one
}

// Work works until ctx ends, and returns its cause: it waits for runs to call, and takes
// part in one trial after the other. It keeps nothing that would be missed if it were
// killed.
func Work(ctx context.Context, o WorkOptions) error {
	if o.Slots < 1 || o.Slots > MaxSlots || o.Warm < 0 {
		return fmt.Errorf("actors: %d slots and %d warm: 1 to %d, and at least 0 were expected", o.Slots, o.Warm, MaxSlots)
	}
	if o.Name == "" {
		o.Name = "w-" + strings.ToLower(rand.Text()[:8])
	}
	if !mesh.Named(o.Name) || o.Name == hereName {
		return fmt.Errorf("%w: a worker cannot be called %q: up to 64 letters, digits and dashes are expected, and %q is a run's own", ErrName, o.Name, hereName)
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
	conn, err := visit(ctx, o.Broker, "hand "+o.Name, o.faults.weather)
	if err != nil {
		return err
	}
	defer conn.Close()
	h := &hand{options: o, id: rand.Text(), conn: conn, system: newSystem(), callers: newCallers(o.pace)}
	defer h.emptyLarder()
	defer h.system.Shutdown()
	ctx, end := context.WithCancelCause(ctx)
	var beside sync.WaitGroup
	defer beside.Wait()
	defer end(nil)
	if err := h.claimName(ctx, end); err != nil {
		return err
	}
	beside.Go(func() { h.lookout(ctx) })
	facts := map[string]string{"worker": o.Name, "pid": strconv.Itoa(os.Getpid()), "slots": strconv.Itoa(o.Slots)}
	if err := conn.Show(mesh.WorkerService, "works for runs of simrun", facts, h.stats); err != nil {
		return err
	}
	return h.serve(ctx)
}

// serve takes part in whatever trial calls next.
func (h *hand) serve(ctx context.Context) error {
	if err := h.conn.Listen(mesh.Call, h.hear); err != nil {
		return err
	}
	if err := h.conn.Send(mesh.Arrive, "", nil); err != nil {
		return err
	}
	h.options.Log.Info("waiting for a run to call", "worker", h.options.Name, "broker", h.options.Broker.URL)
	for {
		run, err := h.callers.wait(ctx)
		if err != nil {
			return err
		}
		err = h.take(ctx, run)
		refuses := ctx.Err() == nil && errors.As(err, new(refusal))
		h.callers.leave(run, refuses)
		switch {
		case ctx.Err() != nil || err == nil:
		case refuses:
			h.options.Log.Error("cannot take part", "run", run, "error", err)
			_ = h.conn.Send(mesh.Subjects{Run: run}.Refuse(), "", []byte(h.options.Name+": "+err.Error())) // a closed line is found out above
		case errors.Is(err, errTurn):
			h.options.Log.Info("another run has its turn", "run", run)
		default:
			h.options.Log.Warn("a trial was left, and may call again", "run", run, "error", err)
		}
	}
}

// hear takes a call, of the trial that it works for or of another.
func (h *hand) hear(m mesh.Message) {
	c, ok := mesh.Decode[mesh.Calling](m.Data)
	if !ok || !mesh.Named(c.Run) || h.options.Only != "" && !strings.HasPrefix(c.Run, h.options.Only+"-") {
		return
	}
	h.callers.hear(c)
	switch w := h.present.Load(); {
	case w == nil:
	case w.subjects.Run == c.Run:
		w.wasCalled()
	case h.callers.moves(w.subjects.Run, c):
		w.goes.Store(true)
	}
}

// refusal is an error that would come again: this worker cannot do justice to the trial.
type refusal struct{ error }

// The causes that end a worker's part in a trial.
var (
	errOver = errors.New("actors: the trial is over")
	errTurn = errors.New("actors: another run has its turn")
)

// take takes part in a trial until it is over.
func (h *hand) take(ctx context.Context, run string) error {
	began := time.Now()
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	subjects := mesh.Subjects{Run: run}
	b, err := h.brief(ctx, subjects)
	if err != nil || b.Protocol == 0 {
		return err
	}
	dial := func(name string) (*mesh.Conn, error) {
		return dialPatiently(ctx, knocking(), h.options.Broker, name, h.options.faults.weather)
	}
	t := &stage{system: h.system, dial: dial, faults: h.options.faults, ctx: ctx, end: end, pace: h.options.pace, nature: nature{clock: h.options.Clock}, subjects: subjects}
	defer func() { end(errOver); t.clear() }()
	conn, err := t.connect("road of " + h.options.Name)
	if err != nil {
		return err
	}
	heed(conn, "road of "+h.options.Name, h.options.Log)
	if err := conn.Listen(subjects.Over(), func(mesh.Message) { end(errOver) }); err != nil {
		return err
	}
	source := mesh.Source{Subject: subjects.Fetch()}
	w, err := b.build(h.assets(run, b, depot{ctx: ctx, conn: conn, source: source, dir: b.Dir, cache: h.options.Cache, files: h.near(b)}))
	if err != nil && ctx.Err() == nil {
		err = refusal{err}
	}
	if err != nil {
		return err
	}
	var s *spool
	if b.near() {
		s = &spool{dir: b.Spool, worker: h.options.Name + "-" + run + "-" + rand.Text()[:8]}
	}
	r := newDistant(ctx, conn, source, s)
	defer func() { h.tidy(r, s) }()
	if err := conn.Serve(subjects.FetchFrom(h.options.Name), r.answer); err != nil {
		return err
	}
	h.callers.arrive(run, time.Since(began))
	return h.work(t, w, r, b.Null)
}

// work has a worker on the stage until the trial is over.
func (h *hand) work(t *stage, w *world.World, r *distant, null bool) error {
	x, err := newWorker(t, h.options.Name, craft{slots: h.options.Slots, warm: h.options.Warm, seed: w.Trial.Seed,
		trainer: trainer(w, null), about: w.Participant, road: r})
	if err != nil {
		return err
	}
	heed(x.conn, "worker "+x.name, h.options.Log)
	x.wasCalled()
	h.present.Store(x)
	defer func() {
		h.present.Store(nil)
		h.done.Add(x.tasks.Load())
	}()
	if err := t.enter("worker/"+x.name, x); err != nil {
		return err
	}
	h.options.Log.Info("working", "run", t.subjects.Run, "road", string(r.kind()))
	<-t.ctx.Done()
	if err := context.Cause(t.ctx); !errors.Is(err, errOver) {
		x.leave()
		return err
	}
	return nil
}

// tidy ends a road.
func (h *hand) tidy(r *distant, s *spool) {
	err := r.close()
	if s != nil {
		err = errors.Join(err, s.close())
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) { // the run may have removed its folder first
		h.options.Log.Warn("what a trial left behind could not be removed", "error", err)
	}
}

// brief asks what a trial is. A trial that is over before it answers is none.
func (h *hand) brief(ctx context.Context, s mesh.Subjects) (brief, error) {
	within, cancel := context.WithTimeout(ctx, h.options.pace.answer)
	defer cancel()
	text, err := h.conn.Ask(within, s.Brief(), nil)
	if err != nil {
		return brief{}, nil //nolint:nilerr // it will call again if it is still there
	}
	b, err := readBrief(text)
	if err != nil {
		err = refusal{err}
	}
	return b, err
}

// near is the files of this host, if the run is of this host.
func (h *hand) near(b brief) data.Files {
	if b.near() {
		return h.options.Files
	}
	return nil
}

// WorkerStats is what a worker shows of itself.
type WorkerStats struct {
	Worker   string `json:"worker"`
	Run      string `json:"run"` // "": it waits
	Slots    int    `json:"slots"`
	Done     int64  `json:"done"`  // leases, since it began
	Awake    int64  `json:"awake"` // participants
	Busy     int64  `json:"busy"`  // leases in slots
	Queued   int64  `json:"queued"`
	RSS      int64  `json:"rss_bytes"`
	Routines int    `json:"goroutines"`
}

func (h *hand) stats() any {
	s := WorkerStats{Worker: h.options.Name, Slots: h.options.Slots, Done: h.done.Load(), RSS: rss(), Routines: runtime.NumGoroutine()}
	if w := h.present.Load(); w != nil {
		s.Run = w.subjects.Run
		s.Done += w.tasks.Load()
		s.Awake, s.Busy, s.Queued = w.load.awake.Load(), w.load.busy.Load(), w.load.queued.Load()
	}
	return s
}
