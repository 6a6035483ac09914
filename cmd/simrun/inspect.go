package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/actors"
	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/plugins/method"
)

// inspectFlags are those of "simrun inspect".
type inspectFlags struct {
	broker   brokerFlags
	output   string
	snapshot bool
}

// answerWithin is how long a participant may take to answer.
const answerWithin = 10 * time.Second

func newInspect() *cobra.Command {
	f := &inspectFlags{}
	c := &cobra.Command{
		Use:   "inspect RUN PARTICIPANT",
		Short: "look at a participant of a run that is running, from outside",
		Long: `Look at one participant of a run that is running: what it is at, step by step, on
which worker and device, what it keeps and has made and how large that is, what the
method noted about it. The run does not notice; one that is asleep is not woken.

RUN is the folder of a run on this machine that has workers or a port (--workers,
--listen, --nats); with --nats it is the name of any run at that broker, as "simrun
top" shows it. In code, ask sim.<trial>.participant.<pool>.<index>.inspect over NATS.

With --snapshot what the participant is training is stored among the run's blobs as
it is now, for as long as the round lasts.`,
		Example: "  simrun inspect runs/quickstart-53c07bfb client/17\n  simrun inspect runs/quickstart-53c07bfb client/17 -o json",
		Args:    exactly(2, "RUN PARTICIPANT"),
		RunE: func(c *cobra.Command, args []string) error {
			return because(c.Context(), f.inspect(c, args[0], args[1]))
		},
	}
	f.broker.flags(c)
	outputFlag(c, &f.output)
	c.Flags().BoolVar(&f.snapshot, "snapshot", false, "store what it is training, as it is now")
	return c
}

func (f *inspectFlags) inspect(c *cobra.Command, run, who string) error {
	if err := checkOutput(f.output); err != nil {
		return err
	}
	whom, err := participantOf(who)
	if err != nil {
		return err
	}
	conn, crew, err := f.broker.reach(run)
	if err != nil {
		return err
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(c.Context(), answerWithin)
	defer cancel()
	trial, err := conn.Ask(ctx, mesh.Present(crew), nil)
	switch {
	case errors.Is(err, mesh.ErrNobody), errors.Is(err, context.DeadlineExceeded):
		return misuse("nobody answers for the run %q: it has ended, or its name is another", run)
	case err != nil:
		return err
	case len(trial) == 0:
		return misuse("the run %q is between two trials: ask again", run)
	}
	ask := mesh.Inspect
	if f.snapshot {
		ask = mesh.Snapshot
	}
	s, err := actors.Ask(ctx, conn, string(trial), whom, ask)
	if errors.Is(err, actors.ErrNobody) {
		return misuse("%s", s.Error)
	}
	if err != nil {
		return err
	}
	if f.output == "json" {
		return json.NewEncoder(c.OutOrStdout()).Encode(s)
	}
	return printStatus(c.OutOrStdout(), s)
}

// participantOf reads "client/17".
func participantOf(text string) (method.ID, error) {
	pool, index, _ := strings.Cut(text, "/")
	n, err := strconv.Atoi(index)
	id := method.ID{Pool: pool, Index: n}
	if err != nil || n < 0 || !mesh.Named(pool) {
		return id, misuse("%q is no participant: a pool and a number were expected, as in client/17", text)
	}
	return id, nil
}

// reach opens a line to the broker of a run, and finds the name of its crew.
func (f *brokerFlags) reach(run string) (*mesh.Conn, string, error) {
	if f.given() {
		a, err := f.broker()
		if err != nil {
			return nil, "", err
		}
		if !mesh.Named(run) {
			return nil, "", misuse("%q is no name of a run at a broker; \"simrun top --nats …\" shows them", run)
		}
		conn, err := visit(a)
		return conn, run, err
	}
	if err := f.checkAlone(); err != nil {
		return nil, "", err
	}
	l, err := findLive(run)
	if err != nil {
		return nil, "", err
	}
	a, err := l.address()
	if err != nil {
		return nil, "", err
	}
	conn, err := visit(a)
	return conn, l.Crew, err
}

func printStatus(out io.Writer, s actors.Status) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	row := func(name, format string, args ...any) { _, _ = fmt.Fprintf(w, name+"\t"+format+"\n", args...) } // Flush tells of errors
	row("participant", "%s", s.Participant)
	row("state", "%s", s.State)
	if s.Worker != "" {
		row("worker", "%s", s.Worker)
	}
	if s.Device != "" {
		row("device", "%s", s.Device)
	}
	if s.Rank > 0 {
		row("rank", "%d at most", s.Rank)
	}
	row("examples", "%d", s.Examples)
	if s.Assignment != "" {
		row("round", "%d", s.Round)
		row("assignment", "%s %s", s.Assignment, s.Verb)
	}
	if s.Steps > 0 {
		row("step", "%d of %d", s.Step, s.Steps)
	}
	if s.Loss != 0 {
		row("loss", "%.4g", float64(s.Loss))
	}
	for _, h := range s.Kept {
		row("keeps", "%s %.12s… %d bytes, norm %.4g", h.Name, h.Blob, h.Bytes, float64(h.Norm))
	}
	for _, h := range s.Made {
		row("made", "%s %.12s… %d bytes, norm %.4g", h.Name, h.Blob, h.Bytes, float64(h.Norm))
	}
	if len(s.Note) > 0 {
		row("note", "%q", s.Note)
	}
	row("wakes", "%d", s.Wakes)
	row("restarts", "%d", s.Restarts)
	return w.Flush()
}
