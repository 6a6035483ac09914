package data

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/sim/suggest"
)

// Classes lists the answers of examples, each once: numbers by size, then words by letters.
// several says that an answer may name several, with commas between.
func Classes(examples []Example, several bool) []string {
	seen := map[string]bool{}
	var all []string
	for _, e := range examples {
		names := []string{e.Answer}
		if several {
			names = parted(e.Answer)
		}
		for _, n := range names {
			if !seen[n] {
				seen[n] = true
				all = append(all, n)
			}
		}
	}
	sortNatural(all)
	return all
}

// noteEmpty counts the answers that say nothing: they are learned and measured like any other.
func (s *Set) noteEmpty() {
	n, all := 0, len(s.Train)+len(s.Test)
	for _, part := range [][]Example{s.Train, s.Test} {
		for _, e := range part {
			if e.Answer == "" {
				n++
			}
		}
	}
	switch {
	case n == 0:
	case s.Label != "":
		s.Notes = append(s.Notes, fmt.Sprintf("%d of %d examples have an empty %q, which is a class like any other", n, all, s.Label))
	default:
		s.Notes = append(s.Notes, fmt.Sprintf("%d of %d examples have an empty answer, of which nothing but its end is learned", n, all))
	}
}

// parted are the words of an answer between its commas.
func parted(answer string) (words []string) {
	for word := range strings.SplitSeq(answer, ",") {
		if word = strings.TrimSpace(word); word != "" {
			words = append(words, word)
		}
	}
	return words
}

// answered puts what an example's answer means to a head into a sequence: a class by its name
// or number, several of them, or numbers.
func answered(s *Sequence, c nn.Config, answer string) error {
	a := c.Answer
	switch {
	case a.Regression:
		words := strings.FieldsFunc(answer, func(r rune) bool { return r == ',' || r == ' ' })
		if len(words) != a.Outputs {
			return fmt.Errorf("the answer %q is %d numbers; the model gives %d", answer, len(words), a.Outputs)
		}
		for _, w := range words {
			x, err := strconv.ParseFloat(w, 32)
			if err != nil || x-x != 0 {
				return fmt.Errorf("the answer %q: %q is no number, and the model does regression", answer, w)
			}
			s.Targets = append(s.Targets, float32(x))
		}
	case a.Several:
		s.Targets = make([]float32, a.Outputs)
		for _, w := range parted(answer) {
			k, err := ClassOf(c, w)
			if err != nil {
				return err
			}
			s.Targets[k] = 1
		}
	default:
		k, err := ClassOf(c, strings.TrimSpace(answer))
		if err != nil {
			return err
		}
		s.Class = int32(k)
	}
	return nil
}

// ClassOf is the number of a class, by its name or by the number itself, as a
// model with a head numbers them.
func ClassOf(c nn.Config, answer string) (int, error) {
	if k := slices.Index(c.Classes, answer); k >= 0 {
		return k, nil
	}
	if k, err := strconv.Atoi(answer); err == nil && k >= 0 && k < c.Answer.Outputs {
		return k, nil
	}
	if c.Classes == nil {
		return 0, fmt.Errorf("the answer %q is no class; the model has 0 … %d", answer, c.Answer.Outputs-1)
	}
	known := c.Classes
	if len(known) > 10 {
		known = known[:10]
	}
	return 0, fmt.Errorf("the answer %q is no class of the model, which has %d: %q%s", answer, len(c.Classes), known, suggest.DidYouMean(answer, c.Classes))
}
