package coordinator

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/ledger"
)

// trial drives a machine in a small world with methods that are scripts. A test sets what
// it is about, and runs.
type trial struct {
	fixed   Fixed
	world   *fakeWorld
	store   fakeStore
	lends   func(fakeStore) Store // to the machine; nil: a lender does
	blobs   Store                 // that the machine has
	methods []script
	answer  func(Lease) method.WorkResponse // nil: work
	arrive  func([]Input) []Input           // in which order and how often answers come; nil: as asked
	watch   func(Input, []Effect)
	between func(*Machine) // called between any two inputs; nil: nobody
	keeper  Keeper         // nil: nobody takes a rest
	book    bytes.Buffer
	hash    string
	plans   []AskPlan
	folds   []AskFold
	leases  [][]Lease
	next    *method.PlanRequest // that was said to follow the last fold, with the state that this answered
	told    int                 // plans of which it was said rightly what they would be asked with
}

// one is a trial of one stage, one pool of n clients and one method, which has so many
// rounds.
func one(n, rounds int, s script) *trial {
	return chain(n, []Stage{{Name: "train", Base: "main", Labels: 3}}, []Member{{Name: "first", Rounds: rounds}}, s)
}

// chain is a trial of several stages and methods over a pool of n clients.
func chain(n int, stages []Stage, members []Member, s ...script) *trial {
	for i := range members {
		if members[i].Card.Roles == nil {
			members[i].Card.Roles = []method.Role{"client"}
		}
		members[i].Params, members[i].Sequels = method.Values{"floats": []float64{1, 2}}, true
	}
	pools := []Pool{{Name: "client", Size: n}}
	return &trial{store: fakeStore{}, methods: s, world: &fakeWorld{pools: pools}, fixed: Fixed{
		Stages: stages, Members: members, Pools: pools, Shared: seed, Draws: draws, Carries: func(method.Assignment) error { return nil },
		Bases: []method.Base{{Name: "main", Width: 16, Modules: modules}, {Name: "other", Width: 16, Modules: modules}},
	}}
}

// ranks gives the clients these ranks.
func (x *trial) ranks(r ...int) *trial {
	x.world.ranks = map[string][]int{"client": r}
	return x
}

// machine is the trial's, with the first line written.
func (x *trial) machine() (*Machine, *ledger.Book, error) {
	book := ledger.NewBook(func(line []byte) error { x.book.Write(line); return nil })
	x.blobs = &lender{fakeStore: x.store}
	if x.lends != nil {
		x.blobs = x.lends(x.store)
	}
	m, err := New(x.fixed, x.world, x.blobs, book, ledger.Trial{Name: "test"})
	if err == nil && x.keeper != nil {
		m.KeepWith(x.keeper)
	}
	return m, book, err
}

// run runs the trial to its end.
func (x *trial) run() error {
	m, book, err := x.machine()
	if err != nil {
		return err
	}
	todo := []Input{Begin{}}
	for len(todo) > 0 {
		in := todo[0]
		todo = todo[1:]
		effects, err := m.Step(in)
		if x.watch != nil {
			x.watch(in, effects)
		}
		if err != nil {
			return err
		}
		for len(effects) > 0 {
			e := effects[0]
			effects = effects[1:]
			switch e.(type) {
			case Finished:
				x.hash = book.Hash()
				return rest(m, todo)
			case Rest:
				more, err := m.Rest()
				if err != nil {
					return err
				}
				effects = append(more, effects...)
				continue
			}
			todo = append(todo, x.carryOut(e)...)
		}
		if x.between != nil {
			x.between(m)
		}
	}
	return fmt.Errorf("the machine waits for nothing and has not finished")
}

// rest are answers that come when all is over: they change nothing.
func rest(m *Machine, late []Input) error {
	for _, in := range late {
		if effects, err := m.Step(in); err != nil || effects != nil {
			return fmt.Errorf("after the end: %v, %w", effects, err)
		}
	}
	return nil
}

func (x *trial) carryOut(e Effect) (answers []Input) {
	defer x.blobs.Hold()() // of the method or the trainer
	switch e := e.(type) {
	case AskPlan:
		x.plans = append(x.plans, e)
		x.expected(e)
		return []Input{Planned{x.methods[e.Member].plan(e.Request)}}
	case AskFold:
		x.folds = append(x.folds, e)
		r := x.methods[e.Member].fold(e.Request)
		if x.next = e.Next; x.next != nil && len(r.Notes) > 0 {
			x.next = nil
		} else if x.next != nil {
			x.next.State = copied(r.State)
		}
		return []Input{Folded{r}}
	case Recall:
		return nil
	case DoWork:
		x.leases = append(x.leases, e.Leases)
		for _, l := range e.Leases {
			answer := x.answer
			if answer == nil {
				answer = x.work
			}
			answers = append(answers, &Worked{Key: l.Key, Response: answer(l)})
		}
		if x.arrive != nil {
			answers = x.arrive(answers)
		}
		return answers
	}
	panic(fmt.Sprintf("%T is no effect", e))
}

// expected insists that a plan is asked with what was said beforehand.
func (x *trial) expected(e AskPlan) {
	if x.next == nil {
		return
	}
	was, is := *x.next, e.Request
	if was.Blobs, is.Blobs = nil, nil; !reflect.DeepEqual(was, is) {
		panic(fmt.Sprintf("a plan was to be asked with\n%+v\nand is asked with\n%+v", was, is))
	}
	x.next = nil
	x.told++
}

// mustRun runs a trial that nothing is wrong with.
func (x *trial) mustRun(t testing.TB) *trial {
	t.Helper()
	if err := x.run(); err != nil {
		t.Fatal(err)
	}
	return x
}

// work does a lease: a Fit moves its adapter by random numbers, a Score gives numbers that
// follow from the model.
func (x *trial) work(l Lease) method.WorkResponse {
	var out method.WorkResponse
	for i, a := range l.Asked.Assign {
		rep := method.Report{Name: a.Name, Share: 1, Examples: x.world.Participant(l.Key.Whom).Examples}
		switch r := a.Recipe.(type) {
		case method.Fit:
			x.trained(&rep, r, l.Draws[i])
		case method.Score:
			sum, _ := hex.DecodeString(digest(r.Model)[:2])
			rep.Examples = 1 + l.Key.Whom.Index
			for _, name := range r.Metrics {
				rep.Values = append(rep.Values, method.Value{Name: name, Value: float64(sum[0]), Weight: float64(rep.Examples)})
			}
		}
		out.Reports = append(out.Reports, rep)
	}
	return out
}

// trained makes what a Fit of one adapter makes.
func (x *trial) trained(rep *method.Report, r method.Fit, draw uint64) {
	part := r.Train[0].(method.LoRA)
	made := random(draw, part.Rank)
	if b := part.From.Blob; b != "" {
		began := must(lora.Parse(must(x.store.Open(b))))
		for i := range made {
			for k := range made[i].A {
				made[i].A[k] += began[i].A[k]
			}
			for k := range made[i].B {
				made[i].B[k] += began[i].B[k]
			}
		}
		rep.Began = []method.Named{{Name: part.Name, Blob: b}}
	}
	rep.Made = []method.Named{{Name: part.Name, Blob: must(x.store.Put(made.Tensors()))}}
	rep.Values = []method.Value{{Name: "loss", Value: float64(draw%1000) / 8, Weight: float64(rep.Examples)}}
}

// lines are those of one kind in the trial's book, after checking the chain.
func lines[T any](t testing.TB, x *trial) (out []T) {
	t.Helper()
	for l, err := range ledger.Read(bytes.NewReader(x.book.Bytes())) {
		if err != nil {
			t.Fatal(err)
		}
		if is, ok := l.Is.(T); ok {
			out = append(out, is)
		}
	}
	return out
}

// story is the order of the lines of a trial: "trial plan report report fold end", an
// evaluation with where it fell: "evaluate(end 3)".
func (x *trial) story(t testing.TB) string {
	t.Helper()
	var words []string
	for l, err := range ledger.Read(bytes.NewReader(x.book.Bytes())) {
		if err != nil {
			t.Fatal(err)
		}
		word := l.Kind
		switch is := l.Is.(type) {
		case ledger.Evaluate:
			word = fmt.Sprintf("evaluate(%s %d)", is.At, is.Round)
		case ledger.Plan:
			word = fmt.Sprintf("plan(%s %s)", is.Stage, is.Member)
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}
