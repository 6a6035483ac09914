package world_test

import (
	"fmt"
	"runtime"
	"slices"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/scenario"
	"github.com/loramesh/loramesh/sim/simtest"
	"github.com/loramesh/loramesh/sim/world"
)

// million is a population that the data could not be divided among.
func million(more ...string) []string {
	return append([]string{"population.client.count=1000000", "population.client.split={drawn: 12, mix: 0.3, by: topic}",
		"population.client.rank={16: 1, 8: 2, 4: 4}", "population.client.offer={draw: 5}"}, more...)
}

func rowsOf(t *testing.T, w *world.World, id method.ID) []world.Row {
	t.Helper()
	train, err := w.Rows(0, id, "train")
	if err != nil {
		t.Fatal(err)
	}
	valid, err := w.Rows(0, id, "valid")
	if err != nil {
		t.Fatal(err)
	}
	return slices.Concat(train, valid)
}

// A million clients are a number and a rule: making them takes no memory, and who one is
// does not depend on how many there are beside him.
func TestAMillionClientsAreNotListed(t *testing.T) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	w := simtest.World(t, simtest.Trial(t, million()...), nil)
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 16<<20 {
		t.Errorf("the world took %d bytes", grown)
	}
	last := client(999_999)
	if got := len(rowsOf(t, w, last)); got != 12 {
		t.Errorf("the last client has %d rows, expected 12", got)
	}
	few := simtest.World(t, simtest.Trial(t, million("population.client.count=8")...), nil)
	for i := range 8 {
		if a, b := rowsOf(t, w, client(i)), rowsOf(t, few, client(i)); fmt.Sprint(prompts(a)) != fmt.Sprint(prompts(b)) {
			t.Errorf("client %d has other rows among a million than among eight", i)
		}
	}
}

func prompts(rows []world.Row) (out []string) {
	for _, r := range rows {
		out = append(out, r.Example().Prompt)
	}
	return out
}

// Ranks are dealt to all of them exactly, and the ledger says how many have which.
func TestRanksOfAMillion(t *testing.T) {
	w := simtest.World(t, simtest.Trial(t, million("population.client.count=700")...), nil)
	count := map[int]int{}
	for i := range 700 {
		count[w.Participant(client(i)).Rank]++
	}
	if fmt.Sprint(count) != "map[4:400 8:200 16:100]" {
		t.Errorf("ranks were dealt as %v", count)
	}
	f := w.Fixed(make([]method.Card, len(w.Trial.Scenario.Method)), make([]string, len(w.Trial.Scenario.Method)))
	head := w.Head(f)
	if got := fmt.Sprint(head.Pools[0].Holders(), len(head.Pools[0].Ranks)); got != "[{16 100} {8 200} {4 400}] 0" {
		t.Errorf("the head says %s", got)
	}
}

// With a small α each draws mostly one value; without a mix the values come as in the data.
func TestAMixIsOnesOwn(t *testing.T) {
	largest := func(split string) (mean float64) {
		w := simtest.World(t, simtest.Trial(t, million("population.client.count=200", "population.client.split="+split)...), nil)
		for i := range 200 {
			count, top := map[string]int{}, 0
			rows := rowsOf(t, w, client(i))
			for _, r := range rows {
				topic := r.Example().Columns["topic"]
				count[topic]++
				top = max(top, count[topic])
			}
			mean += float64(top) / float64(len(rows)) / 200
		}
		return mean
	}
	own, chance := largest("{drawn: 8, mix: 0.05, by: topic}"), largest("{drawn: 8}")
	if own < chance+0.2 {
		t.Errorf("the largest topic has %.2f of a shard with a mix of 0.05, and %.2f by chance", own, chance)
	}
}

func TestWhatCannotBeDrawnIsRefused(t *testing.T) {
	refused(t, "population.client.offer", "at most 65536", million("population.client.offer=all")...)
	refused(t, "population.client.split", "cannot be drawn", million("population.client.split={drawn: 100000}")...)
	if _, ps := scenario.Parse("x.yaml", []byte("version: 1\npopulation: {client: {split: {drawn: 3, mix: 1}}}\n")); len(ps) == 0 {
		t.Error("a population without a count was let through")
	}
}
