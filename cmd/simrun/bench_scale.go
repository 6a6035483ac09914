package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/results"
)

// scaleFlags are those of "simrun bench scale".
type scaleFlags struct {
	cohort   int
	floats   int
	wire     time.Duration
	output   string
	markdown string
}

// What is simulated.
var (
	scaleWorkers = []int{1, 2, 4, 8, 16, 32, 64}
	scaleWork    = []time.Duration{time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond, time.Second}
)

// scaled is what comes of it.
type scaled struct {
	Costs   costs       `json:"costs"`
	Cohort  int         `json:"cohort"`
	Floats  int         `json:"floats"`
	Workers []int       `json:"workers"`
	Work    []float64   `json:"work_ms"`
	Speedup [][]float64 `json:"speedup"` // by work, then workers
	CPU     string      `json:"cpu"`
	Day     string      `json:"day"` // on which it was measured
}

func newBenchScale() *cobra.Command {
	f := &scaleFlags{}
	c := &cobra.Command{
		Use:   "scale",
		Short: "how many workers pay: measured costs, simulated to 64 workers",
		Long: `Measure what a lease and a round cost the coordinator here, by running "bench null"
with a worker process and rounds of one client and of many; then simulate runs over
1 to 64 workers of one slot with these costs, for clients that take from a millisecond to
a second. The speed-up is against one worker. --wire is taken for the network.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			asJSON, err := wantsJSON(f.output)
			if err != nil {
				return err
			}
			s, err := f.scale(c.Context())
			if err != nil {
				return err
			}
			return f.print(c.OutOrStdout(), s, asJSON)
		},
	}
	c.Flags().IntVar(&f.cohort, "cohort", 256, "clients of a round")
	c.Flags().IntVar(&f.floats, "floats", 1024, "numbers of 4 bytes that go down to each client and up again")
	c.Flags().DurationVar(&f.wire, "wire", 200*time.Microsecond, "how long a message takes between two machines")
	outputFlag(c, &f.output)
	c.Flags().StringVar(&f.markdown, "markdown", "", "write the tables into this file")
	return c
}

func (f *scaleFlags) scale(ctx context.Context) (s scaled, err error) {
	if f.cohort < 2 || f.floats < 1 || f.wire < 0 {
		return s, misuse("--cohort is at least 2, --floats at least 1, and --wire at least 0")
	}
	one, err := f.null(ctx, 1, 400)
	if err != nil {
		return s, err
	}
	many, err := f.null(ctx, f.cohort, 60)
	if err != nil {
		return s, err
	}
	// Wall of a round of one is what a round takes and one lease; the rest of one of many is
	// its leases. Clients do nothing, so all of it is the machinery's.
	lease := (many.WallSec/60 - one.WallSec/400) * 1e6 / float64(f.cohort-1)
	s = scaled{Costs: costs{Lease: lease, Round: one.WallSec*1e6/400 - lease, Wire: float64(f.wire.Microseconds())},
		Cohort: f.cohort, Floats: f.floats, Workers: scaleWorkers, CPU: cpuName(), Day: time.Now().Format("2 January 2006")}
	if s.Costs.Lease <= 0 || s.Costs.Round <= 0 {
		return s, fmt.Errorf("measured %.1f µs a lease and %.1f µs a round, which cannot be: something else was running", s.Costs.Lease, s.Costs.Round)
	}
	for _, work := range scaleWork {
		s.Work = append(s.Work, work.Seconds()*1e3)
		var row []float64
		for _, n := range s.Workers {
			row = append(row, speedup(s.Costs, n, f.cohort, work))
		}
		s.Speedup = append(s.Speedup, row)
	}
	return s, nil
}

// null runs "bench null" over one worker process.
func (f *scaleFlags) null(ctx context.Context, clients, rounds int) (r nullResult, err error) {
	self, err := os.Executable()
	if err != nil {
		return r, err
	}
	out, err := exec.CommandContext(ctx, self, "bench", "null", "--workers", "1", "--slots", "1", "--clients", strconv.Itoa(clients),
		"--rounds", strconv.Itoa(rounds), "--floats", strconv.Itoa(f.floats), "-o", "json").Output()
	if err != nil {
		return r, fmt.Errorf("bench null: %w", err)
	}
	return r, json.Unmarshal(out, &r)
}

func (f *scaleFlags) print(out io.Writer, s scaled, asJSON bool) error {
	if f.markdown != "" {
		if err := results.WriteFile(f.markdown, []byte(scalePreface+s.text("| ", " | ", " |\n"))); err != nil {
			return err
		}
	}
	if asJSON {
		return writeJSON(out, s)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if _, err := io.WriteString(w, s.text("", "\t", "\n")); err != nil {
		return err
	}
	return w.Flush()
}

// text is the tables, with what stands before, between and after cells.
func (s scaled) text(before, between, after string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s: a lease takes %.1f µs of the coordinator, a round %.0f µs besides, a message %.0f µs; %d clients a round, %s down and up.\n\n",
		s.CPU, s.Day, s.Costs.Lease, s.Costs.Round, s.Costs.Wire, s.Cohort, results.Bytes(float64(4*s.Floats)))
	row := func(cells []string) { b.WriteString(before + strings.Join(cells, between) + after) }
	head := []string{"a client takes"}
	for _, n := range s.Workers {
		head = append(head, fmt.Sprintf("%d workers", n))
	}
	row(head)
	if before != "" {
		row(strings.Split(strings.Repeat("---,", len(head)-1)+"---", ","))
	}
	for i, ms := range s.Work {
		cells := []string{fmt.Sprintf("%g ms", ms)}
		for _, x := range s.Speedup[i] {
			cells = append(cells, fmt.Sprintf("%.1f×", x))
		}
		row(cells)
	}
	return b.String()
}

const scalePreface = `# Scaling

How many workers pay. What a lease and a round cost the coordinator was measured on the machine and the day that stand above
the table, with the build of that day: on another machine, or by another build, they cost something else, and the curve bends
elsewhere. Runs over more workers than that machine has are simulated with these costs, so the table says what the coordinator
allows, not what a network of your own will do. ` + "`simrun bench scale`" + ` makes it for your machine, and
` + "`simrun bench scale --markdown docs/scaling.md`" + ` this page.

Two things bend the curve. The coordinator takes its time for every lease, so clients that take a millisecond keep it busy
with few workers, and more of them wait. And a round ends with its last client: with as many workers as a quarter of the
cohort, some stand idle while the longest are at work. ` + "`regime: {deadline: …, over: …}`" + ` and ` + "`{flying: …}`" + ` are for the second;
more steps per client, or larger models, for the first.

`
