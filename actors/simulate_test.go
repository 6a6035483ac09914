package actors

import (
	"bytes"
	"container/heap"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/builtin"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim"
	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/plan"
	"github.com/loramesh/loramesh/sim/scenario"
	"github.com/loramesh/loramesh/sim/train"
	"github.com/loramesh/loramesh/sim/world"
)

var (
	schedules = flag.Int("schedules", 1000, "schedules of the simulated protocol")
	firstSeed = flag.Uint64("schedule", 1, "seed of the first schedule")
)

// universe simulates the protocol in one goroutine: the coordinator, its desk and its
// workers' couriers are the real ones, and clock, network, slots and crashes are drawn from
// a seed. A schedule that fails is told by its seed, and comes out the same every time.
type universe struct {
	dice   *rand.Rand
	now    time.Time
	events events
	count  int

	stage   *stage
	c       *coordinatorActor
	workers []*virtual
	hired   int
	lose    int // in a hundred
	double  int
}

type event struct {
	at  time.Time
	seq int
	do  func()
}

type events []event

func (e events) Len() int { return len(e) }
func (e events) Less(i, j int) bool {
	return e[i].at.Before(e[j].at) || e[i].at.Equal(e[j].at) && e[i].seq < e[j].seq
}
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)   { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}

// after has something done in so much virtual time.
func (u *universe) after(d time.Duration, do func()) {
	u.count++
	heap.Push(&u.events, event{u.now.Add(d), u.count, do})
}

// within draws a span of time.
func (u *universe) within(most time.Duration) time.Duration {
	return time.Duration(u.dice.Int64N(int64(most)))
}

// send is the network: messages are lost, doubled, late and overtaken.
func (u *universe) send(subject, reply string, data []byte) error {
	copies := 1
	switch n := u.dice.IntN(100); {
	case n < u.lose:
		copies = 0
	case n < u.lose+u.double:
		copies = 2
	}
	for range copies {
		u.after(u.within(30*time.Millisecond), func() { u.deliver(mesh.Message{Subject: subject, Reply: reply, Data: bytes.Clone(data)}) })
	}
	return nil
}

func (u *universe) deliver(m mesh.Message) {
	s := u.stage.subjects
	switch m.Subject {
	case s.Lease():
		if p, ok := mesh.DecodePull(m.Data); ok {
			u.c.handle(pulled{p, m.Reply})
		}
	case s.Report():
		u.c.hear(m)
	case s.Beat():
		if b, ok := mesh.Decode[mesh.Beat](m.Data); ok {
			u.c.handle(beaten{b})
		}
	}
	for _, w := range u.workers {
		switch {
		case w.gone:
		case m.Subject == s.Leases(w.name):
			if l, ok := mesh.DecodeLeases(m.Data); ok {
				w.take(l)
			}
		case m.Subject == s.Ack(w.name):
			if a, ok := mesh.DecodeAck(m.Data); ok {
				w.acked(a)
				w.flush(len(w.busy)+len(w.queue) == 0)
			}
		}
	}
}

// virtual is a worker with the real courier and simulated slots.
type virtual struct {
	courier
	u     *universe
	gone  bool
	slots int
	queue []mesh.Lease
	busy  []mesh.Lease
	moved map[coordinator.Key]uint64
}

// hire begins a worker, under a name of its own or under that of one who is gone.
func (u *universe) hire(name string) {
	u.hired++
	if name == "" {
		name = fmt.Sprintf("w%d", u.hired)
	}
	w := &virtual{u: u, slots: 1 + u.dice.IntN(2), moved: map[coordinator.Key]uint64{},
		courier: courier{stage: u.stage, name: name, by: mesh.Shared}}
	w.begin(uint32(4 * u.hired))
	u.workers = append(u.workers, w)
	w.ticking()
}

func (w *virtual) ticking() {
	if w.gone {
		return
	}
	w.tick(w.u.now)
	w.beat(w.steps())
	w.pump()
	w.u.after(w.pace.tick, w.ticking)
}

func (w *virtual) steps() (out []mesh.Steps) {
	for _, l := range append(append([]mesh.Lease{}, w.busy...), w.queue...) {
		out = append(out, mesh.Steps{Key: l.Key, Count: w.moved[l.Key]})
	}
	return out
}

func (w *virtual) held() (keys []coordinator.Key) {
	for _, s := range w.steps() {
		keys = append(keys, s.Key)
	}
	return keys
}

func (w *virtual) take(m mesh.Leases) {
	if w.leased(m) {
		kept := w.queue[:0]
		for _, l := range w.queue {
			if l.Key.Turn >= m.Oldest {
				kept = append(kept, l)
			}
		}
		w.queue = append(kept, m.Lent...)
	}
	w.pump()
}

// pump begins what a slot is free for, and asks for more.
func (w *virtual) pump() {
	for len(w.queue) > 0 && len(w.busy) < w.slots {
		l := w.queue[0]
		w.queue, w.busy = w.queue[1:], append(w.busy, l)
		w.u.after(w.u.within(40*time.Millisecond), func() { w.move(l) })
	}
	want := w.slots + 2
	if len(w.queue)+len(w.busy) >= want {
		want = 0
	}
	w.ask(want, w.slots, w.held)
}

// move is a step of work: it goes on, stands still for ever, gives up, or is done.
func (w *virtual) move(l mesh.Lease) {
	if w.gone {
		return
	}
	w.moved[l.Key]++
	switch n := w.u.dice.IntN(100); {
	case n < 1: // it hangs: the lease runs out, and the worker is killed in the end
		w.u.after(w.u.within(3*time.Second), w.die)
		return
	case n < 3 && l.Crashes < maxCrashes-1:
		w.end(l, mesh.Report{Key: l.Key, Crashes: l.Crashes + 1})
		return
	case n < 4 && l.Crashes < maxCrashes-1: // it is out of its mind
		w.end(l, mesh.Report{Key: l.Key, Work: senseless[w.u.dice.IntN(len(senseless))], Crashes: l.Crashes})
		return
	case n < 30:
		w.u.after(w.u.within(40*time.Millisecond), func() { w.move(l) })
		return
	}
	work, err := unform(l)
	if err != nil {
		panic(err)
	}
	done, err := train.NewNull(w.u.c.setup.Blobs).Work(work, func(train.Step) error { return nil })
	if err != nil {
		panic(err)
	}
	w.end(l, mesh.Report{Key: l.Key, Work: mesh.AppendAnswer(nil, done), Crashes: l.Crashes, Wakes: 1})
}

// senseless are answers that nobody can take: no answer at all, one to nothing, and one with a name
// that nobody asked for.
var senseless = [][]byte{
	[]byte("no answer"),
	mesh.AppendAnswer(nil, method.WorkResponse{}),
	mesh.AppendAnswer(nil, method.WorkResponse{Reports: []method.Report{{Name: "fit", Share: 1, Made: []method.Named{{Name: "more"}}}}}),
}

func (w *virtual) end(l mesh.Lease, r mesh.Report) {
	for i := range w.busy {
		if w.busy[i].Key == l.Key {
			w.busy = append(w.busy[:i], w.busy[i+1:]...)
			break
		}
	}
	w.bring(parcelled{Report: r})
	w.pump()
	w.flush(len(w.busy)+len(w.queue) == 0)
}

// die is a kill -9: what the worker knew is gone, and perhaps somebody tells, or it said so last.
func (w *virtual) die() {
	if w.gone {
		return
	}
	w.gone = true
	switch w.u.dice.IntN(3) {
	case 0:
		w.u.c.handle(vanished{w.name})
	case 1:
		w.leave()
	}
	name := ""
	if w.u.dice.IntN(2) == 0 {
		name = w.name
	}
	w.u.after(w.u.within(200*time.Millisecond), func() { w.u.hire(name) })
}

// simulated is the trial of the simulated protocol.
func simulated(t testing.TB) (*world.World, method.Method) {
	t.Helper()
	m := builtin.Null().Methods[0]
	text := strings.NewReplacer("CLIENTS", "4", "use: flora, with: {epochs: 1, batch: 2, lr: 1e-2}, rounds: 2", "use: idle, with: {floats: 4}, rounds: 3",
		"every: 1, on: test", "at: end, on: test").Replace(small)
	doc, ps := scenario.Parse("simulated.yaml", []byte(text))
	if len(ps) > 0 {
		t.Fatal(ps)
	}
	trials, _ := plan.Expand(doc)
	trials, ps = plan.CheckMethods(trials, map[string]method.Card{m.Describe().Name: m.Describe()})
	if len(ps) > 0 {
		t.Fatal(ps)
	}
	w, ps, err := world.Build(trials[0], world.NewAssets(noFiles{}, memory, nil))
	if err != nil || len(ps) > 0 {
		t.Fatal(err, ps)
	}
	return w, m
}

// simulate plays the schedule of a seed, and returns the ledger.
func simulate(seed uint64, s sim.Setup) (string, sim.Progress, error) {
	var lines bytes.Buffer
	s.Book = ledger.NewBook(func(line []byte) error { lines.Write(line); return nil })
	var last sim.Progress
	s.Watch = func(p sim.Progress) { last = p }
	ctx, end := context.WithCancelCause(context.Background())
	defer end(nil)
	machine, err := s.Machine(ctx)
	if err != nil {
		return "", last, err
	}
	u := &universe{dice: rand.New(rand.NewPCG(seed, 7)), now: noon}
	u.lose, u.double = u.dice.IntN(30), u.dice.IntN(30)
	u.stage = &stage{ctx: ctx, end: end, subjects: mesh.Subjects{Run: "simulated"},
		pace: pace{tick: 20 * time.Millisecond, answer: 120 * time.Millisecond, lease: 400 * time.Millisecond, lost: 200 * time.Millisecond}}
	u.stage.nature = nature{clock: func() time.Time { return u.now }, say: u.send, apart: func(f func()) { u.after(u.within(20*time.Millisecond), f) }}
	u.c = &coordinatorActor{stage: u.stage, setup: s, asker: sim.NewAsker(s), machine: machine, gauge: sim.NewGauge(s), book: newBook(s), log: slog.New(slog.DiscardHandler)}
	u.c.self = func(m any) { u.after(0, func() { u.c.handle(m) }) }
	u.c.self(begin{})
	var ticking func()
	ticking = func() { u.c.tick(u.now); u.after(u.stage.pace.tick, ticking) }
	ticking()
	for range 1 + u.dice.IntN(3) {
		u.hire("")
	}
	for range u.dice.IntN(4) {
		u.after(u.within(time.Second), func() { u.workers[u.dice.IntN(len(u.workers))].die() })
	}
	for ctx.Err() == nil {
		next := heap.Pop(&u.events).(event)
		if u.now = next.at; u.now.Sub(noon) > time.Hour {
			return "", last, errors.New("nothing has come of it after an hour")
		}
		next.do()
	}
	if err := context.Cause(ctx); !errors.Is(err, errFinished) {
		return "", last, err
	}
	return lines.String(), last, nil
}

// Whatever the network and the workers do, every schedule ends, with the ledger of the
// reference, and with each lease counted once.
func TestOneLedgerByEverySchedule(t *testing.T) {
	w, m := simulated(t)
	blobs, err := blob.Create(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = blobs.Close() }()
	s := sim.Setup{World: w, Methods: []method.Method{m}, Plugins: []string{"builtin"}, Blobs: blobs}
	n := *schedules
	if testing.Short() {
		n = min(n, 200)
	}
	want := ""
	began := time.Now()
	for i := range n {
		seed := *firstSeed + uint64(i)
		got, p, err := simulate(seed, s)
		if want == "" {
			want = got
		}
		if err != nil || got != want || p.ClientRuns != 12 {
			t.Fatalf("schedule %d (-schedule %d -schedules 1 plays it again): %d client-runs of 12, same ledger %v, %v", seed, seed, p.ClientRuns, got == want, err)
		}
	}
	if again, _, _ := simulate(*firstSeed, s); again != want {
		t.Error("the same schedule gave another ledger")
	}
	t.Logf("%.0f schedules a minute", float64(n)/time.Since(began).Minutes())
}
