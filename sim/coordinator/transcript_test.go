package coordinator

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
)

// rewrite makes the transcripts anew: go test ./sim/coordinator -run Transcript -rewrite.
// Read the change before it is committed: every line of it is a change of every trial.
var rewrite = flag.Bool("rewrite", false, "rewrite testdata")

// The whole course of small trials, step by step: what goes in (>), what the machine wants
// done (<), and what it writes.
func TestTranscript(t *testing.T) {
	for name, x := range map[string]*trial{
		"stacking": stacking(),
		"chain":    chained(),
		"corrupt":  corrupted(),
	} {
		t.Run(name, func(t *testing.T) {
			got := transcript(t, x)
			file := filepath.Join("testdata", name+".txt")
			if *rewrite {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if i := firstLine(got, want); i >= 0 {
				t.Errorf("%s, line %d:\ngot  %s\nwant %s", file, i+1, line(got, i), line(want, i))
			}
		})
	}
}

// stacking: three clients of unequal ranks, two rounds, evaluated all along. Their shares
// are powers of a half, so that stacking is exact to the last bit.
func stacking() *trial {
	x := one(3, 2, stacker()).ranks(2, 1, 1)
	x.world.examples = func(id method.ID) int { return 16 << (id.Index / 2) }
	x.fixed.Asks = []Ask{{Every: 1, On: "test", Metrics: []string{"loss"}}}
	return x
}

// chained: two members and two stages; the second member works in the second only, and
// finishes of its own accord.
func chained() *trial {
	second := averager(1)
	plan := second.plan
	second.plan = func(r method.PlanRequest) method.PlanResponse {
		if r.Stage.Round == 1 {
			return method.PlanResponse{State: r.State, Finished: true}
		}
		return plan(r)
	}
	x := chain(2, []Stage{{Name: "one", Base: "main"}, {Name: "two", Base: "main"}},
		[]Member{{Name: "first", Rounds: 1}, {Name: "second", Stages: []string{"two"}}}, averager(2), second)
	x.fixed.Asks = []Ask{{At: "stage-end", On: "test", Metrics: []string{"accuracy"}}}
	return x
}

// corrupted: of two clients one uploads what is no number, in the first round both do.
func corrupted() *trial {
	x := one(2, 2, averager(1))
	x.answer = func(l Lease) method.WorkResponse {
		r := x.work(l)
		if l.Asked.Round == 0 || l.Key.Whom.Index == 1 {
			r.Reports[0].Made[0].Blob = must(x.store.Put(nan(random(l.Draws[0], 1)).Tensors()))
		}
		return r
	}
	return x
}

func transcript(t *testing.T, x *trial) []byte {
	var out bytes.Buffer
	written := 0
	x.watch = func(in Input, effects []Effect) {
		fmt.Fprintf(&out, "> %s\n", input(in))
		for _, l := range strings.SplitAfter(x.book.String()[written:], "\n") {
			if l != "" {
				fmt.Fprintf(&out, "  %s\n", entry(l))
			}
		}
		written = x.book.Len()
		for _, e := range effects {
			effect(&out, e)
		}
	}
	x.mustRun(t)
	return out.Bytes()
}

func input(in Input) string {
	switch in := in.(type) {
	case Planned:
		return "planned " + short(string(method.Canonical(in.Response)))
	case Folded:
		return "folded " + short(string(method.Canonical(in.Response)))
	case *Worked:
		return fmt.Sprintf("worked in turn %d: %s", in.Key.Turn, in.Key.Whom)
	}
	return "begin"
}

func effect(out *bytes.Buffer, e Effect) {
	switch e := e.(type) {
	case AskPlan:
		fmt.Fprintf(out, "< ask member %d to plan: %s\n", e.Member, short(string(method.Canonical(e.Request))))
	case AskFold:
		fmt.Fprintf(out, "< ask member %d to fold: %s\n", e.Member, short(string(method.Canonical(e.Request))))
	case DoWork:
		for _, l := range e.Leases {
			work := l.Work()
			work.Bases = nil // the same all along
			fmt.Fprintf(out, "< lease in turn %d: %s\n", l.Key.Turn, short(string(method.Canonical(work))))
		}
	case Finished:
		fmt.Fprintln(out, "< finished")
	}
}

// entry is a line of the book without number and hash, which the ledger's tests check.
func entry(line string) string {
	line, _, _ = strings.Cut(line, `,"hash"`)
	_, kind, _ := strings.Cut(line, `"kind":"`)
	kind, is, _ := strings.Cut(kind, `","is":`)
	return kind + " " + short(is)
}

var (
	hashes = regexp.MustCompile(`[0-9a-f]{64}`)
	digits = regexp.MustCompile(`\d+\.\d{6,}(e[-+]\d+)?`)
)

// short leaves of hashes their heads, and of numbers the digits that every processor agrees
// on. The facts of the bases, which never change, are left out.
func short(s string) string {
	if from := strings.Index(s, `"bases":[{"`); from >= 0 {
		if to := strings.Index(s[from:], `}]}],`); to >= 0 {
			s = s[:from] + s[from+to+len(`}]}],`):]
		}
	}
	s = hashes.ReplaceAllStringFunc(s, func(h string) string { return h[:6] })
	return digits.ReplaceAllStringFunc(s, func(d string) string {
		x, _ := strconv.ParseFloat(d, 64)
		return strconv.FormatFloat(x, 'g', 6, 64)
	})
}

func firstLine(a, b []byte) int {
	if bytes.Equal(a, b) {
		return -1
	}
	n := 0
	for line(a, n) == line(b, n) {
		n++
	}
	return n
}

func line(text []byte, n int) string {
	lines := strings.Split(string(text), "\n")
	if n >= len(lines) {
		return "(the end)"
	}
	return lines[n]
}
