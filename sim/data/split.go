package data

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/sim/scenario"
	"github.com/loramesh/loramesh/sim/suggest"
)

// splits are the rules that make shards.
var splits = []string{"iid", "dirichlet", "shards", "natural", "users"}

// Split divides the training rows among count participants: shard i is participant i's, in
// ascending order of rows. No row is in two shards. Every shard has a row: a rule that leaves
// one empty is an error that names the participant and the cure, since a participant without
// data would be counted in every table and do nothing.
//
// key names the draws, for example rng.New(seed).At("split", pool); count 0 means "as many
// as there are" and belongs to natural splits and those of users alone. Participants who draw for
// themselves divide nothing: see [Drawn].
func Split(set *Set, s scenario.Split, count int, key rng.Key) ([][]int, error) {
	by := s.By
	whole := s.Kind == "natural" || s.Kind == "users" // the data say how many there are
	if by == "" && !whole {
		by = set.By
	}
	if err := set.hasColumn(by); err != nil {
		return nil, fmt.Errorf("split: %s: %w", s.Kind, err)
	}
	if !whole && (count < 1 || count > len(set.Train)) {
		return nil, fmt.Errorf("split: %s: %d participants cannot each have a row of %d training examples; choose a count from 1 to %d", s.Kind, count, len(set.Train), len(set.Train))
	}
	var shards [][]int
	var err error
	switch s.Kind {
	case "iid", "":
		shards = splitIID(len(set.Train), count, key)
	case "dirichlet":
		shards, err = splitDirichlet(set, by, s.Alpha, count, key)
	case "shards":
		shards, err = splitShards(set, by, s.Each, count, key)
	case "natural":
		shards, err = splitNatural(set, by, count)
	case "users":
		shards, err = splitUsers(set, s, count, key)
	default:
		return nil, fmt.Errorf("split: unknown rule %q; known: %q%s", s.Kind, splits, suggest.DidYouMean(s.Kind, splits))
	}
	if err != nil {
		return nil, fmt.Errorf("split: %s: %w", s.Kind, err)
	}
	for i, shard := range shards {
		if len(shard) == 0 {
			return nil, fmt.Errorf("split: %s: participant %d of %d has no row; choose a smaller count or keep more rows (limit)", s.Kind, i, len(shards))
		}
		slices.Sort(shard)
	}
	return shards, nil
}

// group is the rows that share a value of a column.
type group struct {
	value string
	rows  []int
}

// groupsBy returns the groups of a column in the order in which their values first appear;
// tasks come in theirs.
func (s *Set) groupsBy(column string) []group {
	var groups []group
	place := map[string]int{}
	if column == TaskColumn { // tasks have an order of their own
		for i, t := range s.Tasks {
			place[t.Name] = i
			groups = append(groups, group{value: t.Name})
		}
	}
	for i, e := range s.Train {
		value := e.Columns[column]
		k, ok := place[value]
		if !ok {
			k = len(groups)
			place[value] = k
			groups = append(groups, group{value: value})
		}
		groups[k].rows = append(groups[k].rows, i)
	}
	return groups
}

// needsBy is the error of a rule that groups rows and was told no column.
func (s *Set) needsBy() error {
	return fmt.Errorf("needs a column to group rows by; set `by` in the split or in the data, to one of %q", s.Names)
}
