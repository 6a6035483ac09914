package export

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/loramesh/loramesh/results"
)

// Format is one form that runs are written in.
type Format struct {
	Name string
	Doc  string
	to   func(r *results.Run, dir string) error
}

var formats = []Format{
	{"peft", "what each trial deployed in the end, as folders that PEFT loads", toPEFT},
	{"csv", "metrics.csv, trials.csv and comparisons.csv", toCSV},
	{"parquet", "metrics.parquet and trials.parquet, a row a number", toParquet},
	{"tensorboard", "event files, a folder a trial, steps are rounds", toTensorBoard},
	{"wandb", "offline runs of Weights & Biases, a folder a trial, for \"wandb sync\"", toWandB},
	{"mlflow", "a file store, a run a trial, for --backend-store-uri", toMLflow},
	{"latex", "table.tex and comparison.tex, for the booktabs package", toLaTeX},
}

// Formats lists what runs can be written as.
func Formats() []Format { return append([]Format{}, formats...) }

// Names lists their names.
func Names() []string {
	out := make([]string, len(formats))
	for i, f := range formats {
		out[i] = f.Name
	}
	return out
}

// ErrExport says that a run cannot be written in a form, or not there.
var ErrExport = errors.New("not exported")

// To writes a run into a folder, which is made where it is not there. A folder that holds
// something is refused: nothing is ever overwritten.
func To(format string, r *results.Run, dir string) error {
	for _, f := range formats {
		if f.Name != format {
			continue
		}
		if len(r.Trials) == 0 {
			return fmt.Errorf("%w: no trial of %s has finished", ErrExport, r.Dir)
		}
		if err := empty(dir); err != nil {
			return err
		}
		return f.to(r, dir)
	}
	return fmt.Errorf("%w: unknown format %q; known: %s", ErrExport, format, strings.Join(Names(), ", "))
}

func empty(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("%w: %v", ErrExport, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		return fmt.Errorf("%w: %s holds other things; give a new or an empty folder", ErrExport, dir)
	}
	return nil
}

// started is when the run was; of one that is not whole, nobody wrote it down, and the
// beginning of time stands in for it.
func started(r *results.Run) time.Time {
	if r.Manifest == nil {
		return time.Unix(0, 0).UTC()
	}
	return r.Manifest.Made.Started.UTC()
}

// at is the moment of a number: the run's start and the virtual seconds since.
func at(r *results.Run, n results.Number) time.Time {
	return started(r).Add(time.Duration(n.TimeSec * float64(time.Second)))
}

// series lists a trial's numbers step by step, each key once a step: an evaluation at the
// end of the last stage and one at the end of the trial are the same point.
func series(t *results.Trial) (steps [][]results.Number) {
	byStep := map[int][]results.Number{}
	seen := map[string]bool{}
	last := 0
	for n := range t.Numbers() {
		id := fmt.Sprint(n.Step(), " ", n.Key())
		if seen[id] {
			continue
		}
		seen[id] = true
		byStep[n.Step()] = append(byStep[n.Step()], n)
		last = max(last, n.Step())
	}
	for s := range last + 1 {
		if len(byStep[s]) > 0 {
			steps = append(steps, byStep[s])
		}
	}
	return steps
}

// facts are what tells a trial from others: its arm, method, seed, ranks, and what the
// scenario varies.
func facts(r *results.Run, t *results.Trial) [][2]string {
	out := [][2]string{{"arm", t.Head.Arm}, {"method", t.Method()}, {"seed", fmt.Sprint(t.Head.Seed)}, {"ranks", t.Ranks()}}
	if p, ok := r.Plan.Trial(t.ID); ok {
		for _, s := range p.Settings {
			if s.Path != "seed" {
				out = append(out, [2]string{s.Path, s.Value})
			}
		}
	}
	return out
}

// slug makes a file name of a label: letters, digits, dots, dashes and what is in keep, as many as fit.
func slug(s, keep string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-', r == '_', strings.ContainsRune(keep, r):
			return r
		}
		return '-'
	}, s)
	return name[:min(len(name), results.MaxSlug)]
}
