package data_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/tokenizer"
	"github.com/loramesh/loramesh/sim/data"
)

// Ids of the letters: <unk> <s> </s> are 0 1 2, a is 3, b is 4 …
func letters(t *testing.T, tokens int) data.Encoder {
	t.Helper()
	tok, err := tokenizer.Words(strings.Fields("a b c d e f g h i j"))
	if err != nil {
		t.Fatal(err)
	}
	e, err := data.NewEncoder(tok, tokens, 64)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestSequence(t *testing.T) {
	const no = nn.Ignore
	for _, c := range []struct {
		tokens         int
		prompt, answer string
		inputs         bool
		ids, labels    []int32
		truncated      bool
	}{
		{0, "a b", "c", false, []int32{1, 3, 4, 5, 2}, []int32{no, no, no, 5, 2}, false},
		{0, "a b", "c", true, []int32{1, 3, 4, 5, 2}, []int32{no, 3, 4, 5, 2}, false},
		{5, "a b", "c", false, []int32{1, 3, 4, 5, 2}, []int32{no, no, no, 5, 2}, false},
		{0, "", "c", false, []int32{1, 5, 2}, []int32{no, 5, 2}, false},
		{0, "a", "", false, []int32{1, 3, 2}, []int32{no, no, 2}, false},
		// The prompt loses its beginning.
		{5, "a b c", "d", false, []int32{1, 4, 5, 6, 2}, []int32{no, no, no, 6, 2}, true},
		// A quarter of 8 tokens is left to the prompt, the answer loses its end.
		{8, "a b c", "d e f g h i", false, []int32{1, 4, 5, 6, 7, 8, 9, 10}, []int32{no, no, no, 6, 7, 8, 9, 10}, true},
		// A prompt shorter than its quarter leaves the rest to the answer.
		{8, "a", "d e f g h i", false, []int32{1, 3, 6, 7, 8, 9, 10, 11}, []int32{no, no, 6, 7, 8, 9, 10, 11}, true},
		{2, "a b c", "d", false, []int32{1, 6}, []int32{no, 6}, true},
	} {
		s, truncated := letters(t, c.tokens).Sequence(data.Example{Prompt: c.prompt, Answer: c.answer}, c.inputs)
		if !slices.Equal(s.IDs, c.ids) || !slices.Equal(s.Labels, c.labels) || truncated != c.truncated {
			t.Errorf("%d tokens of %q, %q: %v %v %v", c.tokens, c.prompt, c.answer, s.IDs, s.Labels, truncated)
		}
	}
}

// Whatever the lengths, a sequence fits and has a label to learn.
func TestSequenceAlwaysFits(t *testing.T) {
	long := strings.Repeat("a ", 40)
	for tokens := 2; tokens <= 20; tokens++ {
		e := letters(t, tokens)
		for p := 0; p <= 40; p += 3 {
			for a := 1; a <= 40; a += 3 {
				s, cut := e.Sequence(data.Example{Prompt: long[:2*p], Answer: long[:2*a]}, false)
				counted := slices.IndexFunc(s.Labels, func(y int32) bool { return y != nn.Ignore }) > 0
				if len(s.IDs) > tokens || len(s.IDs) != len(s.Labels) || !counted || cut != (p+a+2 > tokens) {
					t.Fatalf("%d tokens, prompt %d, answer %d: %+v, %v", tokens, p, a, s, cut)
				}
			}
		}
	}
}

func TestNewEncoder(t *testing.T) {
	tok, err := tokenizer.Words([]string{"a"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := data.NewEncoder(tok, 65, 64); err == nil || !strings.Contains(err.Error(), "context of 64") {
		t.Errorf("got %v", err)
	}
	if _, err := data.NewEncoder(tok, 1, 64); err == nil {
		t.Error("one token is no sequence")
	}
	if e, err := data.NewEncoder(tok, 0, 64); err != nil || e.Tokens != 64 {
		t.Errorf("%+v, %v", e, err)
	}
}
