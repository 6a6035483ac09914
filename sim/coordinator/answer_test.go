package coordinator

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/ledger"
)

// What is no answer to the lease is refused with the reason; the lease is still out, and
// the right answer goes on from where nothing had happened.
func TestAnswersThatCannotBeTaken(t *testing.T) {
	rep := func(change func(*method.Report)) func(*method.WorkResponse) {
		return func(r *method.WorkResponse) { change(&r.Reports[0]) }
	}
	unknown := method.Blob(strings.Repeat("f", 64))
	for says, change := range map[string]func(*method.WorkResponse){
		"client/0 was asked for 2 assignments and answered with 1 reports": func(r *method.WorkResponse) { r.Reports = r.Reports[:1] },
		"answered with 3 reports":                                                    func(r *method.WorkResponse) { r.Reports = append(r.Reports, r.Reports[0]) },
		"answered with 0 reports":                                                    func(r *method.WorkResponse) { *r = method.WorkResponse{} },
		`client/0 was asked for "fit" and reported "x"`:                              rep(func(r *method.Report) { r.Name = "x" }),
		`was asked for "fit" and reported "again"`:                                   func(r *method.WorkResponse) { r.Reports[0], r.Reports[1] = r.Reports[1], r.Reports[0] },
		`reported "lora", whose blob "ffffffffffff"`:                                 rep(func(r *method.Report) { r.Made[0].Blob = unknown }),
		`reported "lora", whose blob "ffff`:                                          rep(func(r *method.Report) { r.Began = []method.Named{{Name: "lora", Blob: unknown}} }),
		`reported "lora", whose blob ""`:                                             rep(func(r *method.Report) { r.Made[0].Blob = "" }),
		`made "none" for "fit"`:                                                      rep(func(r *method.Report) { r.Made = append(r.Made, method.Named{Name: "none"}) }),
		`made "(no name)" for "fit"`:                                                 rep(func(r *method.Report) { r.Made = append(r.Made, method.Named{}) }),
		`made "lora" for "fit", which was not asked for, or not so often`:            rep(func(r *method.Report) { r.Made = append(r.Made, r.Made[0]) }),
		`made "Lora" for "fit"`:                                                      rep(func(r *method.Report) { r.Made[0].Name = "Lora" }),
		`made "lora.A" for "fit"`:                                                    rep(func(r *method.Report) { r.Made[0].Name = "lora.A" }),
		`made no "lora" for "fit", which was asked for`:                              rep(func(r *method.Report) { r.Made = nil }),
		`began from "start" for "fit"`:                                               rep(func(r *method.Report) { r.Began = []method.Named{{Name: "start", Blob: unknown}} }),
		`began from "lora" for "fit", under which nothing was made, or not so often`: rep(func(r *method.Report) { r.Began = []method.Named{r.Made[0], r.Made[0]} }),
		`keeps "optimiser", and was not asked to`:                                    func(r *method.WorkResponse) { r.Kept = []method.Named{{Name: "optimiser"}} },
		`keeps "lora", and was not asked to, or not so often`: func(r *method.WorkResponse) {
			r.Kept = []method.Named{r.Reports[0].Made[0], r.Reports[0].Made[0], r.Reports[0].Made[0]}
		},
		"on -1 examples":          rep(func(r *method.Report) { r.Examples = -1 }),
		"a share of NaN":          rep(func(r *method.Report) { r.Share = math.NaN() }),
		"a share of 1.5":          rep(func(r *method.Report) { r.Share = 1.5 }),
		`"loss" with weight NaN`:  rep(func(r *method.Report) { r.Values[0].Weight = math.NaN() }),
		`"loss" with weight +Inf`: rep(func(r *method.Report) { r.Values[0].Weight = math.Inf(1) }),
		`"loss" with weight -1`:   rep(func(r *method.Report) { r.Values[0].Weight = -1 }),
	} {
		s := averager(1)
		plan := s.plan
		s.plan = func(r method.PlanRequest) method.PlanResponse {
			out := plan(r)
			out = ask(out.State, out.Assign[0].Recipe, out.Assign[0].Recipe)
			for i := range out.Assign {
				out.Assign[i].Keep = []string{"lora"}
			}
			return out
		}
		x := one(1, 1, s)
		m, work := stopAt[DoWork](t, x)
		before := x.book.String()
		wrong := x.work(work.Leases[0])
		change(&wrong)
		effects, err := m.Step(&Worked{Key: work.Leases[0].Key, Response: wrong})
		if effects != nil || !errors.Is(err, ErrAnswer) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got %v, %v", says, effects, err)
		}
		if x.book.String() != before {
			t.Errorf("%s: it was written", says)
		}
		effects, err = m.Step(&Worked{Key: work.Leases[0].Key, Response: x.work(work.Leases[0])})
		if err != nil || len(effects) != 1 {
			t.Errorf("%s: the right answer after it: %v, %v", says, effects, err)
		}
	}
}

// What somebody has looked at is stored, of the answer that he looked at it for and of no other.
func TestWhatWasSeenIsOfOneAnswer(t *testing.T) {
	x, elsewhere := one(2, 1, averager(1)), method.Blob(strings.Repeat("e", 64))
	m, work := stopAt[DoWork](t, x)
	named := func(l Lease, seen Seen) error {
		r := x.work(l)
		r.Reports[0].Made[0].Blob = elsewhere
		_, err := m.Step(&Worked{Key: l.Key, Response: r, Seen: seen})
		return err
	}
	if err := named(work.Leases[0], Seen{elsewhere: {bytes: 8, whole: true}}); err != nil {
		t.Fatal(err)
	}
	if err := named(work.Leases[1], nil); !errors.Is(err, ErrAnswer) {
		t.Errorf("what another answer brought is taken for stored: %v", err)
	}
}

// The same for those who score: one report each.
func TestScoresThatCannotBeTaken(t *testing.T) {
	x := cohort(2)
	m, work := stopAt[DoWork](t, x)
	if _, err := m.Step(&Worked{Key: work.Leases[0].Key, Response: method.WorkResponse{}}); !errors.Is(err, ErrAnswer) || !strings.Contains(err.Error(), "evaluation/0 was asked for 1 assignments") {
		t.Errorf("got %v", err)
	}
}

// What came and cannot be used is missing, has its cost, and the fold goes on without it.
func TestCorruptUploadsAreMissing(t *testing.T) {
	wrongShape := random(1, 1)
	wrongShape[0].Out, wrongShape[0].B = 4, wrongShape[0].B[:4]
	wrongModule := random(1, 1)
	wrongModule[1].Module = "7.v"
	lying := random(1, 1).Tensors()
	lying.List[0].Shape = []int{16, 1}
	inf := random(1, 1)
	inf[0].A[0] = float32(math.Inf(-1))
	for why, tensors := range map[string]method.Tensors{
		`corrupt: 0.v.B of "lora" is not finite`:                                                       nan(random(1, 1)).Tensors(),
		`corrupt: 0.q.A of "lora" is not finite`:                                                       inf.Tensors(),
		`corrupt: "lora": module 0.q is 4×16 in the adapter and 16×16 in base "main"`:                  wrongShape.Tensors(),
		`corrupt: "lora": base "main" has no module "7.v"`:                                             wrongModule.Tensors(),
		`corrupt: "lora": lora: tensor 0.q.B is 16×1, but rank is 16 by the factors before it`:         lying,
		`corrupt: "lora": lora: no scale for module 0.q: expected the meta key "scale" or "scale.0.q"`: {Meta: map[string]string{"kind": "adapter"}, List: random(1, 1).Tensors().List},
	} {
		x := one(3, 1, averager(1))
		x.answer = func(l Lease) method.WorkResponse {
			r := x.work(l)
			if l.Key.Whom.Index == 1 {
				r.Reports[0].Made[0].Blob = must(x.store.Put(tensors))
			}
			return r
		}
		x.mustRun(t)
		if got, want := x.story(t), "trial plan(train first) report report report missing fold end"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		missing := lines[ledger.Missing](t, x)
		if want := (ledger.Missing{Round: 0, From: "client/1", Name: "fit", Why: why}); missing[0] != want {
			t.Errorf("got %+v\nwant %+v", missing[0], want)
		}
		request := x.folds[0].Request
		if request.Reports.Len() != 2 || len(request.Missing) != 1 || request.Missing[0] != (method.Missing{To: method.ID{Pool: "client", Index: 1}, Name: "fit", Why: why}) {
			t.Errorf("the fold was told of %d reports and %+v", request.Reports.Len(), request.Missing)
		}
		reports := lines[ledger.Report](t, x)
		bad := int64(4 * tensors.Floats())
		if fold, end := lines[ledger.Fold](t, x)[0], lines[ledger.End](t, x)[0]; fold.Reports != 2 || end.Up != 2*perRank+bad || reports[1].Up != bad {
			t.Errorf("%d reports were folded; %d bytes went up, for the corrupt one %d of %d", fold.Reports, end.Up, reports[1].Up, bad)
		}
	}
}

// An upload that is no adapter at all has no base to fit.
func TestOtherUploadsAreTaken(t *testing.T) {
	s := averager(1)
	s.fold = func(r method.FoldRequest) method.FoldResponse { return method.FoldResponse{State: r.State} }
	x := one(1, 1, s)
	x.answer = func(l Lease) method.WorkResponse {
		r := x.work(l)
		r.Reports[0].Made[0].Blob = must(x.store.Put(method.Tensors{List: []method.Tensor{{Name: "mean", Shape: []int{3}, Data: []float32{1, 2, 3}}}}))
		return r
	}
	x.mustRun(t)
	if rep := lines[ledger.Report](t, x)[0]; rep.Up != 12 || len(lines[ledger.Missing](t, x)) != 0 {
		t.Errorf("three numbers went up as %d bytes", rep.Up)
	}
}

// spoil makes all uploads of the rounds for which it is asked useless.
func (x *trial) spoil(round func(int) bool) {
	x.answer = func(l Lease) method.WorkResponse {
		r := x.work(l)
		for i, rep := range r.Reports {
			if round(l.Asked.Round) && len(rep.Made) > 0 {
				r.Reports[i].Made[0].Blob = must(x.store.Put(nan(random(uint64(l.Asked.Round), 1)).Tensors()))
			}
		}
		return r
	}
}

// A round without a usable report is not folded. The next plan is asked with the state and
// start that the one before left, a new number, and a clock that has moved.
func TestRoundsWithoutAReportAreNotFolded(t *testing.T) {
	s := averager(1)
	plan := s.plan
	s.plan = func(r method.PlanRequest) method.PlanResponse {
		out := plan(r)
		out.State.Bytes = append(out.State.Bytes, byte('0'+r.Round))
		return out
	}
	x := one(2, 4, s)
	x.fixed.Asks = []Ask{{Every: 1, On: "test", Metrics: []string{"loss"}}}
	x.spoil(func(round int) bool { return round == 1 || round == 3 })
	x.mustRun(t)
	if got, want := x.story(t), "trial evaluate(start 0)"+
		" plan(train first) report report fold evaluate(round 1)"+
		" plan(train first) report report missing missing"+
		" plan(train first) report report fold evaluate(round 2)"+
		" plan(train first) report report missing missing end"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for i, want := range []string{"", "0", "01", "012"} {
		r := x.plans[i].Request
		if string(r.State.Bytes) != want || r.Round != i || r.Stage.Round != i {
			t.Errorf("plan %d was asked with state %q and rounds %d and %d", i, r.State.Bytes, r.Round, r.Stage.Round)
		}
		if i > 0 && r.Now <= x.plans[i-1].Request.Now {
			t.Errorf("plan %d: the clock stands at %g", i, r.Now)
		}
	}
	if before, after := x.plans[1].Request.State.Holds, x.plans[2].Request.State.Holds; fmt.Sprint(before) != fmt.Sprint(after) {
		t.Errorf("the state held %v, and %v after a round that came to nothing", before, after)
	}
	if end := lines[ledger.End](t, x)[0]; end.Rounds != 2 || end.Up != 8*perRank {
		t.Errorf("the end counts %d rounds and %d bytes up", end.Rounds, end.Up)
	}
}

func TestAHundredRoundsForNothingEndTheTrial(t *testing.T) {
	x := one(1, 0, averager(1))
	x.spoil(func(round int) bool { return round != 50 })
	err := x.run()
	if err == nil || !strings.Contains(err.Error(), `the last 100 rounds closed without a single usable report; the last reason: corrupt: 0.v.B of "lora" is not finite`) {
		t.Fatalf("got %v", err)
	}
	if plans, ends := len(lines[ledger.Plan](t, x)), len(lines[ledger.End](t, x)); plans != 151 || ends != 0 {
		t.Errorf("%d rounds and %d ends; 50, one that counts, and 100 are expected", plans, ends)
	}
}

// Reports come to the fold by participant, then by name, though they are done in plan order.
func TestReportsAreInOrder(t *testing.T) {
	s := averager(1)
	plan := s.plan
	s.plan = func(r method.PlanRequest) method.PlanResponse {
		fit := plan(r).Assign[0].Recipe
		out := ask(r.State, fit, fit)
		out.Assign[0].Name, out.Assign[1].Name = "z", "b"
		out.Assign[1].To = []method.ID{{Pool: "client", Index: 1}}
		out.Assign = append(out.Assign, method.Assignment{Name: "a", Recipe: fit, To: out.Assign[1].To})
		return out
	}
	x := one(11, 1, s).mustRun(t)
	var got []string
	for rep, err := range x.folds[0].Request.Reports.All() {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(rep.From.Index, rep.Name))
	}
	if want := "[0z 1a 1b 1z 2z 3z 4z 5z 6z 7z 8z 9z 10z]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
	for i, rep := range lines[ledger.Report](t, x) {
		if fmt.Sprint(strings.TrimPrefix(rep.From, "client/"), rep.Name) != got[i] {
			t.Errorf("report %d of the book is %s of %s", i, rep.Name, rep.From)
		}
	}
	names := func(l Lease) (s string) {
		for _, a := range l.Asked.Assign {
			s += a.Name
		}
		return s
	}
	if got := names(x.leases[0][1]); got != "zba" {
		t.Errorf("client/1 does %q, want plan order", got)
	}
}
