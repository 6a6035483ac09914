package data

import (
	"fmt"
	"math"
	"strings"

	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/sim/scenario"
)

// related is a family of classification tasks whose likeness is a number. An example is
//
//	prompt  topic word topic word word … :
//	answer  label
//
// Topic words, a few that each task has to itself, tell which task it is. The other words are
// evidence, and all tasks use the same: each word speaks for one class. Which one is, for a
// share of the words that is called similarity, the same in all tasks; for the rest each task
// has drawn its own. At 1 there is one task under several names; at 0 a word means in one task
// nothing of what it means in another, and a model must heed the topic. With null the label is
// drawn whatever the words say: nothing can be learned of it, and what seems learned is chance.
// With mix the examples are of one more task that nobody learned: it takes its topic words from
// all tasks, and a word means what it means in one of them, in turn.
type related struct {
	key               rng.Key
	tasks, classes    int
	evidence, words   int
	similarity, noise float64
	own, null, mix    bool
}

// topicWords is how many words each task has to itself.
const topicWords = 4

var relatedNames = []string{"task", "prompt", "answer"}

// relatedParams are the words of `with`. An example has words + 4 tokens, <s> and </s> among them.
var relatedParams = []param{
	{name: "tasks", initial: 8, lowest: 1, above: 32, whole: true},
	{name: "classes", initial: 2, lowest: 2, above: 8, whole: true},
	{name: "evidence", initial: 16, lowest: 2, above: 256, whole: true},
	{name: "words", initial: 8, lowest: 2, above: 64, whole: true},
	{name: "similarity", initial: 0.5, lowest: 0, above: 1},
	{name: "noise", initial: 0.2, lowest: 0, above: 1},
	{name: "own", initial: 0, lowest: 0, above: 1, whole: true},
	{name: "null", initial: 0, lowest: 0, above: 1, whole: true},
	{name: "mix", initial: 0, lowest: 0, above: 1, whole: true},
	{name: "train", initial: 200, lowest: 1, above: 1_000_000, whole: true},
	{name: "test", initial: 40, lowest: 1, above: 1_000_000, whole: true},
	{name: "generic", initial: 4000, lowest: 1, above: 10_000_000, whole: true},
	{name: "seed", initial: 0, lowest: 0, above: 1 << 53, whole: true},
}

// generateRelated makes the set: train and test examples of each task, task by task. With own
// each task has labels of its own (class-incremental), else all have the same (domain-
// incremental). The generic texts have the form and no bond between words and labels.
func generateRelated(d scenario.Data, seed uint64) (*Set, error) {
	from, err := newGenerator(d, seed, relatedParams)
	if err != nil {
		return nil, err
	}
	n, with := from.n, from.with
	if n("mix") == 1 && n("own") == 1 {
		return nil, fmt.Errorf("with.mix and with.own: a task that is mixed of tasks with labels of their own has none; write one of the two")
	}
	if n("evidence") < n("classes") {
		return nil, fmt.Errorf("with.evidence: %d words cannot speak for %d classes; expected at least as many", n("evidence"), n("classes"))
	}
	g := related{key: rng.New(from.seed).At("related"), tasks: n("tasks"), classes: n("classes"), evidence: n("evidence"), words: n("words"),
		similarity: with["similarity"], noise: with["noise"], own: n("own") == 1, null: n("null") == 1, mix: n("mix") == 1}
	set := &Set{Names: relatedNames, Label: "answer", Words: g.vocabulary()}
	return from.fill(set, g.rows("train", n("train")), g.rows("test", n("test")), func(i int) string {
		draw := g.key.At("generic", i).Stream()
		t := draw.IntN(g.tasks)
		return g.prompt(draw, t, nil) + " " + g.label(t, draw.IntN(g.classes))
	})
}

// rows makes the first n examples of each task in a part. Each has a stream of its own, so
// asking for more leaves the earlier ones as they were; classes take turns.
func (g related) rows(part string, n int) []row {
	if g.mix {
		return g.rowsOf(nil, part, "mix", mixed, n)
	}
	var list []row
	for t := range g.tasks {
		list = g.rowsOf(list, part, fmt.Sprintf("task-%02d", t), t, n)
	}
	return list
}

// mixed stands for the task that has something of all.
const mixed = -1

// rowsOf adds the first n examples of a task in a part.
func (g related) rowsOf(list []row, part, name string, t, n int) []row {
	meaning := g.meaning(t)
	for i := range n {
		draw, class := g.key.At(part, t, i).Stream(), i%g.classes
		var speaking []int // for the class
		for e, c := range meaning {
			if c == class {
				speaking = append(speaking, e)
			}
		}
		prompt := g.prompt(draw, t, speaking)
		if g.null {
			class = draw.IntN(g.classes)
		}
		list = append(list, row{file: "tasks:" + part, line: len(list) + 1, names: relatedNames,
			values: map[string]string{"task": name, "prompt": prompt, "answer": g.label(max(t, 0), class)}})
	}
	return list
}

// meaning is the class that each evidence word speaks for in a task. Each of the two meanings,
// the common one and the task's own, gives every class its share of the words.
func (g related) meaning(t int) []int {
	if t == mixed {
		out := make([]int, g.evidence)
		for e := range out {
			out[e] = g.meaning(e % g.tasks)[e]
		}
		return out
	}
	common, own := g.key.At("common").Permutation(g.evidence), g.key.At("own", t).Permutation(g.evidence)
	out := make([]int, g.evidence)
	shared := int(math.Round(float64(g.similarity * float64(g.evidence))))
	order := g.key.At("shared").Permutation(g.evidence) // the same words in all tasks
	for k := range out {
		e := order.At(k)
		out[e] = own.At(e) % g.classes
		if k < shared {
			out[e] = common.At(e) % g.classes
		}
	}
	return out
}

// prompt writes topic words and evidence, those that speak for the class or, by noise or
// where none does, any.
func (g related) prompt(s *rng.Stream, t int, speaking []int) string {
	var text []string
	for k := range g.words {
		if k%4 == 0 {
			of := t
			if t == mixed {
				of = s.IntN(g.tasks)
			}
			text = append(text, pseudoWord(g.evidence+of*topicWords+s.IntN(topicWords)))
			continue
		}
		noisy := s.Float64() < g.noise
		if noisy || len(speaking) == 0 {
			text = append(text, pseudoWord(s.IntN(g.evidence)))
		} else {
			text = append(text, pseudoWord(speaking[s.IntN(len(speaking))]))
		}
	}
	return strings.Join(append(text, ":"), " ")
}

func (g related) label(t, class int) string {
	if g.own {
		return fmt.Sprintf("class-%02d-%d", t, class)
	}
	return fmt.Sprintf("class-%d", class)
}

func (g related) vocabulary() []string {
	var out []string
	for i := range g.evidence + g.tasks*topicWords {
		out = append(out, pseudoWord(i))
	}
	out = append(out, ":")
	for t := range g.tasks {
		for c := range g.classes {
			if t == 0 || g.own {
				out = append(out, g.label(t, c))
			}
		}
	}
	return out
}

// pseudoWord is the i-th word of a language of two syllables: babe, babi, …
func pseudoWord(i int) string {
	const consonants, vowels = "bdfgklmnprstvz", "aeiou"
	syllable := func(k int) string {
		return string([]byte{consonants[k/len(vowels)%len(consonants)], vowels[k%len(vowels)]})
	}
	n := len(consonants) * len(vowels)
	return syllable(i/n%n) + syllable(i%n)
}
