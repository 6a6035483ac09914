package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/ledger"
)

// device is a row about participants of one class of devices, or of one rank, over all
// trials.
type device struct {
	Name         string
	Participants string // in a trial
	Ranks        string
	Examples     string
	Reports      int
	Missing      int
	Up, Down     int64   // bytes of an average report
	Spent        float64 // virtual seconds of an average report
	Energy       string  // of an average report; "–": not counted
}

// absence is a reason why work did not come back, and how often.
type absence struct {
	Arm, Why string   // arms that have the row in common, by comma
	Times    int      // in each arm
	Whom     []string // at most so many as are shown
	More     int      // others

	whom map[string]int // how often whose was missing
}

// byDevice names a participant's class of devices, byRank the largest rank it can hold.
func byDevice(p results.Participant) string { return p.Device }

func byRank(p results.Participant) string {
	if p.Rank == 0 {
		return "no limit"
	}
	return fmt.Sprintf("%4d", p.Rank) // padded, so that names sort as numbers
}

// devices joins who the participants are with what they did, by class.
func devices(r *results.Run, class func(results.Participant) string) []device {
	var names []string
	rows := map[string]*row{}
	trials := map[string]*results.Trial{}
	for _, t := range r.Trials {
		trials[t.ID] = t
	}
	for _, p := range r.Participants {
		t, ok := trials[p.Trial]
		if !ok {
			continue
		}
		name := class(p)
		if rows[name] == nil {
			names = append(names, name)
			rows[name] = &row{in: map[string]int{}}
		}
		rows[name].take(p, t.Work[p.ID])
	}
	slices.Sort(names)
	out := make([]device, len(names))
	for i, name := range names {
		out[i] = rows[name].device(name)
	}
	return out
}

// row gathers what belongs to one class.
type row struct {
	in              map[string]int // participants, by trial
	ranks, examples []int
	work            results.Work
}

func (r *row) take(p results.Participant, w results.Work) {
	r.in[p.Trial]++
	r.ranks = append(r.ranks, p.Rank)
	r.examples = append(r.examples, p.Examples)
	r.work.Reports += w.Reports
	r.work.Missing += w.Missing
	r.work.Up += w.Up
	r.work.Down += w.Down
	r.work.Spent += w.Spent
	r.work.Energy += w.Energy
}

func (r *row) device(name string) device {
	n := max(r.work.Reports, 1)
	d := device{Name: strings.TrimSpace(name), Participants: between(slices.Collect(maps.Values(r.in))), Ranks: between(r.ranks), Examples: between(r.examples),
		Reports: r.work.Reports, Missing: r.work.Missing,
		Up: r.work.Up / int64(n), Down: r.work.Down / int64(n), Spent: r.work.Spent / float64(n), Energy: "–"}
	if r.work.Energy > 0 {
		d.Energy = results.Joules(r.work.Energy / float64(n))
	}
	if slices.Max(r.ranks) == 0 {
		d.Ranks = "no limit"
	}
	return d
}

func between(xs []int) string {
	low, high := slices.Min(xs), slices.Max(xs)
	if low == high {
		return fmt.Sprint(low)
	}
	return fmt.Sprintf("%d–%d", low, high)
}

// leftOut counts the work that did not come back, by reason and arm. Arms from which the same
// work of the same participants is missing, as where the world lost it, share a row.
func leftOut(r *results.Run) []absence {
	var out []*absence
	for _, t := range r.Trials {
		for _, m := range t.Missing {
			out = count(out, t.Head.Arm, m)
		}
	}
	slices.SortStableFunc(out, func(a, b *absence) int { return cmp.Or(cmp.Compare(a.Arm, b.Arm), cmp.Compare(b.Times, a.Times)) })
	var rows []absence
	for _, a := range out {
		k := slices.IndexFunc(rows, func(b absence) bool { return b.Why == a.Why && b.Times == a.Times && maps.Equal(b.whom, a.whom) })
		if k < 0 {
			rows = append(rows, *a)
			continue
		}
		rows[k].Arm += ", " + a.Arm
	}
	for i := range rows {
		a := &rows[i]
		a.Whom = slices.SortedFunc(maps.Keys(a.whom), byPlace)
		if n := len(a.Whom) - shown; n > 0 {
			a.Whom, a.More = a.Whom[:shown], n
		}
	}
	return rows
}

// shown is how many participants a row of the table names.
const shown = 12

func count(out []*absence, arm string, m ledger.Missing) []*absence {
	i := slices.IndexFunc(out, func(a *absence) bool { return a.Arm == arm && a.Why == m.Why })
	if i < 0 {
		i = len(out)
		out = append(out, &absence{Arm: arm, Why: m.Why, whom: map[string]int{}})
	}
	out[i].Times++
	out[i].whom[m.From]++
	return out
}

// byPlace sorts client/9 before client/10.
func byPlace(a, b string) int {
	pool, place, _ := strings.Cut(a, "/")
	other, stead, _ := strings.Cut(b, "/")
	return cmp.Or(cmp.Compare(pool, other), cmp.Compare(len(place), len(stead)), cmp.Compare(place, stead))
}
