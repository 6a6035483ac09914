package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

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
	Runs    []runSight    `json:"runs"`
	Workers []workerSight `json:"workers"`

	at time.Time
}

type runSight struct {
	actors.CoordinatorStats
	Folder string  `json:"folder"`         // what the run's folder is called
	Rate   float64 `json:"leases_per_sec"` // of all its workers, since the look before
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
		Long: `Watch the workers of a run on this machine until it ends, or with --nats those of all
runs of a broker: how many leases each has done and does a second, what is in its hands,
its memory. What a run does by itself is in its own line, with what its folder is called
and the name of the trial that is running. Without RUN it is the newest run that can be
asked.

Workers and runs are NATS micro services (simrun-worker, simrun-coordinator), so the nats
tool shows the same with nothing of ours: "nats micro ls" lists them, "nats micro info
simrun-worker" says of one what it does, "nats micro stats simrun-worker --json" of all.
The requests that it counts are questions to a service, not leases; those are "done".`,
		Example: "  simrun top\n  simrun top runs/quickstart-53c07bfb --once -o json\n  simrun top --nats nats://broker:4222 --token-file token",
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
	conn, crew, err := f.reach(args)
	if err != nil {
		return err
	}
	defer conn.Close()
	return f.watch(c, conn, crew)
}

// watch looks again and again. While the line to the broker is lost there is nothing to be seen.
func (f *topFlags) watch(c *cobra.Command, conn *mesh.Conn, crew string) error {
	ctx, patience := c.Context(), actors.Visiting(slog.New(slog.NewTextHandler(c.ErrOrStderr(), nil)))
	var last sight
	for first := true; ; {
		now, err := look(ctx, conn, crew, last)
		switch over, e := ended(crew); {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case over && f.once:
			return misuse("the run has ended")
		case over || e != nil:
			return e
		case err == nil && !first:
			err = f.print(c.OutOrStdout(), now)
		}
		lost := errors.Is(err, mesh.ErrLost)
		if lost {
			err = nil
		}
		if err = errors.Join(err, patience.Look(conn.Away())); err != nil || !lost && !first && f.once {
			return err
		}
		if !lost {
			first, last = false, now
		}
		select {
		case <-time.After(f.every):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// ended says whether a run of this machine, by the name of its crew, cannot be asked any more.
func ended(crew string) (bool, error) {
	all, err := alive()
	return crew != "" && !slices.ContainsFunc(all, func(l live) bool { return l.Crew == crew }), err
}

// reach opens a line to the broker, and says by its crew which run of it is meant; "": all.
func (f *topFlags) reach(args []string) (*mesh.Conn, string, error) {
	if f.broker.given() {
		if len(args) > 0 {
			return nil, "", misuse("with --nats all runs of the broker are shown: leave out %q", args[0])
		}
		a, err := f.broker.broker()
		if err != nil {
			return nil, "", err
		}
		conn, err := visit(a)
		return conn, "", err
	}
	if err := f.broker.checkAlone(); err != nil {
		return nil, "", err
	}
	if len(args) > 0 {
		return f.broker.reach(args[0])
	}
	all, err := alive()
	if err != nil {
		return nil, "", err
	}
	if len(all) == 0 {
		return nil, "", misuse("no run can be asked now: run one with --workers, --listen or --nats, or name a broker with --nats")
	}
	newest := slices.MaxFunc(all, func(a, b live) int { return a.Started.Compare(b.Started) })
	return f.broker.reach(newest.Crew)
}

// look asks all services that answer within a moment, or those of one run and the workers that
// are at work for it or for nobody. Rates are those since last.
func look(ctx context.Context, conn *mesh.Conn, crew string, last sight) (s sight, err error) {
	s.at = time.Now()
	secs := s.at.Sub(last.at).Seconds()
	err = each(ctx, conn, mesh.CoordinatorService, func(x mesh.Shown) error {
		if crew != "" && x.Facts["run"] != crew {
			return nil
		}
		r := runSight{Folder: onOneLine(x.Facts["folder"])}
		err := json.Unmarshal(x.Stats, &r.CoordinatorStats)
		for _, before := range last.Runs {
			if before.Run == r.Run && secs > 0 {
				r.Rate = float64(r.Done-before.Done) / secs
			}
		}
		s.Runs = append(s.Runs, r)
		return err
	})
	if err != nil {
		return s, err
	}
	err = each(ctx, conn, mesh.WorkerService, func(x mesh.Shown) error {
		var w workerSight
		err := json.Unmarshal(x.Stats, &w.WorkerStats)
		if crew != "" && w.Run != "" && !strings.HasPrefix(w.Run, crew+"-") {
			return err
		}
		for _, before := range last.Workers {
			if before.Worker == w.Worker && secs > 0 {
				w.Rate = float64(w.Done-before.Done) / secs
			}
		}
		s.Workers = append(s.Workers, w)
		return err
	})
	slices.SortFunc(s.Runs, func(a, b runSight) int { return cmp.Compare(a.Run, b.Run) })
	slices.SortFunc(s.Workers, func(a, b workerSight) int { return cmp.Compare(a.Worker, b.Worker) })
	return s, err
}

// onOneLine is a text of another process without what would break a table, or a terminal.
func onOneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, text)
}

// lookWithin is how long services may take to answer.
const lookWithin = 300 * time.Millisecond

// each asks the services of a name for their statistics.
func each(ctx context.Context, conn *mesh.Conn, service string, see func(mesh.Shown) error) error {
	ctx, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	answers, err := conn.Gather(ctx, mesh.StatsOf(service), nil)
	for _, a := range answers {
		if err != nil {
			break
		}
		var shown mesh.Shown
		if shown, err = mesh.ReadStats(a); err == nil {
			err = see(shown)
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
	if len(s.Runs)+len(s.Workers) == 0 {
		_, err := fmt.Fprintln(out, "no run and no worker is at the broker")
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(w, "folder\trun\tdone\tleases/s\tlent\twaiting\tworkers\tlost\tmemory\t")
	for _, r := range s.Runs {
		here := 0
		for _, p := range r.Workers {
			if p.Here {
				here++
			}
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\t%d\t%.1f\t%d\t%d\t%d\t%d\t%s\t\n", r.Folder, r.Run, r.Done, r.Rate, r.Lent, r.Waiting, here, r.Lost, results.Bytes(float64(r.RSS)))
	}
	_, _ = fmt.Fprintln(w, "\nworker\trun\tdone\tleases/s\tin slots\tqueued\tawake\tmemory\t")
	for _, x := range s.Workers {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%d\t%.1f\t%d of %d\t%d\t%d\t%s\t\n", x.Worker, x.Run, x.Done, x.Rate, x.Busy, x.Slots, x.Queued, x.Awake, results.Bytes(float64(x.RSS)))
	}
	return w.Flush()
}
