package data_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/scenario"
)

// mixed is a set of n rows of so many values of "kind", in files of 7.
func mixed(n, values int) *data.Set {
	set := &data.Set{By: "kind", Names: []string{"kind"}}
	for i := range n {
		set.Train = append(set.Train, data.Example{Columns: map[string]string{"kind": fmt.Sprint(i % values)}, Hash: rng.New(7).At(i).Seed()})
		if i%7 == 0 {
			set.Natural = append(set.Natural, nil)
		}
		set.Natural[i/7] = append(set.Natural[i/7], i)
	}
	return set
}

// Whatever the rule: every row once, no shard empty, ascending, the same when drawn again.
func TestSplitsPartition(t *testing.T) {
	set := mixed(401, 5)
	for _, s := range []scenario.Split{
		{Kind: "iid"}, {Kind: "dirichlet", Alpha: 0.3}, {Kind: "dirichlet", Alpha: 100},
		{Kind: "shards", Each: 2}, {Kind: "shards", Each: 7}, {Kind: "natural"}, {Kind: "natural", By: "kind"},
	} {
		for _, count := range []int{1, 3, 8, 20} {
			if s.Kind == "natural" {
				count = 0
			}
			shards, err := data.Split(set, s, count, rng.New(1))
			if err != nil {
				t.Errorf("%+v of %d: %v", s, count, err)
				continue
			}
			again, _ := data.Split(set, s, count, rng.New(1))
			var all []int
			for i, shard := range shards {
				if len(shard) == 0 || !slices.IsSorted(shard) || !slices.Equal(shard, again[i]) {
					t.Errorf("%+v of %d: shard %d is %v, then %v", s, count, i, shard, again[i])
				}
				all = append(all, shard...)
			}
			slices.Sort(all)
			if count > 0 && len(shards) != count || len(all) != 401 || len(slices.Compact(all)) != 401 {
				t.Errorf("%+v of %d: %d shards of %d rows", s, count, len(shards), len(all))
			}
		}
	}
}

// kinds counts the values in a shard.
func kinds(set *data.Set, shard []int) map[string]int {
	count := map[string]int{}
	for _, r := range shard {
		count[set.Train[r].Columns["kind"]]++
	}
	return count
}

func TestIIDIsEven(t *testing.T) {
	set := mixed(403, 5)
	a, err := data.Split(set, scenario.Split{Kind: "iid"}, 10, rng.New(1))
	if err != nil {
		t.Fatal(err)
	}
	for i, shard := range a {
		if want := 40; len(shard) != want && (i >= 3 || len(shard) != want+1) {
			t.Errorf("shard %d has %d rows", i, len(shard))
		}
	}
	b, _ := data.Split(set, scenario.Split{Kind: "iid"}, 10, rng.New(2))
	if slices.Equal(a[0], b[0]) {
		t.Error("another key draws the same shard")
	}
}

// Small α makes shards of few kinds and unequal sizes; large α approaches the mixture.
func TestDirichletSkew(t *testing.T) {
	set := mixed(4000, 8)
	top := func(alpha float64) float64 {
		shards, err := data.Split(set, scenario.Split{Kind: "dirichlet", Alpha: alpha}, 8, rng.New(5))
		if err != nil {
			t.Fatal(err)
		}
		var sum float64
		for _, shard := range shards {
			most := 0
			for _, n := range kinds(set, shard) {
				most = max(most, n)
			}
			sum += float64(most) / float64(len(shard))
		}
		return sum / float64(len(shards))
	}
	skewed, even := top(0.1), top(1000)
	if skewed < 0.5 || even > 0.16 {
		t.Errorf("the commonest kind fills %.2f of a shard at α = 0.1 and %.2f at 1000", skewed, even)
	}
}

func TestShardsHaveFewKinds(t *testing.T) {
	set := mixed(1000, 10)
	shards, err := data.Split(set, scenario.Split{Kind: "shards", Each: 2}, 20, rng.New(1))
	if err != nil {
		t.Fatal(err)
	}
	for i, shard := range shards {
		if n := len(kinds(set, shard)); n > 2 || len(shard) != 50 {
			t.Errorf("participant %d has %d kinds in %d rows", i, n, len(shard))
		}
	}
}

func TestNaturalTakesTheFirst(t *testing.T) {
	set := mixed(21, 4)
	shards, err := data.Split(set, scenario.Split{Kind: "natural"}, 2, rng.New(1))
	if err != nil || len(shards) != 2 || !slices.Equal(shards[1], []int{7, 8, 9, 10, 11, 12, 13}) {
		t.Errorf("%v, %v", shards, err)
	}
	shards[0][0] = 99
	if set.Natural[0][0] == 99 {
		t.Error("a shard shares memory with the set")
	}
}

func TestSplitErrors(t *testing.T) {
	set := mixed(30, 3)
	plain := &data.Set{Train: set.Train, Names: set.Names}
	hollow := &data.Set{Train: set.Train, Natural: [][]int{{1}, {}}}
	for _, c := range []struct {
		set   *data.Set
		s     scenario.Split
		count int
		want  string
	}{
		{set, scenario.Split{Kind: "idd"}, 3, `unknown rule "idd"; known: ["iid" "dirichlet" "shards" "natural" "users"]; did you mean "iid"?`},
		{set, scenario.Split{Kind: "iid"}, 0, "choose a count from 1 to 30"},
		{set, scenario.Split{Kind: "iid"}, 31, "31 participants cannot each have a row of 30"},
		{set, scenario.Split{Kind: "dirichlet", Alpha: 0.5, By: "knd"}, 3, `no column "knd"; columns here: ["kind"]; did you mean "kind"?`},
		{set, scenario.Split{Kind: "dirichlet"}, 3, "alpha must be a number above 0, found 0"},
		{plain, scenario.Split{Kind: "dirichlet", Alpha: 1}, 3, `set ` + "`by`" + ` in the split or in the data, to one of ["kind"]`},
		{set, scenario.Split{Kind: "dirichlet", Alpha: 0.001}, 25, "alpha 0.001 leaves participant"},
		{set, scenario.Split{Kind: "shards"}, 3, "at least 1 shard"},
		{set, scenario.Split{Kind: "shards", Each: 11}, 3, "need at least 33 rows; there are 30"},
		{set, scenario.Split{Kind: "shards", Each: 1 << 62}, 4, "choose fewer shards"},
		{plain, scenario.Split{Kind: "natural"}, 0, "the data are one file"},
		{set, scenario.Split{Kind: "natural"}, 6, "6 participants, but the data have 5 files"},
		{set, scenario.Split{Kind: "natural", By: "kind"}, 4, `but the data have 3 values of "kind"`},
		{hollow, scenario.Split{Kind: "natural"}, 0, "participant 1 of 2 has no row"},
	} {
		_, err := data.Split(c.set, c.s, c.count, rng.New(1))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v of %d:\ngot  %v\nwant %s", c.s, c.count, err, c.want)
		}
	}
}

func TestHoldout(t *testing.T) {
	set := mixed(2000, 3)
	all := make([]int, len(set.Train))
	for i := range all {
		all[i] = i
	}
	train, valid := data.Holdout(set, all, 0.05)
	if len(train)+len(valid) != 2000 || len(valid) < 70 || len(valid) > 130 {
		t.Errorf("%d to train on, %d held out of 2000 at 5 %%", len(train), len(valid))
	}
	// A row's side does not depend on the shard it is in.
	_, half := data.Holdout(set, all[:1000], 0.05)
	if !slices.Equal(half, valid[:len(half)]) || valid[len(half)] < 1000 {
		t.Error("rows change sides with the shard")
	}
	if train, valid := data.Holdout(set, all, 0); len(train) != 2000 || valid != nil {
		t.Error("share 0 holds something out")
	}
	if train, valid := data.Holdout(set, all[:3], 1); len(train) != 1 || len(valid) != 2 {
		t.Errorf("a shard must keep something to train on: %v, %v", train, valid)
	}
	if train, valid := data.Holdout(set, nil, 0.5); train != nil || valid != nil {
		t.Error("an empty shard has no rows")
	}
}
