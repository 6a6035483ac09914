package world

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/scenario"
)

// CorpusSeed serves generators without a seed of their own and rows drawn by `limit`: the
// trials of a scenario differ in who holds what and in which order, not in the corpus, so
// that a base and its data are made once.
const CorpusSeed = 1

// Assets loads what the trials of a run share, each thing once: bases, data sets, and
// examples as tokens. It is safe for concurrent use.
type Assets struct {
	files data.Files
	cache base.Cache
	watch func(text string, done, of int)
	share func(*base.Base) *base.Base // nil: none are shared

	mu      sync.Mutex
	until   context.Context
	bases   map[string]*base.Base
	sets    map[string]named
	traces  map[string]trace
	orders  map[string]int // of tasks: the first that came to a content, by data without its order and that content
	rows    map[rowsKey]*cuts
	notes   []string
	streams []string             // of data with tasks, in words
	last    atomic.Pointer[cuts] // asked for
}

// named is a data set with the hash of its content.
type named struct {
	*data.Set
	hash string
}

// rowsKey names the examples of one half of a set as one base's tokenizer cuts them.
type rowsKey struct {
	base   *base.Base
	set    *data.Set
	tokens int
	test   bool
	inputs bool
}

// encoded is an example as tokens; cut says that it was too long for all of it.
type encoded struct {
	data.Sequence
	cut bool
	err error
}

// NewAssets returns empty assets. watch may be nil.
func NewAssets(files data.Files, cache base.Cache, watch func(text string, done, of int)) *Assets {
	if watch == nil {
		watch = func(string, int, int) {}
	}
	return &Assets{files: files, cache: cache, watch: watch, until: context.Background(), bases: map[string]*base.Base{},
		sets: map[string]named{}, traces: map[string]trace{}, orders: map[string]int{}, rows: map[rowsKey]*cuts{}}
}

// Until has pre-training end, between two updates and with the context's cause, once ctx
// is done. It is a run's one context, which is why it is kept.
func (a *Assets) Until(ctx context.Context) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.until = ctx
}

// Notes are those of all data that was loaded, in the order in which it was; [World.Notes] are
// those of a trial.
func (a *Assets) Notes() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.notes)
}

// Streams say of all data that were loaded and have tasks how many these are and what comes with
// them; [World.Streams] are those of a trial.
func (a *Assets) Streams() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.streams)
}

// streamOf names the set whose tasks are told of; none where it has none.
func streamOf(name string, s *data.Set) []string {
	if text := s.StreamText(); text != "" {
		return []string{"data " + name + ": " + text}
	}
	return nil
}

// notesOn names the set that notes are on.
func notesOn(name string, s *data.Set) (out []string) {
	for _, note := range s.Notes {
		out = append(out, fmt.Sprintf("data %s: %s", name, note))
	}
	return out
}

// From has what is loaded from now on come from these.
func (a *Assets) From(files data.Files, cache base.Cache) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.files, a.cache = files, cache
}

// Sharing has bases that are loaded from now on lie where share puts them: it gives the same base
// in other memory, or the one that it was given.
func (a *Assets) Sharing(share func(*base.Base) *base.Base) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.share = share
}

// set loads a data set and names its content, all of it: two generators that differ in
// their texts for pre-training alone are two sets.
func (a *Assets) set(d scenario.Data) (named, error) {
	key := keyOf(d)
	a.mu.Lock()
	defer a.mu.Unlock()
	if s, ok := a.sets[key]; ok {
		return s, nil
	}
	a.watch("reading data "+d.Name, 0, 0)
	s, err := data.Load(d, a.files, CorpusSeed)
	if err != nil {
		return named{}, err
	}
	hash := keyOf(struct {
		Train, Test    []data.Example
		Natural        [][]int
		Words, Generic []string
	}{s.Train, s.Test, s.Natural, s.Words, s.Generic})
	s.Notes = append(s.Notes, a.sameOrder(d, hash)...)
	for _, note := range notesOn(d.Name, s) {
		if !slices.Contains(a.notes, note) { // that tasks share classes is so in every order
			a.notes = append(a.notes, note)
		}
	}
	for _, text := range streamOf(d.Name, s) {
		if !slices.Contains(a.streams, text) {
			a.streams = append(a.streams, text)
		}
	}
	a.sets[key] = named{s, hash}
	return a.sets[key], nil
}

// sameOrder notes that an order of tasks is one that other trials have under another number: few
// tasks have few orders, and the mean of several would count that one twice.
func (a *Assets) sameOrder(d scenario.Data, hash string) []string {
	if !d.Tasks.Some() {
		return nil
	}
	order := d.Tasks.Order
	d.Tasks.Order = 0
	key := keyOf(d) + hash
	if first, ok := a.orders[key]; ok {
		return []string{fmt.Sprintf("tasks come in the same order at order: %d and order: %d; leave one of them out", first, order)}
	}
	a.orders[key] = order
	return nil
}

// base loads or makes a base. of finds the data set that a recipe pre-trains on.
func (a *Assets) base(b scenario.Base, of func(name string) (*set, error)) (*base.Base, error) {
	b.Adapter = "" // is no part of the base
	key := keyOf(b)
	from, err := of(b.Classes) // the only one, if none is named
	if b.Recipe != nil {
		from, err = of(b.Recipe.Pretrain.Data)
	}
	if err != nil && (b.Recipe != nil || b.Classes != "") {
		return nil, err
	}
	if err == nil {
		key += from.hash
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if x := a.bases[key]; x != nil {
		return x, nil
	}
	var x *base.Base
	switch {
	case b.HF != "":
		a.watch("reading base "+b.Name, 0, 0)
		folder := base.Folder{Dir: b.HF, Form: nn.Form{Weights: strings.ToUpper(b.Weights), Products: strings.ToUpper(b.Precision)}}
		if from != nil {
			folder.Classes = data.Classes(slices.Concat(from.Train, from.Test), false)
		}
		x, err = base.FromFolder(b.Name, folder, a.files)
	case b.Recipe != nil:
		x, err = base.FromRecipe(b.Name, *b.Recipe, from.Set, kernel.Contract(), a.cache, func(text string, done, of int) error {
			a.watch(text, done, of)
			return context.Cause(a.until)
		})
		if err == nil && b.Precision != "" {
			x, err = x.Rounding(strings.ToUpper(b.Precision))
		}
	default:
		err = fmt.Errorf("base %q has no kind that this version carries out; give it `hf` or `recipe`", b.Name)
	}
	if err != nil {
		return nil, err
	}
	if a.share != nil {
		x = a.share(x)
	}
	a.bases[key] = x
	return x, nil
}

// start reads an adapter over a base.
func (a *Assets) start(dir string, b *base.Base) (lora.Adapter, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return b.Start(dir, a.files)
}

// ground says that an error is not the scenario's fault: the cache gave way, or whoever
// waits for the assets waits no longer.
func (a *Assets) ground(err error) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return errors.Is(err, base.ErrCache) || a.until.Err() != nil && errors.Is(err, context.Cause(a.until))
}

// cuts are the rows of a key, as far as they have been cut.
type cuts struct {
	key  rowsKey
	rows []atomic.Pointer[encoded]
}

// cuts finds those of a key: mostly the same as before.
func (a *Assets) cuts(k rowsKey) *cuts {
	if last := a.last.Load(); last != nil && last.key == k {
		return last
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	c := a.rows[k]
	if c == nil {
		c = &cuts{key: k, rows: make([]atomic.Pointer[encoded], len(k.examples()))}
		a.rows[k] = c
	}
	a.last.Store(c)
	return c
}

func (k rowsKey) examples() []data.Example {
	if k.test {
		return k.set.Test
	}
	return k.set.Train
}

// sequence is an example as tokens, cut once and kept.
func (a *Assets) sequence(k rowsKey, row int) (*encoded, error) {
	c := a.cuts(k)
	if s := c.rows[row].Load(); s != nil {
		return s, nil
	}
	e, err := k.base.Reader(k.tokens)
	if err != nil {
		return nil, err
	}
	s := &encoded{}
	s.Sequence, s.cut, s.err = e.Sequence(k.examples()[row], k.inputs) // twice at once gives the same twice
	c.rows[row].Store(s)
	return s, nil
}

func keyOf(v any) string { return ledger.Digest(mustJSON(v)) }

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("world: %T has no JSON: %v", v, err))
	}
	return b
}
