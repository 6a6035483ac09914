package data

import (
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/sim/scenario"
)

// usersSet has 40 rows of 8 users.
func usersSet() *Set {
	s := &Set{Names: []string{"user"}}
	for i := range 40 {
		s.Train = append(s.Train, Example{Columns: map[string]string{"user": string(rune('a' + i*3%8))}, Hash: uint64(i)})
	}
	return s
}

// The parts have no user in common and all users between them, the test as many as its share
// says, by one key; another key draws others.
func TestUsersAreInOnePart(t *testing.T) {
	set := usersSet()
	draw := func(part string, share float64, seed uint64) (users []string) {
		shards, err := Split(set, scenario.Split{Kind: "users", Part: part, Test: share, By: "user"}, 0, rng.New(seed).At("users", "x"))
		if err != nil {
			t.Fatal(err)
		}
		for _, rows := range shards {
			whose := set.Train[rows[0]].Columns["user"]
			for _, r := range rows {
				if set.Train[r].Columns["user"] != whose {
					t.Errorf("row %d of %s is in the shard of %s", r, set.Train[r].Columns["user"], whose)
				}
			}
			if len(rows) != 5 {
				t.Errorf("%s has %d rows, not 5", whose, len(rows))
			}
			users = append(users, whose)
		}
		return users
	}
	for _, c := range []struct {
		share  float64
		tested int
	}{{0.25, 2}, {0.3, 2}, {0.01, 1}, {0.99, 7}} {
		test, pool := draw("test", c.share, 1), draw("pool", c.share, 1)
		if len(test) != c.tested || len(pool) != 8-c.tested {
			t.Errorf("share %g: %d are tested and %d are not", c.share, len(test), len(pool))
		}
		both := slices.Concat(test, pool)
		slices.Sort(both)
		if strings.Join(both, "") != "abcdefgh" {
			t.Errorf("share %g: the parts are %v and %v", c.share, test, pool)
		}
	}
	others := 0
	for seed := range uint64(8) {
		if !slices.Equal(draw("test", 0.25, seed), draw("test", 0.25, 1)) {
			others++
		}
	}
	if others < 4 {
		t.Errorf("%d of 8 seeds test other users", others)
	}
}

func TestUsersThatThereAreNot(t *testing.T) {
	set := usersSet()
	for want, c := range map[string]struct {
		split scenario.Split
		count int
	}{
		"3 participants, but 2 of the 8 users are in the part \"test\"": {scenario.Split{Kind: "users", Part: "test", Test: 0.25, By: "user"}, 3},
		`no column "who"`: {scenario.Split{Kind: "users", Part: "test", Test: 0.25, By: "who"}, 0},
	} {
		if _, err := Split(set, c.split, c.count, rng.New(1)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; %q was expected", err, want)
		}
	}
	one := &Set{Names: []string{"user"}, Train: usersSet().Train[:1]}
	if _, err := Split(one, scenario.Split{Kind: "users", Part: "pool", Test: 0.5, By: "user"}, 0, rng.New(1)); err == nil || !strings.Contains(err.Error(), "at least 2 users") {
		t.Errorf("one user: %v", err)
	}
}
