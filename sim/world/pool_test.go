package world_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/plan"
	"github.com/loramesh/loramesh/sim/scenario"
	"github.com/loramesh/loramesh/sim/simtest"
	"github.com/loramesh/loramesh/sim/world"
)

func client(i int) method.ID { return method.ID{Pool: "client", Index: i} }

// Hamilton's method: floors first, then one each to the largest remainders, ties to the
// earlier share.
func TestPartsAreExact(t *testing.T) {
	for _, c := range []struct {
		shares []float64
		n      int
		want   []int
	}{
		{[]float64{1}, 3, []int{3}},
		{[]float64{1, 2, 3, 2}, 8, []int{1, 2, 3, 2}},
		{[]float64{1, 1, 1}, 4, []int{2, 1, 1}},
		{[]float64{1, 1, 1}, 5, []int{2, 2, 1}},
		{[]float64{0.1, 0.2, 0.7}, 10, []int{1, 2, 7}},
		{[]float64{0.1, 0.1, 0.1}, 3, []int{1, 1, 1}},
		{[]float64{5, 3, 1}, 4, []int{2, 1, 1}}, // 2.22, 1.33, 0.44
		{[]float64{1, 1e9}, 10, []int{0, 10}},
		{[]float64{47, 16, 15.8, 12, 6.1, 3.1}, 10, []int{5, 2, 1, 1, 1, 0}},
		{nil, 5, []int{}},
	} {
		shares := make([]scenario.Share, len(c.shares))
		for i, s := range c.shares {
			shares[i].Share = s
		}
		if got := world.Parts(shares, c.n); !slices.Equal(got, c.want) {
			t.Errorf("%d by %v: %v, expected %v", c.n, c.shares, got, c.want)
		}
	}
	for n := range 200 { // whatever the shares, all places are dealt
		shares := []scenario.Share{{Share: 1. / 3}, {Share: 1. / 7}, {Share: 0.1}, {Share: 1e-9}}
		got := 0
		for _, places := range world.Parts(shares, n) {
			got += places
		}
		if got != n {
			t.Errorf("%d places were dealt as %d", n, got)
		}
	}
}

// The largest ranks go to the devices with the most memory, whoever gets them.
func TestRanksAreDealtWithDevices(t *testing.T) {
	tiers := map[int]string{}
	orders := map[string]bool{}
	for seed := range 8 {
		w := simtest.World(t, simtest.Trial(t, fmt.Sprint("seed=", seed+1), "population.client.count=8",
			"population.client.device={phone: 5, laptop: 3}", "population.client.rank={4: 3, 2: 3, 1: 2}"), nil)
		count, order := map[string]int{}, ""
		for i := range 8 {
			p := w.Participant(client(i))
			count[fmt.Sprint(p.Tier, p.Rank)]++
			tiers[p.Rank] = p.Tier
			order += fmt.Sprint(p.Rank)
		}
		orders[order] = true
		if fmt.Sprint(count) != "map[laptop4:3 phone1:2 phone2:3]" {
			t.Errorf("seed %d: %v", seed+1, count)
		}
	}
	if len(orders) < 4 {
		t.Errorf("eight seeds dealt %d orders", len(orders))
	}
}

// refused builds a world that must have problems, and wants words in the first of them.
func refused(t *testing.T, path, want string, sets ...string) {
	t.Helper()
	accused(t, simtest.Trial(t, sets...), simtest.Assets(), path, want)
}

// accused asks that the first problem of a trial's world stands at a path and has some words.
func accused(t *testing.T, trial plan.Trial, a *world.Assets, path, want string) {
	t.Helper()
	w, problems, err := world.Build(trial, a)
	if w != nil || err != nil || len(problems) == 0 {
		t.Errorf("%s: built %v, %v", path, w != nil, err)
		return
	}
	p := problems[0]
	if p.Path != path || !strings.Contains(p.Text, want) || p.File == "" {
		t.Errorf("at %s (%s): %s\nexpected at %s: … %s …", p.Path, p.File, p.Text, path, want)
	}
}

func TestScenariosThatNobodyCanLiveIn(t *testing.T) {
	rank := func(r int) string { return fmt.Sprintf("population.client.rank=%d", r) }
	refused(t, "population.client.rank.17", "at most 16", rank(17))
	refused(t, "population.client.device", "of 4 at rank", "devices.phone.memory=10 KB")
	refused(t, "population.client.device", `"phone" has 0.01 MB`, "devices.phone.memory=10 KB", rank(16))
	refused(t, "population.client.split", "cannot each have a row", "population.client.count=49")
	refused(t, "population.client.split", "one file", "population.client.split=natural")
	refused(t, "data.phrases", `unknown parameter "topic"`, "data.phrases.with.topic=4")
	refused(t, "data.phrases", "no file matches", "data.phrases={file: none.jsonl, format: jsonl}")
	refused(t, "data.phrases.tokens", "longer than the base's context of 16", "data.phrases.tokens=17")
	refused(t, "bases.main", "pre-training diverged", "bases.main.recipe.pretrain.lr=10")
	refused(t, "bases.main", "nowhere has no config.json", "bases.main={hf: nowhere}")
	refused(t, "evaluate.0.on", `no "valid" examples`, "evaluate.0.on=valid", "data.phrases.valid=0")
	refused(t, "evaluate.0.by", `no column "topics"`, "evaluate.0.by=[topics]")
	refused(t, "evaluate.0.by", `did you mean "topic"`, "evaluate.0.by=[topics]")
}

// At its very size a memory is enough: weights, and value, gradient and two moments of q and v.
func TestMemoryIsExact(t *testing.T) {
	w := simtest.World(t, simtest.Trial(t), nil)
	need := 4*w.Bases[0].Model.Config().Params() + 16*2*(16+16)*4 // rank 4 on two square maps of 16
	enough := []string{"population.client.rank=4", "population.client.device=phone", fmt.Sprintf("devices.phone.memory=%d B", need)}
	simtest.World(t, simtest.Trial(t, enough...), nil)
	refused(t, "population.client.device", "need at least", append(enough, fmt.Sprintf("devices.phone.memory=%d B", need-1))...)
}

func idle(int) bool { return false }

func TestOffers(t *testing.T) {
	all := simtest.World(t, simtest.Trial(t), nil)
	draw := simtest.World(t, simtest.Trial(t, "population.client.count=8", "population.client.offer={draw: 3}"), nil)
	sweep := simtest.World(t, simtest.Trial(t, "population.client.count=8", "population.client.offer={sweep: 3}"), nil)
	some := simtest.World(t, simtest.Trial(t, "population.client.count=8", "population.client.offer={sweep: 3, of: 5}"), nil)
	var chosen []int
	many := simtest.World(t, simtest.Trial(t, "population.client.offer={draw: 9}"), nil)
	drawn, swept, cohorts := map[int]bool{}, []int{}, map[string]bool{}
	for round := range 20 {
		if got := all.Offer(0, "client", round, 4, idle); !slices.Equal(got, []int{0, 1, 2, 3}) {
			t.Errorf("round %d offers %v of all", round, got)
		}
		if got := many.Offer(0, "client", round, 9, idle); !slices.Equal(got, []int{0, 1, 2, 3}) {
			t.Errorf("round %d offers %v of a draw of more than all", round, got)
		}
		got := draw.Offer(0, "client", round, 3, idle)
		if !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != 3 || !slices.Equal(got, draw.Offer(0, "client", round, 3, idle)) {
			t.Errorf("round %d draws %v", round, got)
		}
		more := draw.Offer(0, "client", round, 5, func(i int) bool { return i == got[1] })
		if len(more) != 5 || slices.Contains(more, got[1]) || !slices.Contains(more, got[0]) || !slices.Contains(more, got[2]) {
			t.Errorf("round %d draws %v, and %v where %d is busy", round, got, more, got[1])
		}
		cohorts[fmt.Sprint(got)] = true
		for _, i := range got {
			drawn[i] = true
		}
		chosen = append(chosen, some.Offer(0, "client", round, 3, idle)...)
		swept = append(swept, sweep.Offer(0, "client", round, 3, idle)...)
	}
	if len(drawn) != 8 || len(cohorts) < 10 {
		t.Errorf("twenty draws of 3 met %d of 8, in %d cohorts", len(drawn), len(cohorts))
	}
	slices.Sort(chosen)
	if len(chosen) != 5 || len(slices.Compact(chosen)) != 5 {
		t.Errorf("a sweep of 5 of 8 met %v", chosen)
	}
	slices.Sort(swept)
	if !slices.Equal(swept, []int{0, 1, 2, 3, 4, 5, 6, 7}) {
		t.Errorf("a sweep met %v", swept)
	}
}
