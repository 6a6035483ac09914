package world

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/data"
)

// Row is one example of the world.
type Row struct {
	set   *set
	test  bool
	index int
	text  *data.Example // it travels, and is of no half of the set; nil: it is of one
}

// Example is the row as it was read.
func (r Row) Example() data.Example {
	if r.text != nil {
		return *r.text
	}
	if r.test {
		return r.set.Test[r.index]
	}
	return r.set.Train[r.index]
}

// ByExample is the word for a column in which every example of a set has a value of its own:
// its place in the set. Data with a column of that name mean theirs.
const ByExample = "example"

// Cell is what an example has in a column; ok is false where it has no such column.
func (r Row) Cell(column string) (value string, ok bool) {
	if v, ok := r.Example().Columns[column]; ok {
		return v, true
	}
	if column == ByExample && r.text == nil {
		return strconv.Itoa(r.index), true
	}
	return "", false
}

// chunkRows is how many examples of an evaluation are one piece of work. It is part of
// the numeric contract: values add up chunk by chunk.
const chunkRows = 32

// Rows lists what a participant sees in a stage under the name of a set: "train" or "valid",
// "seen" for what it may know of earlier stages too, "pool" for what all of its pool train on,
// or for a stand-in of an evaluation its
// chunk, "evaluate/ASK/CHUNK", or what the one whose chunk it is trains on, "tune/ASK/CHUNK".
func (w *World) Rows(stage int, id method.ID, name string) ([]Row, error) {
	return w.rows(nil, stage, id, name)
}

// rows adds them to others.
func (w *World) rows(to []Row, stage int, id method.ID, name string) ([]Row, error) {
	if id.Pool == coordinator.EvaluationPool {
		chunk, err := w.chunk(name)
		return append(to, chunk...), err
	}
	p, x := w.pool(id.Pool), w.person(id)
	rows := x.train
	switch name {
	case "", "train":
	case "seen":
		rows, err := w.seen(stage, p, rows)
		return appendRows(to, p.set, rows), err
	case "pool":
		if _, ok := w.granted(method.NeedOnePlace); !ok {
			return nil, refused(`"pool" holds what others of the pool train on`, method.NeedOnePlace)
		}
		rows = p.union()
	case "valid":
		rows = x.valid
	default:
		return nil, fmt.Errorf("%s has no set %q; it has \"train\", \"valid\", \"seen\" and \"pool\"", id, name)
	}
	return appendRows(to, p.set, w.visible(stage, p, rows)), nil
}

// Choose lists the rows that a recipe's data name, source by source and without one those of
// "train", as far as the world knows them: sets that a participant keeps and examples that
// travel are the trainer's, and so are conditions. Work is priced by what is listed here.
func (w *World) Choose(stage int, id method.ID, d method.Data) (all []Row, err error) {
	return w.choose(nil, stage, id, d)
}

// choose is Choose in memory that may be there.
func (w *World) choose(all []Row, stage int, id method.ID, d method.Data) (_ []Row, err error) {
	from := d.From
	if len(from) == 0 {
		from = []method.Source{{Name: "train"}}
	}
	for _, s := range from {
		if s.Blob != "" || id.Pool != coordinator.EvaluationPool && !Knows(s.Name) {
			continue
		}
		before := len(all)
		if all, err = w.rows(all, stage, id, s.Name); err != nil {
			return nil, err
		}
		if d.Limit > 0 && d.Limit < len(all)-before {
			all = all[:before+d.Limit]
		}
	}
	return all, nil
}

// Knows says whether a set is one of the world's own; all others are what a participant keeps.
func Knows(name string) bool {
	return slices.Contains([]string{"", "train", "valid", "seen", "pool"}, name)
}

// Text gives examples that travel as rows of a participant: they are cut as its own are.
func (w *World) Text(id method.ID, all []data.Example) []Row {
	rows := make([]Row, len(all))
	for i := range all {
		rows[i] = Row{set: w.pool(id.Pool).set, text: &all[i]}
	}
	return rows
}

func rowsOf(s *set, rows []int) []Row { return appendRows(nil, s, rows) }

func appendRows(to []Row, s *set, rows []int) []Row {
	to = slices.Grow(to, len(rows))
	for _, r := range rows {
		to = append(to, Row{set: s, index: r})
	}
	return to
}

func (w *World) chunk(name string) ([]Row, error) {
	words := strings.Split(name, "/")
	if len(words) != 3 || words[0] != "evaluate" && words[0] != "tune" {
		return nil, fmt.Errorf("world: %q names no chunk of an evaluation", name)
	}
	ask, err1 := strconv.Atoi(words[1])
	chunk, err2 := strconv.Atoi(words[2])
	if err1 != nil || err2 != nil || ask < 0 || ask >= len(w.pieces) || chunk < 0 || chunk >= w.Chunks(ask) {
		return nil, fmt.Errorf("world: %q names no chunk of an evaluation", name)
	}
	p := w.pieces[ask][chunk]
	if words[0] == "tune" {
		return rowsOf(w.pool(p.whom.Pool).set, w.person(p.whom).train), nil
	}
	return w.asks[ask][p.lo:p.hi], nil
}

// Sequence is a row as a base reads it, as tokens or as a picture; inputs counts the prompt's tokens in the loss. cut
// says that the row was longer than its sequence may be.
func (w *World) Sequence(b *base.Base, r Row, inputs bool) (s *data.Sequence, cut bool, err error) {
	if r.text != nil {
		e, err := b.Reader(r.set.tokens)
		if err != nil {
			return nil, false, err
		}
		own, cut, err := e.Sequence(*r.text, inputs)
		return &own, cut, err
	}
	k, err := w.assets.sequence(rowsKey{b, r.set.Set, r.set.tokens, r.test, inputs}, r.index)
	if err != nil {
		return nil, false, err
	}
	return &k.Sequence, k.cut, k.err
}

// Answers are a row with other answers than its own, as tokens of a base.
func (w *World) Answers(b *base.Base, r Row, answers []string) ([]data.Sequence, error) {
	e, err := b.Reader(r.set.tokens)
	if err != nil {
		return nil, err
	}
	out, x := make([]data.Sequence, len(answers)), r.Example()
	for i, a := range answers {
		x.Answer = a
		if out[i], _, err = e.Sequence(x, false); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Longest is how many tokens a sequence of the row's data may have on a base.
func (w *World) Longest(b *base.Base, r Row) int {
	if r.set.tokens > 0 {
		return r.set.tokens
	}
	return b.Context
}
