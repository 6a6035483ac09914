package world

import (
	"slices"

	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/scenario"
)

// piece is one piece of the work of an evaluation: a stretch of its examples, and the
// participant whose model answers them; of no pool, it is everybody's.
type piece struct {
	lo, hi int
	whom   method.ID
}

// Chunks says into how many pieces an evaluation's examples are cut.
func (w *World) Chunks(ask int) int { return len(w.pieces[ask]) }

// Subject is whose model answers a piece; see [coordinator.World].
func (w *World) Subject(ask, chunk int) (id method.ID, ok bool) {
	p := w.pieces[ask][chunk]
	return p.whom, p.whom.Pool != ""
}

// ask notes the examples of an evaluation and cuts them: those of one participant are never
// in a piece with another's.
func (w *World) ask(e scenario.Evaluation) {
	var rows []Row
	var pieces []piece
	add := func(whom method.ID, more []Row) {
		for lo := 0; lo < len(more); lo += chunkRows {
			pieces = append(pieces, piece{len(rows) + lo, len(rows) + min(lo+chunkRows, len(more)), whom})
		}
		rows = append(rows, more...)
	}
	if e.Of == "" {
		add(method.ID{}, w.asked(e))
	} else {
		for i := range w.pool(e.Of).size {
			id := method.ID{Pool: e.Of, Index: i}
			add(id, w.limited(w.askedOne(id, e.On), e.Limit, e.On, id.Pool, i))
		}
	}
	w.asks, w.pieces = append(w.asks, rows), append(w.pieces, pieces)
}

// askedOne lists what one participant is asked: its own examples, or the test half of its set.
func (w *World) askedOne(id method.ID, on string) []Row {
	p, x := w.pool(id.Pool), w.person(id)
	switch on {
	case "test":
		return testOf(p.set)
	case "valid":
		return rowsOf(p.set, x.valid)
	}
	return rowsOf(p.set, x.train)
}

// asked lists the examples of an evaluation, set by set in order of their names and each
// once, in the order of the set: the test halves of those that pools hold, or all that
// participants hold for training or validation. So trials that divide the same examples
// otherwise are measured on the same ones.
func (w *World) asked(e scenario.Evaluation) []Row {
	var rows []Row
	for _, s := range w.sets {
		rows = append(rows, w.askedOf(s, e.On)...)
	}
	return w.limited(rows, e.Limit, e.On)
}

// limited draws so many rows, in their order, alike for all trials; a limit of 0 is none.
func (w *World) limited(rows []Row, limit int, name ...any) []Row {
	if limit <= 0 || limit >= len(rows) {
		return rows
	}
	order := rng.New(CorpusSeed).At("evaluate").At(name...).Permutation(len(rows))
	keep := make([]int, limit)
	for i := range keep {
		keep[i] = order.At(i)
	}
	slices.Sort(keep)
	out := make([]Row, len(keep))
	for i, k := range keep {
		out[i] = rows[k]
	}
	return out
}

func (w *World) askedOf(s *set, on string) []Row {
	var held []int
	holds := false
	for _, p := range w.pools {
		if p.set != s {
			continue
		}
		holds = true
		if p.rule != nil { // whoever holds a row, it is on the same side of his shard
			train, valid := data.Holdout(s.Set, all(len(s.Train)), s.valid)
			if on == "valid" {
				train = valid
			}
			held = append(held, train...)
		}
		for i := range p.people {
			if on == "valid" {
				held = append(held, p.people[i].valid...)
			} else {
				held = append(held, p.people[i].train...)
			}
		}
	}
	if on == "test" {
		if !holds {
			return nil
		}
		return testOf(s)
	}
	slices.Sort(held)
	return rowsOf(s, slices.Compact(held))
}

// testOf is the test half of a set.
func testOf(s *set) []Row {
	rows := make([]Row, len(s.Test))
	for i := range rows {
		rows[i] = Row{set: s, test: true, index: i}
	}
	return rows
}

// all are the numbers below n.
func all(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}
