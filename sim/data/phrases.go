package data

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/sim/scenario"
)

// phrases is a corpus that a model of 30,000 parameters learns in seconds and that leaves
// something to adapt. An example is
//
//	prompt  harbour :
//	answer  the salty gull dives and the calm boat drifts and the … .
//
// A clause takes its adjective, noun and verb from one field of words (sea, kitchen, forest …),
// and that is the grammar: which words go together. The generic texts, which a base is
// pre-trained on, have no habits beyond it: determiners and connectives are drawn evenly;
// most are headed by a noun whose field the clauses favour, so that a base learns to heed a
// heading, and the rest by the name of a topic, which means nothing yet.
//
// The examples, which clients hold, have habits. All of them say "the", which the base takes
// for one of four; that is learned at once. A topic favours a connective and two fields of its
// own: a shift of preferences, one direction each in the space of the model, so the rank that
// is needed grows with the topics that a client, or the server, sees. Splitting by `topic`
// makes clients unlike.
type phrases struct {
	key     rng.Key
	clauses int
	noise   float64 // share of draws that follow no habit
	topics  []string
	habits  []habit // of the topics
	even    bool    // examples are texts without habits
}

// habit is what a text favours: places in fields, connectives and determiners, or even.
type habit struct{ first, second, connective, determiner int }

// even favours nothing.
const even = -1

const (
	// Of the clauses that follow the habit, this share takes the first field.
	firstShare = 0.65
	// Of the generic texts, this share is headed by a topic.
	namedShare = 0.25
)

// phrasesParams are the words of `with`. An example has 5·clauses + 4 tokens, <s> and </s>
// among them.
var phrasesParams = []param{
	{name: "topics", initial: 8, lowest: 2, above: float64(len(topicNames)), whole: true},
	{name: "train", initial: 1600, lowest: 1, above: 10_000_000, whole: true},
	{name: "test", initial: 240, lowest: 1, above: 1_000_000, whole: true},
	{name: "generic", initial: 6000, lowest: 1, above: 10_000_000, whole: true},
	{name: "clauses", initial: 5, lowest: 1, above: 100, whole: true},
	{name: "noise", initial: 0.1, lowest: 0, above: 1},
	{name: "even", initial: 0, lowest: 0, above: 1, whole: true},
	{name: "seed", initial: 0, lowest: 0, above: 1 << 53, whole: true},
}

// generatePhrases makes the set. Every text has a stream of its own, so asking for more of
// them leaves the earlier ones as they were. Topics take turns: train and test are balanced.
func generatePhrases(d scenario.Data, seed uint64) (*Set, error) {
	from, err := newGenerator(d, seed, phrasesParams)
	if err != nil {
		return nil, err
	}
	p := newPhrases(rng.New(from.seed).At("phrases"), from.n("topics"), from.n("clauses"), from.with["noise"])
	p.even = from.n("even") == 1
	set := &Set{Words: phrasesWords(), Names: []string{"topic", "prompt", "answer"}}
	return from.fill(set, p.rows("train", from.n("train")), p.rows("test", from.n("test")), p.generic)
}

// newPhrases gives each topic its habits. First and second fields are two walks through a
// shuffle, so that every field serves as many topics as any other, give or take one.
func newPhrases(key rng.Key, topics, clauses int, noise float64) *phrases {
	p := &phrases{key: key, clauses: clauses, noise: noise, topics: topicNames[:topics]}
	order := key.At("fields").Permutation(len(fields))
	for t := range topics {
		p.habits = append(p.habits, habit{
			first:      order.At(t % len(fields)),
			second:     order.At((t + len(fields)/2) % len(fields)),
			connective: t % len(connectives),
		})
	}
	return p
}

// rows makes the first n examples of a part of the corpus.
func (p *phrases) rows(part string, n int) []row {
	list := make([]row, n)
	for i := range list {
		head, draw, h := p.topics[i%len(p.topics)], p.key.At(part, i).Stream(), p.habits[i%len(p.topics)]
		if p.even {
			draw = p.key.At("even", part, i).Stream()
			head, h = p.heading(draw)
		}
		list[i] = row{
			file: "phrases:" + part, line: i + 1,
			names:  []string{"topic", "prompt", "answer"},
			values: map[string]string{"topic": head, "prompt": head + " :", "answer": string(p.answer(p.room(), draw, h))},
		}
	}
	return list
}

// generic makes generic text i.
func (p *phrases) generic(i int) string {
	s := p.key.At("generic", i).Stream()
	head, h := p.heading(s)
	return string(p.answer(append(append(p.room(), head...), " : "...), s, h))
}

// heading draws what a text without habits is headed by, and the field that it favours then.
func (p *phrases) heading(s *rng.Stream) (string, habit) {
	h := habit{even, even, even, even}
	if s.Float64() < namedShare {
		return p.topics[s.IntN(len(p.topics))], h
	}
	h.first = s.IntN(len(fields))
	return pick(s, fields[h.first].nouns), h
}

// room is for a text that is being written.
func (p *phrases) room() []byte { return make([]byte, 0, 64*(p.clauses+1)) }

// answer writes clauses behind what is there.
func (p *phrases) answer(text []byte, s *rng.Stream, h habit) []byte {
	for c := range p.clauses {
		if c > 0 {
			text = append(append(text, connectives[p.draw(s, h.connective, len(connectives))]...), ' ')
		}
		place := h.first
		if s.Float64() >= firstShare {
			place = h.second
		}
		f := fields[p.draw(s, place, len(fields))]
		text = append(append(text, determiners[p.draw(s, h.determiner, len(determiners))]...), ' ')
		for _, words := range [][]string{f.adjectives, f.nouns, f.verbs} {
			text = append(append(text, pick(s, words)...), ' ')
		}
	}
	return append(text, '.')
}

// draw follows a habit, or draws evenly among n where there is none or noise will have it.
func (p *phrases) draw(s *rng.Stream, favoured, n int) int {
	noisy := s.Float64() < p.noise
	if favoured == even || noisy {
		return s.IntN(n)
	}
	return favoured
}

// pick draws a word, the first twice as often as the last, falling evenly in between: the
// likeliest next word is then a matter of fact, and accuracy means something.
func pick(s *rng.Stream, words []string) string {
	n := len(words)
	total := 0
	for i := range words {
		total += 2*(n-1) - i
	}
	x := s.IntN(total)
	for i, w := range words {
		if x -= 2*(n-1) - i; x < 0 {
			return w
		}
	}
	panic(fmt.Sprintf("data: a draw below %d fell off the end of %d words", total, n))
}
