package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/actors"
	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/results"
)

// topFlags are those of "simrun top".
type topFlags struct {
	broker brokerFlags
	every  time.Duration
	once   bool
	output string
}

// sight is what one look at a broker shows.
type sight struct {
	Runs    []actors.CoordinatorStats `json:"runs"`
	Workers []workerSight             `json:"workers"`

	at time.Time
}

type workerSight struct {
	actors.WorkerStats
	Rate float64 `json:"leases_per_sec"` // since the look before
}

func newTop() *cobra.Command {
	f := &topFlags{}
	c := &cobra.Command{
		Use:   "top [RUN]",
		Short: "watch the workers of a run or a broker: rates, leases, memory",
		Long: `Watch the workers of a run on this machine, or with --nats of a broker: how many
leases each has done and does a second, what is in its hands, its memory. Without RUN
it is the newest run that can be asked. Workers and runs are NATS micro services
(simrun-worker, simrun-coordinator), so the nats tool shows the same with nothing of
ours: "nats micro ls" lists them, "nats micro info simrun-worker" says of one what it
does, "nats micro stats simrun-worker --json" of all. The requests that it counts are
questions to a service, not leases; those are "done".`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 1 {
				return misuse("usage: %s [RUN]", c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return f.top(c, args) },
	}
	f.broker.flags(c)
	c.Flags().DurationVar(&f.every, "every", 2*time.Second, "time between two looks")
	c.Flags().BoolVar(&f.once, "once", false, "look once, which takes two looks for the rates, and end")
	c.Flags().StringVarP(&f.output, "output", "o", "table", "table, or json: an object per look")
	return c
}

func (f *topFlags) top(c *cobra.Command, args []string) error {
	if err := checkOutput(f.output); err != nil {
		return err
	}
	if f.every < 100*time.Millisecond {
		return misuse("--every %s: at least 100ms was expected", f.every)
	}
	conn, err := f.reach(args)
	if err != nil {
		return err
	}
	defer conn.Close()
	ctx, out := c.Context(), c.OutOrStdout()
	last, err := look(ctx, conn, sight{})
	for err == nil {
		select {
		case <-time.After(f.every):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		var now sight
		if now, err = look(ctx, conn, last); err != nil {
			break
		}
		if len(now.Runs) == 0 && len(args) > 0 {
			return nil // the run has ended
		}
		if err = f.print(out, now); err != nil || f.once {
			break
		}
		last = now
	}
	return because(ctx, err)
}

func (f *topFlags) reach(args []string) (*mesh.Conn, error) {
	if f.broker.given() {
		if len(args) > 0 {
			return nil, misuse("with --nats all runs of the broker are shown: leave out %q", args[0])
		}
		a, err := f.broker.broker()
		if err != nil {
			return nil, err
		}
		return visit(a)
	}
	if err := f.broker.checkAlone(); err != nil {
		return nil, err
	}
	if len(args) > 0 {
		conn, _, err := f.broker.reach(args[0])
		return conn, err
	}
	all, err := alive()
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, misuse("no run can be asked now: run one with --workers, --listen or --nats, or name a broker with --nats")
	}
	newest := slices.MaxFunc(all, func(a, b live) int { return a.Started.Compare(b.Started) })
	conn, _, err := f.broker.reach(newest.Crew)
	return conn, err
}

// look asks all services that answer within a moment. Rates are those since last.
func look(ctx context.Context, conn *mesh.Conn, last sight) (s sight, err error) {
	s.at = time.Now()
	err = each(ctx, conn, mesh.CoordinatorService, func(stats json.RawMessage) error {
		var c actors.CoordinatorStats
		err := json.Unmarshal(stats, &c)
		s.Runs = append(s.Runs, c)
		return err
	})
	if err != nil {
		return s, err
	}
	err = each(ctx, conn, mesh.WorkerService, func(stats json.RawMessage) error {
		var w workerSight
		err := json.Unmarshal(stats, &w.WorkerStats)
		for _, before := range last.Workers {
			if before.Worker == w.Worker && s.at.After(last.at) {
				w.Rate = float64(w.Done-before.Done) / s.at.Sub(last.at).Seconds()
			}
		}
		s.Workers = append(s.Workers, w)
		return err
	})
	slices.SortFunc(s.Runs, func(a, b actors.CoordinatorStats) int { return cmp.Compare(a.Run, b.Run) })
	slices.SortFunc(s.Workers, func(a, b workerSight) int { return cmp.Compare(a.Worker, b.Worker) })
	return s, err
}

// lookWithin is how long services may take to answer.
const lookWithin = 300 * time.Millisecond

// each asks the services of a name for their statistics.
func each(ctx context.Context, conn *mesh.Conn, service string, see func(json.RawMessage) error) error {
	ctx, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	answers, err := conn.Gather(ctx, mesh.StatsOf(service), nil)
	for _, a := range answers {
		if err != nil {
			break
		}
		var shown mesh.Shown
		if shown, err = mesh.ReadStats(a); err == nil {
			err = see(shown.Stats)
		}
	}
	return err
}

func (f *topFlags) print(out io.Writer, s sight) error {
	if f.output == "json" {
		return json.NewEncoder(out).Encode(s)
	}
	if isTerminal(out) && !f.once {
		_, _ = fmt.Fprint(out, "\x1b[H\x1b[2J") // Flush tells of errors
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(w, "run\tdone\tlent\twaiting\tworkers\tlost\tmemory\t")
	for _, r := range s.Runs {
		here := 0
		for _, p := range r.Workers {
			if p.Here {
				here++
			}
		}
		_, _ = fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%s\t\n", r.Run, r.Done, r.Lent, r.Waiting, here, r.Lost, results.Bytes(float64(r.RSS)))
	}
	_, _ = fmt.Fprintln(w, "\nworker\trun\tdone\tleases/s\tin slots\tqueued\tawake\tmemory\t")
	for _, x := range s.Workers {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%d\t%.1f\t%d of %d\t%d\t%d\t%s\t\n", x.Worker, x.Run, x.Done, x.Rate, x.Busy, x.Slots, x.Queued, x.Awake, results.Bytes(float64(x.RSS)))
	}
	return w.Flush()
}
