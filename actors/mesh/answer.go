package mesh

import (
	"math"
	"strings"

	"github.com/loramesh/loramesh/plugins/method"
)

// AppendAnswer is the answer to a lease as bytes: what a [Report] brings back. It is written
// and read once for every participant of every round.
func AppendAnswer(room []byte, r method.WorkResponse) []byte {
	w := writer(room)
	w.number(uint64(len(r.Reports)))
	for _, x := range r.Reports {
		w.report(x)
	}
	w.names(r.Kept)
	return w
}

// Answer is what a [Report] brings back, read; OK is false where that is no answer.
type Answer struct {
	method.WorkResponse
	OK bool
}

// Answers is the way back, of all that reports bring, in memory that they share; but what participants
// keep, which may be wanted for longer, has its own.
func (m Reports) Answers() []Answer {
	all := make([]Answer, len(m.Done))
	size := 0
	for i := range m.Done {
		size += len(m.Done[i].Work)
	}
	var text strings.Builder
	text.Grow(size)
	for i := range m.Done {
		text.Write(m.Done[i].Work)
	}
	whole := text.String()
	reports, r := make([]method.Report, 0, len(all)), reader{named: make([]method.Named, 0, len(all))}
	for i := range m.Done {
		work := m.Done[i].Work
		r.rest, r.whole, r.wrong = work, whole[:len(work)], false
		whole = whole[len(work):]
		all[i].WorkResponse = r.answer(reports[len(reports):])
		if n := len(all[i].Reports); n <= cap(reports)-len(reports) {
			reports = reports[:len(reports)+n]
		}
		all[i].OK = r.ended()
	}
	return all
}

// answer reads one, whose reports lie in room as far as there is enough.
func (r *reader) answer(room []method.Report) (a method.WorkResponse) {
	if n := r.count(); n > uint64(cap(room)) {
		a.Reports = make([]method.Report, 0, min(n, 64))
		for range n {
			a.Reports = append(a.Reports, r.report())
		}
	} else if n > 0 {
		a.Reports = room[:n:n]
		for i := range a.Reports {
			a.Reports[i] = r.report()
		}
	}
	named := r.named
	r.whole, r.named = "", nil
	a.Kept = r.names()
	r.named = named
	return a
}

func (w *writer) report(x method.Report) {
	w.signed(x.Round)
	w.text(x.Name)
	w.text(x.From.Pool)
	w.signed(x.From.Index)
	w.signed(x.Age)
	w.signed(x.Examples)
	w.float(x.Share)
	w.names(x.Made)
	w.names(x.Began)
	w.number(uint64(len(x.Values)))
	for _, v := range x.Values {
		w.text(v.Name)
		w.text(v.Group)
		w.float(v.Value)
		w.float(v.Weight)
	}
	w.signed(int(x.Up))
	w.signed(int(x.Down))
	w.float(float64(x.Spent))
	w.number(uint64(len(x.Warnings)))
	for _, s := range x.Warnings {
		w.text(s)
	}
}

func (r *reader) report() (x method.Report) {
	x.Round, x.Name = r.signed(), r.text()
	x.From = method.ID{Pool: r.text(), Index: r.signed()}
	x.Age, x.Examples, x.Share = r.signed(), r.signed(), r.float()
	x.Made, x.Began = r.names(), r.names()
	for range r.count() {
		x.Values = append(x.Values, method.Value{Name: r.text(), Group: r.text(), Value: r.float(), Weight: r.float()})
	}
	x.Up, x.Down, x.Spent = int64(r.signed()), int64(r.signed()), method.Seconds(r.float())
	for range r.count() {
		x.Warnings = append(x.Warnings, r.text())
	}
	return x
}

func (w *writer) names(all []method.Named) {
	w.number(uint64(len(all)))
	for _, n := range all {
		w.text(n.Name)
		w.text(string(n.Blob))
	}
}

func (r *reader) names() (all []method.Named) {
	if n := r.count(); n > 0 {
		if n <= uint64(cap(r.named)) {
			all, r.named = r.named[:0:n], r.named[n:cap(r.named)]
		} else {
			all = make([]method.Named, 0, min(n, 64))
		}
		for range n {
			all = append(all, method.Named{Name: r.text(), Blob: method.Blob(r.text())})
		}
	}
	return all
}

// signed is a number that may be below 0 where somebody errs, which is for others to find.
func (w *writer) flag(set bool) {
	if set {
		w.number(1)
		return
	}
	w.number(0)
}

// flag reads one that is 0 or 1; another number makes the message wrong.
func (r *reader) flag() bool {
	n := r.number()
	r.wrong = r.wrong || n > 1
	return n == 1
}

func (w *writer) signed(n int) { w.fixed(uint64(n)) }

func (r *reader) signed() int { return int(r.fixed()) }

func (w *writer) float(f float64) { w.fixed(math.Float64bits(f)) }

func (r *reader) float() float64 { return math.Float64frombits(r.fixed()) }
