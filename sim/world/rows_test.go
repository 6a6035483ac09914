package world_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/simtest"
	"github.com/loramesh/loramesh/sim/world"
)

// chunk lists the rows of one chunk of an evaluation.
func chunk(t *testing.T, w *world.World, ask, n int) []world.Row {
	t.Helper()
	rows, err := w.Rows(0, method.ID{Pool: coordinator.EvaluationPool}, fmt.Sprintf("evaluate/%d/%d", ask, n))
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// asked lists all rows of an evaluation, by the hash of the example.
func asked(t *testing.T, w *world.World, ask int) (hashes []uint64) {
	t.Helper()
	for n := range w.Chunks(ask) {
		for _, r := range chunk(t, w, ask, n) {
			hashes = append(hashes, r.Example().Hash)
		}
	}
	return hashes
}

func TestEvaluationsAreCutIntoChunks(t *testing.T) {
	w := simtest.World(t, simtest.Trial(t), nil)
	if n := w.Chunks(0); n != 2 || len(chunk(t, w, 0, 0)) != 32 || len(chunk(t, w, 0, 1)) != 8 {
		t.Errorf("40 examples are %d chunks", n)
	}
	for _, name := range []string{"evaluate/0/2", "evaluate/2/0", "evaluate/-1/0", "evaluate/0/-1", "evaluate/0", "evaluate/0/0/0", "evaluate/x/0", "train", ""} {
		if _, err := w.Rows(0, method.ID{Pool: coordinator.EvaluationPool}, name); err == nil {
			t.Errorf("%q is a chunk", name)
		}
	}
}

// unlike makes examples long enough that no two are equal.
const unlike = "data.phrases.with.clauses=2"

// Every training example is held once, by one client, for training or for validation, and
// the evaluations on both see just those.
func TestEvaluationRows(t *testing.T) {
	sets := []string{unlike, `evaluate=[{at: end, on: train, metrics: [loss]}, {at: end, on: valid, metrics: [loss]}, {at: end, on: test, metrics: [loss]}]`}
	w := simtest.World(t, simtest.Trial(t, sets...), nil)
	held := map[string][]uint64{}
	for i := range 4 {
		for _, name := range []string{"train", "valid"} {
			rows, err := w.Rows(0, client(i), name)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range rows {
				held[name] = append(held[name], r.Example().Hash)
			}
		}
		if n := w.Participant(client(i)).Examples; n == 0 || n > len(held["train"]) {
			t.Errorf("client/%d has %d examples", i, n)
		}
	}
	if n, v := len(held["train"]), len(held["valid"]); n+v != 48 || v == 0 {
		t.Errorf("48 examples are held as %d and %d", n, v)
	}
	other := simtest.World(t, simtest.Trial(t, append(sets, "seed=2")...), nil)
	for ask, name := range []string{"train", "valid", "test"} {
		got := asked(t, w, ask)
		if !slices.Equal(got, asked(t, other, ask)) {
			t.Errorf("on %s, two seeds are measured on other examples", name)
		}
		if name == "test" {
			if len(got) != 40 || slices.ContainsFunc(got, func(h uint64) bool { return slices.Contains(held["train"], h) }) {
				t.Errorf("%d test examples, or some that are trained on", len(got))
			}
			continue
		}
		slices.Sort(got)
		slices.Sort(held[name])
		if !slices.Equal(got, held[name]) {
			t.Errorf("on %s %d rows are asked, %d are held", name, len(got), len(held[name]))
		}
	}
}

func TestEvaluationLimit(t *testing.T) {
	limited := func(n int, sets ...string) []uint64 {
		return asked(t, simtest.World(t, simtest.Trial(t, append(sets, unlike, fmt.Sprintf("evaluate.0.limit=%d", n))...), nil), 0)
	}
	ten, all := limited(10), limited(100)
	if len(ten) != 10 || len(all) != 40 {
		t.Fatalf("limits of 10 and 100 of 40 give %d and %d", len(ten), len(all))
	}
	at := -1
	for _, h := range ten { // in the order that they had, and not the first ten
		i := slices.Index(all, h)
		if i <= at {
			t.Errorf("row %d came after row %d", i, at)
		}
		at = i
	}
	if slices.Equal(ten, all[:10]) {
		t.Error("a limit takes the first rows")
	}
	if !slices.Equal(ten, limited(10, "seed=5", "method.0.use=fedit")) {
		t.Error("a limit draws other rows for other trials")
	}
}

// A limit holds for each source by itself, and the largest that there is is none.
func TestALimitIsOfEachSource(t *testing.T) {
	w := simtest.World(t, simtest.Trial(t), nil)
	all, _ := w.Rows(0, client(3), "train")
	for limit, want := range map[int][]world.Row{2: slices.Concat(all[:2], all[:2]), math.MaxInt: slices.Concat(all, all)} {
		got, err := w.Choose(0, client(3), method.Data{Limit: limit, From: []method.Source{{Name: "train"}, {Name: "train"}}})
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("limit %d of %d twice gives %d, expected %d: %v", limit, len(all), len(got), len(want), err)
		}
	}
}

func TestRowsOfParticipants(t *testing.T) {
	w := simtest.World(t, simtest.Trial(t), nil)
	if _, err := w.Rows(0, client(0), "test"); err == nil {
		t.Error("a client sees the test set")
	}
	for _, limit := range []int{0, 3, 1000} {
		all, _ := w.Rows(0, client(3), "train")
		got, err := w.Choose(0, client(3), method.Data{Limit: limit})
		want := all
		if limit == 3 {
			want = all[:3]
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("limit %d of %d gives %d, %v", limit, len(all), len(got), err)
		}
	}
	valid, err := w.Choose(0, client(3), method.Data{From: []method.Source{{Name: "valid"}}})
	want, _ := w.Rows(0, client(3), "valid")
	if err != nil || !slices.Equal(valid, want) {
		t.Errorf("%d rows of valid, expected %d: %v", len(valid), len(want), err)
	}
}

func TestUnknownParticipantsPanic(t *testing.T) {
	w := simtest.World(t, simtest.Trial(t), nil)
	for _, id := range []method.ID{client(4), client(-1), {Pool: "nobody"}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("the world knows %s", id)
				}
			}()
			w.Participant(id)
		}()
	}
}

// Sequences are as long as `tokens` allows, and say when that was too short.
func TestSequences(t *testing.T) {
	for _, c := range []struct {
		tokens, want int
		cut          bool
	}{{0, 9, false}, {9, 9, false}, {8, 8, true}, {5, 5, true}} {
		w := simtest.World(t, simtest.Trial(t, fmt.Sprintf("data.phrases.tokens=%d", c.tokens)), nil)
		r := chunk(t, w, 0, 0)[0]
		for _, inputs := range []bool{false, true, false} {
			s, cut, err := w.Sequence(w.Bases[0], r, inputs)
			if err != nil || len(s.IDs) != c.want || cut != c.cut {
				t.Errorf("tokens %d: %d tokens, cut %v, %v", c.tokens, len(s.IDs), cut, err)
				continue
			}
			if counts := s.Labels[1] >= 0; counts != inputs {
				t.Errorf("tokens %d: the prompt counts %v, asked for was %v", c.tokens, counts, inputs)
			}
		}
		if longest := w.Longest(w.Bases[0], r); longest != c.tokens && c.tokens > 0 || c.tokens == 0 && longest != 16 {
			t.Errorf("tokens %d: the longest is %d", c.tokens, longest)
		}
	}
}

// What all of a pool train on is in one place where that is granted, and nowhere else.
func TestOnePlaceIsGranted(t *testing.T) {
	const where = "data-in-one-place"
	if _, err := simtest.World(t, simtest.Trial(t, unlike), nil).Rows(0, client(1), "pool"); err == nil || !strings.Contains(err.Error(), where) {
		t.Errorf("without a grant: %v", err)
	}
	w := simtest.World(t, simtest.Trial(t, unlike, "grant={"+where+": all}"), nil)
	var each []int
	for i := range 4 {
		rows, err := w.Rows(0, client(i), "train")
		if err != nil {
			t.Fatal(err)
		}
		each = append(each, len(rows))
	}
	all, err := w.Rows(0, client(1), "pool")
	if want := each[0] + each[1] + each[2] + each[3]; err != nil || len(all) != want {
		t.Errorf("%d examples in one place of %v: %v", len(all), each, err)
	}
	_, problems, err := world.Build(simtest.Trial(t, unlike, "grant={"+where+": 20}"), simtest.Assets())
	if err != nil || len(problems) != 1 || !strings.Contains(problems[0].Error(), "all was expected") {
		t.Errorf("20 examples granted: %v, %v", problems, err)
	}
}
