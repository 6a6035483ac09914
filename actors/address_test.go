package actors

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/actors/mesh/meshtest"
	"github.com/loramesh/loramesh/plugins/method"
)

// A broker that breaks the handshake off is told of before anybody waits for one that may just be
// starting again.
func TestAFailedHandshakeIsToldAtOnce(t *testing.T) {
	b := meshtest.ByTokenOverTLS(t, meshtest.Here)
	line := meshtest.NewLine(t, b.URL)
	_, err := dialPatiently(t.Context(), knocking(), mesh.Address{URL: line.URL, Token: "any"}, "test", nil) // nobody vouches for it
	if !errors.Is(err, mesh.ErrHandshake) {
		t.Error(err)
	}
	if most := 2 + int(shakeWithin/(100*time.Millisecond)); line.Tries() < 1 || line.Tries() > most {
		t.Errorf("%d tries; at most %d were expected", line.Tries(), most)
	}
}

// Whatever a scenario calls its participants, each has an address: the role is data.
func TestEveryRoleHasAnAddress(t *testing.T) {
	for _, pool := range []string{"anchor", "expert", "detector"} {
		t.Run(pool, func(t *testing.T) {
			s, _ := setup(t, "4", "population={"+pool+": {count: 4, data: phrases, split: iid, rank: {4: 1, 2: 1}}}", "method.0.roles={client: "+pool+"}")
			c, err := Open(Options{Slots: 2, pace: patient(time.Minute)})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			asked := 0
			s.Methods[0] = evil{s.Methods[0], func(ctx context.Context) error {
				st, err := c.Inspect(ctx, method.ID{Pool: pool, Index: 2})
				if asked++; err != nil || st.State != Idle || st.Participant != pool+"/2" || len(st.Made) != 1 || st.Made[0].Norm <= 0 || st.Made[0].Bytes <= 0 {
					t.Errorf("%+v, %v", st, err)
				}
				return nil
			}}
			if err := c.Run(limited(t), s); err != nil {
				t.Fatal(err)
			}
			if asked != 2 {
				t.Errorf("%d looks", asked)
			}
		})
	}
}

// A large population costs nothing until it is touched: nobody is awake before the first round, and
// the cohort after it.
func TestPopulationSleepsUntilOffered(t *testing.T) {
	var awake atomic.Int32
	s, _ := setup(t, "1000000", "population.client.offer={draw: 5}", "population.client.split={drawn: 6}",
		"evaluate=[{at: end, on: test, metrics: [loss]}]") // somebody stands in for an evaluation
	folds := int32(0)
	s.Methods[0] = planning{evil{s.Methods[0], func(context.Context) error {
		folds++
		if n := awake.Load(); n < 5 || n > 5*folds {
			t.Errorf("%d of a million participants are awake after %d rounds of 5", n, folds)
		}
		return nil
	}}, func() {
		if n := awake.Load(); folds == 0 && n != 0 {
			t.Errorf("%d of a million participants are awake before the first round", n)
		}
	}}
	o := Options{Slots: 2, faults: faults{population: func(n int) { awake.Store(int32(n)) }}}
	if err := Run(limited(t), s, o); err != nil {
		t.Fatal(err)
	}
}

// planning is a method before whose plans somebody looks.
type planning struct {
	method.Method
	look func()
}

func (p planning) Plan(ctx context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	p.look()
	return p.Method.Plan(ctx, r)
}

// A snapshot of a participant at work stores its factors as they are at that step, which
// are not yet what it will report, and changes nothing.
func TestSnapshotOfWork(t *testing.T) {
	for name, o := range map[string]Options{"here": {Slots: 1}, "mapped": {Spool: filepath.Join(t.TempDir(), "spool")}, "far": {}} {
		t.Run(name, func(t *testing.T) {
			long := "method.0.with.epochs=5" // so many steps that the wish comes to one of them
			s, lines := setup(t, "3", long)
			c, trial := crewWith(t, &o)
			var begin sync.Once
			var seen atomic.Pointer[method.ID]
			looking := make(chan bool)
			look := func(whom method.ID) {
				seen.Store(&whom)
				go func() {
					defer close(looking)
					st, err := Ask(limited(t), visitor(t, c), trial(), whom, mesh.Snapshot)
					if err != nil || st.State != Working || st.Step < 3 || len(st.Made) != 1 || st.Made[0].Norm <= 0 || st.Loss <= 0 {
						t.Errorf("%+v, %v", st, err)
						return
					}
					for ctx := limited(t); !s.Blobs.Has(st.Made[0].Blob); time.Sleep(10 * time.Millisecond) { // it is on its way
						if ctx.Err() != nil {
							t.Error("the snapshot did not arrive")
							return
						}
					}
				}()
			}
			sabotage := func(whom method.ID, _ string, step int) {
				if whom.Pool != "client" || step < 3 {
					return
				}
				begin.Do(func() { look(whom) })
				if *seen.Load() == whom {
					select {
					case <-looking:
					case <-time.After(300 * time.Millisecond): // the wish is there, as a rule
					}
				}
			}
			c.options.faults.sabotage = sabotage
			if o.Slots == 0 {
				hands(t, c.Address(), 1, func(w *WorkOptions) { w.faults.sabotage = sabotage })
			}
			if err := c.Run(limited(t), s); err != nil {
				t.Fatal(err)
			}
			<-looking
			if lines.String() != reference(t, "3", long) {
				t.Error("the ledger differs from that of sim.Run")
			}
		})
	}
}

// crewWith opens a crew with a port, and says how its present trial is called.
func crewWith(t *testing.T, o *Options) (*Crew, func() string) {
	t.Helper()
	o.Listen, o.Stock = true, stock()
	if o.pace == (pace{}) {
		o.pace = patient(time.Minute)
	}
	c, err := Open(*o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, func() string {
		name, err := visitor(t, c).Ask(limited(t), mesh.Present(c.Name()), nil)
		if err != nil {
			t.Error(err)
		}
		return string(name)
	}
}

// visitor is a line of somebody who has the token.
func visitor(t *testing.T, c *Crew) *mesh.Conn {
	conn, err := mesh.Dial(c.Address(), "visitor", nil)
	if err != nil {
		t.Error(err)
		return nil
	}
	t.Cleanup(conn.Close)
	return conn
}

// Workers and coordinators show themselves to any tool that knows NATS services.
func TestServicesShowThemselves(t *testing.T) {
	o := Options{}
	c, _ := crewWith(t, &o)
	hands(t, c.Address(), 2, nil)
	s, _ := setup(t, "3")
	wanted := []string{`$SRV.PING "simrun-worker"`, `$SRV.INFO "worker":"w2"`, `$SRV.STATS.simrun-worker "worker":"w1"`, `$SRV.STATS.simrun-worker "rss_bytes"`,
		fmt.Sprintf(`$SRV.STATS.simrun-coordinator "run":"%s-1"`, c.Name())}
	seen := map[string]bool{}
	ask := func(ctx context.Context) error {
		for _, subject := range []string{"$SRV.PING", "$SRV.INFO", mesh.StatsOf(mesh.WorkerService), mesh.StatsOf(mesh.CoordinatorService)} {
			within, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
			answers, err := visitor(t, c).Gather(within, subject, nil)
			cancel()
			for _, a := range answers {
				for _, word := range []string{`"simrun-worker"`, `"simrun-coordinator"`, `"worker":"w1"`, `"worker":"w2"`, fmt.Sprintf(`"run":"%s-1"`, c.Name()), `"rss_bytes"`} {
					if strings.Contains(string(a), word) {
						seen[subject+" "+word] = true
					}
				}
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
	missing := func(want string) bool { return !seen[want] }
	s.Methods[0] = evil{s.Methods[0], func(ctx context.Context) error {
		for slices.ContainsFunc(wanted, missing) { // who is slow to answer is asked again
			if err := errors.Join(ask(ctx), ctx.Err()); err != nil {
				return fmt.Errorf("of %q only %v were answered: %w", wanted, seen, err)
			}
		}
		return nil
	}}
	if err := c.Run(limited(t), s); err != nil {
		t.Fatal(err)
	}
}
