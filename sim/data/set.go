package data

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/sim/scenario"
	"github.com/loramesh/loramesh/sim/suggest"
)

// Files is the way to the files of a data set: the operating system's for a run, a map in
// tests.
type Files interface {
	ReadFile(path string) ([]byte, error)
	Glob(pattern string) ([]string, error) // matches in any order; none is no error
}

// Example is one row: what the model is given, what it should say, and all the row says.
type Example struct {
	Prompt, Answer string
	Pair           *string  `json:",omitempty"` // the second text of a pair
	Picture        *Picture `json:"-"`          // in the place of a prompt; Hash knows it
	// Columns holds every column of the row under the file's name and, where the scenario's
	// `columns` renames one, under our word too. Do not write to it.
	Columns map[string]string
	Hash    uint64 // of Columns as the file has them, and of Picture; equal rows have equal hashes
	Task    int    `json:",omitempty"` // its place in [Set.Tasks]
	// Logits are what a model said at the labels once, labels×classes: of examples that were
	// kept with them. Do not write to it.
	Logits []float32 `json:"-"`
}

// Set is a data set in memory. Row numbers are indexes of Train.
type Set struct {
	Name        string
	Train, Test []Example
	Natural     [][]int  // rows of the files' own shards in the files' order; nil where the set has none
	By          string   // the column that splits and reports group by; "" if the scenario names none
	Names       []string // the columns of the first training row, for messages
	Words       []string // the closed vocabulary of a generator, without special tokens; nil elsewhere
	Generic     []string // a generator's texts for pre-training, outside Train and Test; nil elsewhere

	Label   string   // the column of the class, which is the answer; "" where answers are no classes
	Classes []string // the answers that there are, in order; nil where answers are no classes
	Tasks   []Task   // in the order in which they come; nil: all examples are one
	Groups  []string // columns of protected attributes
	Notes   []string // what was left out, and how much of it
}

// Texts returns what a base is pre-trained on: the generator's generic texts or, where there
// are none, prompt and answer of each training example with a space between.
func (s *Set) Texts() []string {
	if s.Generic != nil {
		return s.Generic
	}
	texts := make([]string, len(s.Train))
	for i, e := range s.Train {
		texts[i] = e.Prompt + " " + e.Answer
		if e.Prompt == "" {
			texts[i] = e.Answer
		}
	}
	return texts
}

// Load reads or generates a data set. seed serves a generator whose `with` names no seed of
// its own, and draws the rows that `limit` keeps; files are never shuffled.
//
// A set without training examples is an error; one without test examples is not, since a
// scenario may evaluate on validation rows alone.
func Load(d scenario.Data, files Files, seed uint64) (*Set, error) {
	kinds := 0
	for _, kind := range []string{d.Set, d.File, d.Generate} {
		if kind != "" {
			kinds++
		}
	}
	if kinds != 1 {
		return nil, fmt.Errorf("data %q: expected exactly one of set, file and generate, found %d of them", d.Name, kinds)
	}
	set, err := load(d, files, seed)
	if err != nil {
		return nil, fmt.Errorf("data %q: %w", d.Name, err)
	}
	set.Name, set.By, set.Groups, set.Label = d.Name, d.By, d.Groups, cmp.Or(d.Label, set.Label)
	if len(set.Train) == 0 {
		return nil, fmt.Errorf("data %q: no training examples", d.Name)
	}
	key := rng.New(seed).At("data", d.Name)
	if err := set.classify(); err != nil {
		return nil, fmt.Errorf("data %q: label: %w", d.Name, err)
	}
	if err := set.divide(d.Tasks, key.At("tasks", d.Tasks.Order)); err != nil {
		return nil, fmt.Errorf("data %q: tasks: %w", d.Name, err)
	}
	if err := set.hasColumn(d.By); err != nil {
		return nil, fmt.Errorf("data %q: by: %w", d.Name, err)
	}
	for _, column := range d.Groups {
		if err := set.hasColumn(column); err != nil {
			return nil, fmt.Errorf("data %q: groups: %w", d.Name, err)
		}
	}
	set.limit(d.Limit, key.At("limit"))
	if err := set.settleTasks(); err != nil {
		return nil, fmt.Errorf("data %q: tasks: %w", d.Name, err)
	}
	set.noteEmpty()
	return set, nil
}

// generators are the corpora that need no files.
var generators = []string{"phrases", "tasks", "modalities"}

func load(d scenario.Data, files Files, seed uint64) (*Set, error) {
	switch {
	case d.Set != "":
		return loadLayout(d, files)
	case d.Generate == "phrases":
		return generatePhrases(d, seed)
	case d.Generate == "tasks":
		return generateRelated(d, seed)
	case d.Generate == "modalities":
		return generateModalities(d, seed)
	case d.Generate != "":
		return nil, fmt.Errorf("generate: unknown generator %q; known: %q%s", d.Generate, generators, suggest.DidYouMean(d.Generate, generators))
	}
	return loadFiles(d, files)
}

// hasColumn checks a column that the scenario names against the rows; "" is none.
func (s *Set) hasColumn(name string) error {
	if name == "" {
		return nil
	}
	for i, e := range slices.Concat(s.Train, s.Test) {
		if _, ok := e.Columns[name]; ok {
			continue
		}
		which := "training"
		if i >= len(s.Train) {
			which, i = "test", i-len(s.Train)
		}
		return fmt.Errorf("%s example %d has no column %q; columns here: %q%s", which, i, name, s.Names, suggest.DidYouMean(name, s.Names))
	}
	return nil
}

// limit keeps at most n training rows, drawn by key, in the order that they had; the files'
// own shards keep what is left of them.
func (s *Set) limit(n int, key rng.Key) {
	if n <= 0 || n >= len(s.Train) {
		return
	}
	order := key.Permutation(len(s.Train))
	keep := make([]int, n)
	for i := range keep {
		keep[i] = order.At(i)
	}
	slices.Sort(keep)
	s.keep(keep)
}

// keep keeps training rows, ascending, and of the files' own shards what is left of them.
func (s *Set) keep(rows []int) {
	place := make(map[int]int, len(rows)) // old row number to new
	train := make([]Example, len(rows))
	for i, row := range rows {
		place[row], train[i] = i, s.Train[row]
	}
	for k, shard := range s.Natural {
		var left []int
		for _, row := range shard {
			if i, ok := place[row]; ok {
				left = append(left, i)
			}
		}
		s.Natural[k] = left
	}
	s.Train = train
}
