package metric

import (
	"strings"

	"github.com/loramesh/loramesh/sim/metric/text"
)

// Written is how an answer that a model wrote compares with the one it should have written.
type Written struct {
	Rouge1, Rouge2, RougeL float64 // F1, stemmed
	Same                   bool    // the same text, white space at either end aside
	words                  text.Score
	chars                  text.CharGrams
}

// Judge compares two texts.
func Judge(want, said string) Written {
	words, err := text.BLEU{}.Count(said, want)
	if err != nil {
		panic(err) // the default cut is known
	}
	return Written{
		words:  words,
		chars:  text.CharsOf(said, want),
		Rouge1: text.RougeN(1, want, said, true).F1,
		Rouge2: text.RougeN(2, want, said, true).F1,
		RougeL: text.RougeL(want, said, true).F1,
		Same:   strings.TrimSpace(want) == strings.TrimSpace(said),
	}
}

// Writes says whether one of the metrics judges text, so that a model has to write it.
func Writes(names []string) bool {
	for _, name := range names {
		switch name {
		case Rouge1, Rouge2, RougeL, AnswerMatch, BLEU, ChrF, tallyWords, tallyChars:
			return true
		}
	}
	return false
}

// written adds up judged answers.
type written struct {
	n, same                int
	rouge1, rouge2, rougeL float64
	words                  text.Score
	chars                  text.CharGrams
}

// AddWritten takes a judged answer in.
func (s *Sum) AddWritten(w Written) {
	s.written.n++
	s.written.rouge1 += w.Rouge1
	s.written.rouge2 += w.Rouge2
	s.written.rougeL += w.RougeL
	s.written.words.Join(w.words)
	s.written.chars.Join(w.chars)
	if w.Same {
		s.written.same++
	}
}

func (w *written) join(other written) {
	w.n += other.n
	w.same += other.same
	w.rouge1 += other.rouge1
	w.rouge2 += other.rouge2
	w.rougeL += other.rougeL
	w.words.Join(other.words)
	w.chars.Join(other.chars)
}

// value is a mean over the answers that were judged, or the score of all of them together;
// false for a metric of another kind.
func (w written) value(name string) (value, weight float64, is bool) {
	sum := 0.0
	switch name {
	case Rouge1:
		sum = w.rouge1
	case Rouge2:
		sum = w.rouge2
	case RougeL:
		sum = w.rougeL
	case AnswerMatch:
		sum = float64(w.same)
	case BLEU:
		return text.BLEU{}.Of(w.words).Value, float64(w.n), true
	case ChrF:
		return w.chars.ChrF(), float64(w.n), true
	default:
		return 0, 0, false
	}
	if w.n == 0 {
		return 0, 0, true
	}
	return sum / float64(w.n), float64(w.n), true
}
