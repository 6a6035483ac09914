package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/scenario"
)

// glance is the time between two looks at the ledgers.
const glance = 200 * time.Millisecond

func newWatch() *cobra.Command {
	var output string
	c := &cobra.Command{
		Use:   "watch RUN",
		Short: "follow a run from another terminal, to its end",
		Long: `Follow the ledgers of a run as they grow: a line a round, with how many rounds there
are, how fast they come, how long the rest will take, and what was measured last. It
ends with the run: exit code 0 where that is whole, 4 where it was interrupted.`,
		Args: exactly(1, "RUN"),
		RunE: func(c *cobra.Command, args []string) error {
			if output != "table" && output != "jsonl" {
				return misuse("--output %s: table or jsonl was expected", output)
			}
			w, err := newWatcher(args[0], c.OutOrStdout(), output == "jsonl")
			if err != nil {
				return err
			}
			return w.watch(c.Context(), args[0])
		},
	}
	c.Flags().StringVarP(&output, "output", "o", "table", "table, or jsonl: an object a round")
	return c
}

// watcher turns the lines of a run into lines about it.
type watcher struct {
	plan   results.Plan
	follow *results.Follower
	out    io.Writer
	json   bool

	rounds  []int // of each trial; 0: not known
	done    []int // rounds closed
	reports []int // since the last round closed
	missing []int
	scores  []map[string]ledger.Number // last measured
	began   time.Time                  // when the first round was seen that had not been there already
	seen    int                        // rounds since
}

// glanced is what is told of a round, and of the end of a trial.
type glanced struct {
	Trial   string                   `json:"trial"`
	Name    string                   `json:"name"`
	Round   int                      `json:"round"`
	Rounds  int                      `json:"rounds,omitempty"` // 0: not known
	Ended   bool                     `json:"ended,omitempty"`
	Reports int                      `json:"reports"`
	Missing int                      `json:"missing"`
	Now     float64                  `json:"now"` // virtual seconds
	Rate    float64                  `json:"rounds_per_second,omitempty"`
	EtaSec  float64                  `json:"eta_seconds,omitempty"`
	Metrics map[string]ledger.Number `json:"metrics,omitempty"`
}

func newWatcher(dir string, out io.Writer, asJSON bool) (*watcher, error) {
	p, err := results.ReadPlan(dir)
	if err != nil {
		return nil, err
	}
	texts, err := results.ReadResolved(dir)
	if err != nil {
		return nil, err
	}
	n := len(p.Trials)
	w := &watcher{plan: p, follow: results.Follow(dir, p), out: out, json: asJSON, rounds: make([]int, n), done: make([]int, n),
		reports: make([]int, n), missing: make([]int, n), scores: make([]map[string]ledger.Number, n)}
	for i := range min(n, len(texts)) {
		w.scores[i] = map[string]ledger.Number{}
		if s, ok := results.ScenarioOf(p.Trials[i].ID, texts[i]); ok {
			w.rounds[i] = roundsOf(s)
		}
	}
	return w, nil
}

// roundsOf is how many rounds a trial has; 0 where a method goes on until it has finished, or
// stages are as many as the data have tasks.
func roundsOf(s *scenario.Scenario) (n int) {
	if slices.ContainsFunc(s.Stages, func(st scenario.Stage) bool { return st.Per != "" }) {
		return 0
	}
	for _, m := range s.Method {
		stages := len(m.In)
		if stages == 0 {
			stages = len(s.Stages)
		}
		if m.Rounds == 0 {
			return 0
		}
		n += m.Rounds * stages
	}
	return n
}

// watch looks until the run has ended.
func (w *watcher) watch(ctx context.Context, dir string) error {
	for first := true; ; first = false {
		state, err := results.StateOf(dir) // before the lines: what comes after it was there
		if err != nil {
			return err
		}
		lines, err := w.follow.Next()
		if err != nil {
			return err
		}
		for _, l := range lines {
			if err := w.take(l, first); err != nil {
				return err
			}
		}
		switch state {
		case results.Whole:
			return w.say("%s is whole", dir)
		case results.Interrupted:
			return fmt.Errorf("%s was %w; to go on with it:\n  %s", dir, errInterrupted, results.ResumeCommand(quote(dir)))
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(glance):
		}
	}
}

func (w *watcher) say(format string, args ...any) error {
	if w.json {
		return nil
	}
	_, err := fmt.Fprintf(w.out, format+"\n", args...)
	return err
}

// take takes one line of a ledger. old lines were there when watching began: they say
// nothing of how fast the run is.
func (w *watcher) take(l results.Followed, old bool) error {
	i := l.Trial
	switch is := l.Is.(type) {
	case ledger.Report:
		w.reports[i]++
	case ledger.Missing:
		w.missing[i]++
	case ledger.Evaluate:
		for _, v := range is.Values {
			if v.Group == "" {
				w.scores[i][is.On+"."+v.Name] = v.Value
			}
		}
	case ledger.Fold:
		w.done[i] = max(w.done[i], is.Round+1)
		if !old {
			if w.began.IsZero() {
				w.began = time.Now()
			} else {
				w.seen++
			}
		}
		err := w.tell(i, float64(is.Now), false)
		w.reports[i], w.missing[i] = 0, 0
		return err
	case ledger.End:
		return w.tell(i, float64(is.Now), true)
	}
	return nil
}

// tell prints where a trial is.
func (w *watcher) tell(i int, now float64, ended bool) error {
	t := w.plan.Trials[i]
	g := glanced{Trial: t.ID, Name: t.Name, Round: w.done[i], Rounds: w.rounds[i], Ended: ended, Reports: w.reports[i], Missing: w.missing[i],
		Now: now, Metrics: w.scores[i]}
	if spent := time.Since(w.began).Seconds(); w.seen > 0 && spent > 0 {
		g.Rate = float64(w.seen) / spent
		g.EtaSec = float64(w.left()) / g.Rate
	}
	if w.json {
		b, err := json.Marshal(g)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w.out, "%s\n", b)
		return err
	}
	line := fmt.Sprintf("trial %d/%d  %s  ", i+1, len(w.plan.Trials), t.Name)
	switch {
	case ended:
		line += "ended after " + count(g.Round, "round")
	case g.Rounds > 0:
		line += fmt.Sprintf("round %d/%d", g.Round, g.Rounds)
	default:
		line += fmt.Sprintf("round %d", g.Round)
	}
	if g.Rate > 0 {
		line += fmt.Sprintf("  %.2g rounds/s  ETA %s", g.Rate, results.Wall(time.Duration(g.EtaSec*float64(time.Second)).Round(time.Second)))
	}
	for _, name := range slices.Sorted(maps.Keys(g.Metrics)) {
		line += fmt.Sprintf("  %s %s", name, results.Plain(float64(g.Metrics[name])))
	}
	return w.say("%s", line)
}

// left counts the rounds to come, where they are known.
func (w *watcher) left() (n int) {
	for i := range w.rounds {
		n += max(0, w.rounds[i]-w.done[i])
	}
	return n
}
