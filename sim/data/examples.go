package data

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/loramesh/loramesh/linalg"
)

// kindExamples marks tensors that carry examples as text.
const kindExamples = "examples"

// written is an example as it travels.
type written struct {
	Prompt  string            `json:"prompt"`
	Answer  string            `json:"answer"`
	Pair    *string           `json:"pair,omitempty"`
	Columns map[string]string `json:"columns,omitempty"`
	Task    int               `json:"task,omitempty"`
	Hash    string            `json:"hash"`
	Logits  int               `json:"logits,omitempty"` // how many of the tensor's are its own
}

// Collection is a set of examples that travels or is kept: drawn, or written by a model. They
// are text, so any base reads them.
type Collection struct {
	Examples []Example
	// Seen is how many examples have passed a reservoir so far; 0 of any other collection.
	Seen int
}

// Tensors is the collection as the content of a blob: the text stands in the metadata, one
// tensor says how many there are, and where examples are kept with logits another has those.
func (c Collection) Tensors() linalg.Tensors {
	list := make([]written, len(c.Examples))
	var logits []float32
	for i, e := range c.Examples {
		list[i] = written{e.Prompt, e.Answer, e.Pair, e.Columns, e.Task, strconv.FormatUint(e.Hash, 16), len(e.Logits)}
		logits = append(logits, e.Logits...)
	}
	text, err := json.Marshal(list)
	if err != nil {
		panic(fmt.Sprintf("data: text has no JSON: %v", err))
	}
	out := linalg.Tensors{Meta: map[string]string{"kind": kindExamples, "examples": string(text), "seen": strconv.Itoa(c.Seen)},
		List: []linalg.Tensor{{Name: "count", Shape: []int{1}, Data: []float32{float32(len(list))}}}}
	if len(logits) > 0 {
		out.List = append(out.List, linalg.Tensor{Name: "logits", Shape: []int{len(logits)}, Data: logits})
	}
	return out
}

// ParseCollection reads what [Collection.Tensors] wrote.
func ParseCollection(t linalg.Tensors) (c Collection, err error) {
	if k := t.Meta["kind"]; k != kindExamples {
		return c, fmt.Errorf("data: these tensors are of kind %q, expected %q", k, kindExamples)
	}
	var list []written
	if err := json.Unmarshal([]byte(t.Meta["examples"]), &list); err != nil {
		return c, fmt.Errorf("data: examples that cannot be read: %w", err)
	}
	if c.Seen, err = strconv.Atoi(t.Meta["seen"]); err != nil || c.Seen < 0 {
		return c, fmt.Errorf("data: examples of which %q were seen; a number was expected", t.Meta["seen"])
	}
	var logits []float32
	if len(t.List) > 1 {
		logits = t.List[1].Data
	}
	for i, w := range list {
		if w.Logits < 0 || w.Logits > len(logits) {
			return c, fmt.Errorf("data: example %d is kept with %d logits, and %d are left", i, w.Logits, len(logits))
		}
		e := Example{Prompt: w.Prompt, Answer: w.Answer, Pair: w.Pair, Columns: w.Columns, Task: w.Task}
		if e.Hash, err = strconv.ParseUint(w.Hash, 16, 64); err != nil {
			return c, fmt.Errorf("data: the hash of example %d: %w", i, err)
		}
		if w.Logits > 0 {
			e.Logits, logits = logits[:w.Logits:w.Logits], logits[w.Logits:]
		}
		c.Examples = append(c.Examples, e)
	}
	return c, nil
}

// TextBytes is what travels of tensors beside their numbers: the text of examples.
func TextBytes(t linalg.Tensors) int64 {
	if t.Meta["kind"] != kindExamples {
		return 0
	}
	return int64(len(t.Meta["examples"]))
}

// Reservoir keeps capacity of all that pass, each with the same chance however many come
// after it (Vitter 1985, algorithm R). Who is kept keeps his place.
type Reservoir[T any] struct {
	Capacity int
	Held     []T
	Seen     int
}

// Pass offers one more. draw(n) is uniform over 0…n−1; nothing is drawn while there is room.
func (r *Reservoir[T]) Pass(x T, draw func(n int) int) (kept bool) {
	r.Seen++
	if len(r.Held) < r.Capacity {
		r.Held = append(r.Held, x)
		return true
	}
	at := draw(r.Seen)
	if at < r.Capacity {
		r.Held[at] = x
	}
	return at < r.Capacity
}
