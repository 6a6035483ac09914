package base_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/scenario"
	"github.com/loramesh/loramesh/sim/simtest"
)

func recipe() scenario.Recipe {
	return scenario.Recipe{Family: "llama", Width: 8, Blocks: 1, Heads: 2, KVHeads: 1, Hidden: 16, Context: 8, Tied: true,
		Pretrain: scenario.Pretrain{Data: "texts", Tokens: 2000, Batch: 4, Rate: 1e-2, Seed: 1}}
}

func texts() *data.Set {
	return &data.Set{Generic: []string{"the cat sat on the mat", "the dog sat on the log", "a cat and a dog", "the mat and the log"}}
}

func quiet(string, int, int) error { return nil }

func made(t *testing.T, r scenario.Recipe, set *data.Set, contract string, c *simtest.Cache) *base.Base {
	t.Helper()
	b, err := base.FromRecipe("main", r, set, contract, c, quiet)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRecipeIsMadeOnceAndLearns(t *testing.T) {
	c := &simtest.Cache{}
	b := made(t, recipe(), texts(), "x", c)
	if c.Saved != 1 || c.Found != 0 {
		t.Errorf("an empty cache was used %d times and saved to %d times", c.Found, c.Saved)
	}
	if again := made(t, recipe(), texts(), "x", c); again.Blob != b.Blob || c.Found != 1 || c.Saved != 1 {
		t.Errorf("from the cache came %s, made was %s; %d loads, %d saves", again.Blob, b.Blob, c.Found, c.Saved)
	}
	if fresh := made(t, recipe(), texts(), "x", &simtest.Cache{}); fresh.Blob != b.Blob {
		t.Error("made twice, it is two bases")
	}
	run := nn.NewRunner(b.Model)
	ids := b.Tokenizer.Encode("the cat sat on the mat", true)
	if err := run.Forward(nn.Batch{IDs: [][]int32{ids}, Labels: [][]int32{ids}}); err != nil {
		t.Fatal(err)
	}
	if l, _ := run.Loss(); l.Mean() > 1 { // 12 tokens: chance is ln 12 = 2.48
		t.Errorf("after pre-training the loss is %.2f nats", l.Mean())
	}
}

// Of 0 tokens the weights stay as they are drawn, in every family of language models, and a
// window is the model's.
func TestRecipeThatReadsNothing(t *testing.T) {
	for _, family := range []string{"llama", "mistral", "qwen2", "qwen3", "gemma", "gpt2", "t5"} {
		r, set := recipe(), texts()
		set.Train = []data.Example{{Prompt: "the cat", Answer: "sat"}}
		r.Family, r.KVHeads, r.Pretrain.Tokens = family, 2, 0
		if family == "mistral" || family == "qwen2" || family == "qwen3" {
			r.Window = 3
		}
		b := made(t, r, set, "x", &simtest.Cache{})
		if got := b.Model.Config().Window; got != r.Window {
			t.Errorf("%s: a window of %d became %d", family, r.Window, got)
		}
		r.Pretrain.Rate /= 2
		if again := made(t, r, set, "x", &simtest.Cache{}); again.Blob != b.Blob {
			t.Errorf("%s: it learned something", family)
		}
		r.Pretrain.Seed++
		if other := made(t, r, set, "x", &simtest.Cache{}); other.Blob == b.Blob {
			t.Errorf("%s: another seed draws the same weights", family)
		}
	}
}

// A recipe with a vocab reads text as pieces of a BPE, so that a word it never saw is not lost.
func TestRecipeWithTrainedVocabulary(t *testing.T) {
	r := recipe()
	r.Vocab = 270
	b := made(t, r, texts(), "x", &simtest.Cache{})
	if b.Tokenizer.Vocab() != 270 || b.Model.Config().Vocab != 270 {
		t.Errorf("%d pieces, %d rows", b.Tokenizer.Vocab(), b.Model.Config().Vocab)
	}
	if got := b.Tokenizer.Decode(b.Tokenizer.Encode("the zebra é", true), true); got != "the zebra é" {
		t.Errorf("decoded %q", got)
	}
	if _, ok := b.Tokenizer.BOS(); !ok {
		t.Error("texts have no beginning")
	}
	if _, ok := b.Tokenizer.EOS(); !ok {
		t.Error("texts have no end")
	}
}

// Another recipe, text or contract is another entry of the cache.
func TestKeyFollowsWhatTheBaseFollows(t *testing.T) {
	c := &simtest.Cache{}
	made(t, recipe(), texts(), "x", c)
	for name, change := range map[string]func(r *scenario.Recipe, s *data.Set, contract *string){
		"seed":   func(r *scenario.Recipe, _ *data.Set, _ *string) { r.Pretrain.Seed++ },
		"vocab":  func(r *scenario.Recipe, _ *data.Set, _ *string) { r.Vocab = 260 },
		"rate":   func(r *scenario.Recipe, _ *data.Set, _ *string) { r.Pretrain.Rate /= 2 },
		"tokens": func(r *scenario.Recipe, _ *data.Set, _ *string) { r.Pretrain.Tokens += 100 },
		"untied": func(r *scenario.Recipe, _ *data.Set, _ *string) { r.Tied = false },
		"a text": func(_ *scenario.Recipe, s *data.Set, _ *string) {
			s.Generic[3] = "the log and the mat" /* the same words */
		},
		"words": func(_ *scenario.Recipe, s *data.Set, _ *string) {
			s.Words = strings.Fields("the a cat dog sat on mat log and")
		},
		"contract": func(_ *scenario.Recipe, _ *data.Set, contract *string) { *contract = "y" },
	} {
		r, s, contract, saved := recipe(), texts(), "x", c.Saved
		change(&r, s, &contract)
		made(t, r, s, contract, c)
		if c.Saved != saved+1 || c.Found != 0 {
			t.Errorf("%s changed, and the cache was used", name)
		}
	}
	if _, err := base.FromRecipe("other name", recipe(), texts(), "x", c, quiet); err != nil || c.Found != 1 {
		t.Errorf("another name needs another base: %v", err)
	}
}

// A damaged entry costs time and nothing else; whoever watches is told.
func TestDamagedCacheIsMadeAgain(t *testing.T) {
	c := &simtest.Cache{}
	want := made(t, recipe(), texts(), "x", c).Blob
	var key string
	for key = range c.Entries { // there is one
	}
	whole := string(c.Entries[key])
	for name, damage := range map[string]string{
		"empty": "", "cut": whole[:len(whole)-1], "a bit": whole[:len(whole)-1] + string(whole[len(whole)-1]^1), "noise": strings.Repeat("x", len(whole)),
		"without its hash": strings.Replace(whole, `"blob":`, `"blub":`, 1),
	} {
		c.Entries[key] = []byte(damage)
		said := ""
		b, err := base.FromRecipe("main", recipe(), texts(), "x", c, func(text string, _, _ int) error {
			if strings.Contains(text, "damaged") {
				said = text
			}
			return nil
		})
		if err != nil || b.Blob != want || !strings.Contains(said, "base main") {
			t.Errorf("%s: %v, %q was said", name, err, said)
		}
		if string(c.Entries[key]) != whole {
			t.Errorf("%s: the entry was not mended", name)
		}
	}
}

func TestBrokenCacheIsNotTheScenariosFault(t *testing.T) {
	broken := errors.New("disk full")
	_, err := base.FromRecipe("main", recipe(), texts(), "x", &simtest.Cache{Broken: broken}, quiet)
	if !errors.Is(err, base.ErrCache) || !errors.Is(err, broken) {
		t.Errorf("a cache that cannot be read: %v", err)
	}
}

func TestWatchSeesAndEndsPretraining(t *testing.T) {
	last, of := -1, 0
	_, err := base.FromRecipe("main", recipe(), texts(), "x", &simtest.Cache{}, func(_ string, done, total int) error {
		if done != last+1 || of != 0 && total != of {
			t.Errorf("%d of %d came after %d of %d", done, total, last, of)
		}
		last, of = done, total
		return nil
	})
	if err != nil || last != of || of < 50 {
		t.Errorf("it ended at %d of %d: %v", last, of, err)
	}
	c := &simtest.Cache{}
	_, err = base.FromRecipe("main", recipe(), texts(), "x", c, func(_ string, done, _ int) error {
		if done == 5 {
			return context.Canceled
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || c.Saved != 0 {
		t.Errorf("stopped at update 5: %v, %d saved", err, c.Saved)
	}
}

func TestRecipesThatCannotBe(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*scenario.Recipe, *data.Set)
		want   string
	}{
		"rate far too high": {func(r *scenario.Recipe, _ *data.Set) { r.Pretrain.Rate = 10 }, "pretrain.lr"},
		"rate of no number": {func(r *scenario.Recipe, _ *data.Set) { r.Pretrain.Rate = 1e38 }, "diverged"},
		"heads":             {func(r *scenario.Recipe, _ *data.Set) { r.Heads = 3 }, "d 8 cannot be shared by 3 heads"},
		"kv heads":          {func(r *scenario.Recipe, _ *data.Set) { r.Heads, r.KVHeads = 4, 3 }, "num_key_value_heads 3"},
		"odd heads":         {func(r *scenario.Recipe, _ *data.Set) { r.Heads, r.KVHeads = 8, 8 }, "head_dim is 1"},
		"too large":         {func(r *scenario.Recipe, _ *data.Set) { r.Width, r.Hidden, r.Blocks = 4096, 11008, 32 }, "at most 268435456"},
		"no texts":          {func(_ *scenario.Recipe, s *data.Set) { s.Generic = nil }, "no text"},
		"context":           {func(r *scenario.Recipe, _ *data.Set) { r.Context = 1 }, "at least 2 tokens"},
		"words":             {func(_ *scenario.Recipe, s *data.Set) { s.Words = []string{"two words"} }, "white space"},
	} {
		r, s, cache := recipe(), texts(), &simtest.Cache{}
		c.change(&r, s)
		_, err := base.FromRecipe("main", r, s, "x", cache, quiet)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), `base "main"`) {
			t.Errorf("%s: %v; %q was expected in it", name, err, c.want)
		}
		if cache.Saved != 0 {
			t.Errorf("%s: a base was cached", name)
		}
	}
}
