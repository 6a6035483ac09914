package data

import (
	"fmt"
	"math"
	"strings"

	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/sim/scenario"
)

// modalities is a corpus that says everything in two vocabularies with no word in common: two
// projections of the same things into the space that a model makes of them. An example is
//
//	prompt  subject thing thing thing subject … :
//	answer  class
//
// Every thing belongs to a theme, and each subject, which is a task, has drawn for itself which
// themes speak for which class. Training examples are in the first modality, test examples in
// the one that is asked. Whether a model has one space for both is decided by the generic texts,
// which it is pre-trained on: each is about one subject and one theme, in words of one modality,
// but for a share of the words, called shared, that come in either. At 0 nothing ties the two
// together, and what was learned in one is no use in the other; that is the control.
type modalities struct {
	key                             rng.Key
	subjects, themes, each, classes int
	words, asked                    int
	shared, noise                   float64
}

var modalitiesNames = []string{"task", "prompt", "answer", "modality"}

// modalitiesParams are the words of `with`. An example has words + 4 tokens, <s> and </s>
// among them. each is how many things a theme has.
var modalitiesParams = []param{
	{name: "tasks", initial: 4, lowest: 1, above: 16, whole: true},
	{name: "classes", initial: 2, lowest: 2, above: 8, whole: true},
	{name: "themes", initial: 8, lowest: 2, above: 32, whole: true},
	{name: "each", initial: 4, lowest: 1, above: 16, whole: true},
	{name: "words", initial: 8, lowest: 2, above: 64, whole: true},
	{name: "shared", initial: 1, lowest: 0, above: 1},
	{name: "asked", initial: 1, lowest: 0, above: 1, whole: true},
	{name: "noise", initial: 0.1, lowest: 0, above: 1},
	{name: "train", initial: 200, lowest: 1, above: 1_000_000, whole: true},
	{name: "test", initial: 40, lowest: 1, above: 1_000_000, whole: true},
	{name: "generic", initial: 6000, lowest: 1, above: 10_000_000, whole: true},
	{name: "seed", initial: 0, lowest: 0, above: 1 << 53, whole: true},
}

// generateModalities makes the set, task by task. All tasks have the same classes: the stream is
// domain-incremental.
func generateModalities(d scenario.Data, seed uint64) (*Set, error) {
	from, err := newGenerator(d, seed, modalitiesParams)
	if err != nil {
		return nil, err
	}
	n, with := from.n, from.with
	if n("themes") < n("classes") {
		return nil, fmt.Errorf("with.themes: %d themes cannot speak for %d classes; expected at least as many", n("themes"), n("classes"))
	}
	m := modalities{key: rng.New(from.seed).At("modalities"), subjects: n("tasks"), themes: n("themes"), each: n("each"), classes: n("classes"),
		words: n("words"), asked: n("asked"), shared: with["shared"], noise: with["noise"]}
	set := &Set{Names: modalitiesNames, Label: "answer", Words: m.vocabulary()}
	return from.fill(set, m.rows("train", n("train"), 0), m.rows("test", n("test"), m.asked), func(i int) string {
		return m.generic(m.key.At("generic", i).Stream())
	})
}

// word is the name of a thing in a modality; the words that mark subjects come after the things.
func (m modalities) word(modality, thing int) string { return pseudoWord(modality*m.all() + thing) }

// all is how many words a modality has.
func (m modalities) all() int { return m.themes*m.each + m.subjects*topicWords }

// mark is one of the words of a subject.
func (m modalities) mark(subject, k int) int { return m.themes*m.each + subject*topicWords + k }

// rows makes the first n examples of each task in a part, in a modality. Classes take turns.
func (m modalities) rows(part string, n, modality int) []row {
	var list []row
	for t := range m.subjects {
		drawn := m.key.At("meaning", t).Permutation(m.themes)
		for i := range n {
			s, class := m.key.At(part, t, i).Stream(), i%m.classes
			var text []string
			for k := range m.words {
				thing := m.mark(t, s.IntN(topicWords))
				if k%4 != 0 {
					theme := m.themeFor(s, drawn, class)
					thing = theme*m.each + s.IntN(m.each)
				}
				text = append(text, m.word(modality, thing))
			}
			list = append(list, row{file: "modalities:" + part, line: len(list) + 1, names: modalitiesNames,
				values: map[string]string{"task": fmt.Sprintf("task-%02d", t), "modality": []string{"first", "second"}[modality],
					"prompt": strings.Join(append(text, ":"), " "), "answer": fmt.Sprintf("class-%d", class)}})
		}
	}
	return list
}

// themeFor draws a theme that speaks for a class or, by noise, any.
func (m modalities) themeFor(s *rng.Stream, drawn rng.Permutation, class int) int {
	noisy := s.Float64() < m.noise
	for {
		theme := s.IntN(m.themes)
		if noisy || drawn.At(theme)%m.classes == class {
			return theme
		}
	}
}

// generic writes a text about one subject and one theme.
func (m modalities) generic(s *rng.Stream) string {
	subject, theme, modality := s.IntN(m.subjects), s.IntN(m.themes), s.IntN(2)
	free := int(math.Round(float64(m.shared * float64(m.all()))))
	tied := m.key.At("shared").Permutation(m.all())
	var text []string
	for k := range m.words {
		thing := theme*m.each + s.IntN(m.each)
		if k%4 == 0 {
			thing = m.mark(subject, s.IntN(topicWords))
		}
		of, either := modality, s.IntN(2)
		if tied.At(thing) < free {
			of = either
		}
		text = append(text, m.word(of, thing))
	}
	return strings.Join(append(text, ":"), " ") + fmt.Sprintf(" class-%d", s.IntN(m.classes))
}

func (m modalities) vocabulary() []string {
	var out []string
	for i := range 2 * m.all() {
		out = append(out, pseudoWord(i))
	}
	out = append(out, ":")
	for c := range m.classes {
		out = append(out, fmt.Sprintf("class-%d", c))
	}
	return out
}
