package data_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/tokenizer"
	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/scenario"
)

func phrases(t *testing.T, seed uint64, with map[string]any) *data.Set {
	t.Helper()
	set, err := data.Load(scenario.Data{Name: "p", Generate: "phrases", By: "topic", With: with}, nil, seed)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestPhrasesArePure(t *testing.T) {
	a, b := phrases(t, 1, nil), phrases(t, 1, nil)
	if !reflect.DeepEqual(a, b) {
		t.Error("two sets of one seed differ")
	}
	if c := phrases(t, 2, nil); c.Train[0].Answer == a.Train[0].Answer && c.Train[1].Answer == a.Train[1].Answer {
		t.Error("another seed gives the same answers")
	}
	own := map[string]any{"seed": 1, "train": 100, "generic": 10}
	c := phrases(t, 99, own)
	if !reflect.DeepEqual(c.Train, a.Train[:100]) || !reflect.DeepEqual(c.Test, a.Test) || !slices.Equal(c.Generic, a.Generic[:10]) {
		t.Error("`seed` in `with` must win, and asking for less must give a prefix")
	}
}

// The vocabulary is closed, small enough for a toy, and every text fits 32 tokens.
func TestPhrasesVocabulary(t *testing.T) {
	set := phrases(t, 1, nil)
	tok, err := tokenizer.Words(set.Words)
	if err != nil {
		t.Fatal(err)
	}
	if tok.Vocab() > 256 {
		t.Errorf("%d words", tok.Vocab())
	}
	texts := set.Texts()
	for _, e := range slices.Concat(set.Train, set.Test) {
		texts = append(texts, e.Prompt+" "+e.Answer)
	}
	for _, text := range texts {
		ids := tok.Encode(text, true)
		if slices.Contains(ids, tokenizer.WordsUnknown) || len(ids)+1 > 32 {
			t.Fatalf("%q: %d tokens %v", text, len(ids), ids)
		}
	}
	if len(set.Test) != 240 || len(set.Train) != 1600 || len(set.Generic) != 6000 {
		t.Errorf("%d, %d, %d texts", len(set.Train), len(set.Test), len(set.Generic))
	}
}

// Topics differ from each other and from the generic texts in what they favour: counted, not
// assumed, since fine-tuning has nothing else to learn.
func TestPhrasesTopicsHaveHabits(t *testing.T) {
	set := phrases(t, 1, nil)
	share := func(texts []string, word string) float64 {
		n, all := 0, 0
		for _, text := range texts {
			for _, w := range strings.Fields(text) {
				if w == word {
					n++
				}
				if slices.Contains([]string{"the", "one", "each", "this"}, w) {
					all++
				}
			}
		}
		return float64(n) / float64(all)
	}
	byTopic := map[string][]string{}
	for _, e := range set.Train {
		byTopic[e.Columns["topic"]] = append(byTopic[e.Columns["topic"]], e.Answer)
	}
	if len(byTopic) != 8 {
		t.Fatalf("%d topics", len(byTopic))
	}
	if g, c := share(set.Generic, "the"), share(byTopic["harbour"], "the"); g > 0.3 || c < 0.85 {
		t.Errorf(`"the": %.2f of generic determiners, %.2f of a topic's`, g, c)
	}
	if a, b := share(byTopic["harbour"], "and"), share(byTopic["tavern"], "and"); a < 0.6 || b > 0.1 {
		t.Errorf(`"and": %.2f of harbour, %.2f of tavern`, a, b)
	}
	// A topic's commonest verb belongs to its first field, and the topics have different ones.
	commonest := map[string]bool{}
	for _, texts := range byTopic {
		count := map[string]int{}
		best := ""
		for _, text := range texts {
			verb := strings.Fields(text)[3]
			if count[verb]++; count[verb] > count[best] || best == "" {
				best = verb
			}
		}
		commonest[best] = true
	}
	if len(commonest) < 7 {
		t.Errorf("8 topics have only the favourites %v", commonest)
	}
}

// Texts without habits are headed as generic texts are, and are none of those.
func TestEvenPhrases(t *testing.T) {
	set := phrases(t, 1, map[string]any{"even": 1, "train": 400, "test": 100})
	known, the := map[string]bool{}, 0
	for _, text := range set.Generic {
		known[text] = true
	}
	for _, e := range set.Train {
		if known[e.Prompt+" "+e.Answer] {
			t.Errorf("%q is a text of pre-training", e.Answer)
		}
		if strings.HasPrefix(e.Answer, "the ") {
			the++
		}
	}
	if the > 150 {
		t.Errorf("%d of 400 texts begin with the habit of all topics", the)
	}
}
