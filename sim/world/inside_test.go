package world_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/plan"
	"github.com/loramesh/loramesh/sim/scenario"
	"github.com/loramesh/loramesh/sim/simtest"
	"github.com/loramesh/loramesh/sim/world"
)

func user(i int) method.ID { return method.ID{Pool: "user", Index: i} }

// inside is a trial of the tiny scenario with more pools, each a line of YAML.
func inside(t *testing.T, pools []string, sets ...string) plan.Trial {
	t.Helper()
	source := strings.Replace(simtest.Source, "method:", "  "+strings.Join(pools, "\n  ")+"\nmethod:", 1)
	return simtest.Trials(t, source, sets...)[0]
}

func placesOf(t *testing.T, w *world.World, id method.ID) (rows []string) {
	t.Helper()
	for _, name := range []string{"train", "valid"} {
		list, err := w.Rows(0, id, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range list {
			row, _ := r.Cell(world.ByExample)
			rows = append(rows, row)
		}
	}
	return rows
}

// Each client's examples are dealt evenly among it and those inside it: no row is with two, and
// together they have what the client has where nobody lives in it.
func TestExamplesAreDealtInside(t *testing.T) {
	alone := simtest.World(t, simtest.Trial(t), nil)
	w := simtest.World(t, inside(t, []string{"user: {of: client, per: 2}", "badge: {of: user, per: 1}"}), nil)
	for c := range 4 {
		want := placesOf(t, alone, client(c))
		var got []string
		sizes := map[int]bool{}
		for _, id := range []method.ID{client(c), user(2 * c), user(2*c + 1), {Pool: "badge", Index: 2 * c}, {Pool: "badge", Index: 2*c + 1}} {
			rows := placesOf(t, w, id)
			sizes[len(rows)] = true
			got = append(got, rows...)
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) || len(sizes) > 4 {
			t.Errorf("client/%d and those inside it have %v, expected %v", c, got, want)
		}
		if mine := len(placesOf(t, w, client(c))); mine < len(want)/3 || mine > len(want)/3+1 {
			t.Errorf("client/%d kept %d of %d examples, expected a third", c, mine, len(want))
		}
	}
}

// Those inside a client have its device, and its rank up to their own limit.
func TestThoseInsideHaveTheDevice(t *testing.T) {
	drawn := []string{"population.client.split={drawn: 6}", "population.user.split={drawn: 4}", "population.client.count=1000000", "population.client.offer={draw: 3}", "population.user.offer={draw: 5}"}
	for split, sets := range map[string][]string{"divided": nil, "drawn": drawn} {
		w := simtest.World(t, inside(t, []string{"user: {of: client, per: 3, rank: 2}"}, sets...), nil)
		for i := range 12 {
			u, c := w.Participant(user(i)), w.Participant(client(i/3))
			if u.Tier != c.Tier || u.Rank != min(2, c.Rank) || u.Examples == 0 {
				t.Errorf("%s: user/%d is %+v, its client %+v", split, i, u, c)
			}
			fit := method.Fit{Model: method.Model{Base: "main"}, Train: []method.Part{method.LoRA{Modules: []string{"*.q"}, Rank: 1}}, Steps: 1, Batch: 1}
			mine, its := w.Price(0, fit)(user(i), 0).Spent(1e9, 0, 0).Time, w.Price(0, fit)(client(i/3), 0).Spent(1e9, 0, 0).Time
			if mine < its-0.011 || mine > its+0.011 { // but for jitter, which is each one's own
				t.Errorf("%s: user/%d takes %g s, its client %g s", split, i, mine, its)
			}
		}
	}
}

// Who lives in a client can be reached when it can, and within that at hours of his own.
func TestThoseInsideAreReachedWithIt(t *testing.T) {
	w := simtest.World(t, inside(t, []string{"user: {of: client, per: 2, available: {share: 0.5}}"}, "population.client.available={share: 0.5}"), nil)
	both := 0
	for i := range 8 {
		for h := range 200 {
			at := method.Seconds(3600 * h)
			if !w.Available(user(i), at) {
				continue
			}
			both++
			if !w.Available(client(i/2), at) {
				t.Fatalf("user/%d is there at hour %d, its client is not", i, h)
			}
		}
	}
	if both < 300 || both > 500 { // a quarter of 1,600
		t.Errorf("users are there %d of 1600 times, expected about 400", both)
	}
}

func TestBadNests(t *testing.T) {
	for _, c := range []struct {
		path, want, pool string
		sets             []string
	}{
		{"population.client.split", "rows for itself and the 40 inside it", "user: {of: client, per: 40}", nil},
		{"population.user.per", "at most 1073741824 participants", "user: {of: client, per: 100000, split: {drawn: 4}, offer: {draw: 4}}",
			[]string{"population.client.split={drawn: 6}", "population.client.count=100000", "population.client.offer={draw: 3}"}},
		{"population.user.offer", "whether his device can be reached or not", "user: {of: client, per: 2, offer: {sweep: 2}}", []string{"population.client.available=diurnal"}},
	} {
		accused(t, inside(t, []string{c.pool}, c.sets...), simtest.Assets(), c.path, c.want)
	}
}

// A nested pool as resolved is read again as what it was.
func TestNestsAsResolved(t *testing.T) {
	trial := inside(t, []string{"user: {of: client, per: 2}"})
	doc, problems := scenario.Parse("again.yaml", trial.Scenario.Resolved())
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	again, problems := plan.Expand(doc)
	if len(problems) > 0 || again[0].Hash != trial.Hash {
		t.Errorf("%v, another hash: %v", problems, again)
	}
}
