package solo

import (
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/lora/peft"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/linalg/tokenizer"
	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/simtest"
)

// onDisk is a random model of a family in a folder "m", as Hugging Face has it.
func onDisk(t *testing.T, family string) simtest.Files {
	t.Helper()
	tok, err := tokenizer.Words(strings.Fields("a b c d e f"))
	if err != nil {
		t.Fatal(err)
	}
	shape := nn.Shape{Vocab: tok.Vocab(), Width: 12, Inner: 20, Layers: 2, Heads: 3, KVHeads: 3, Context: 16, Tied: true}
	if family == "vit" {
		shape = nn.Shape{Width: 12, Inner: 20, Layers: 2, Heads: 3, KVHeads: 3, Image: nn.Image{Size: 4, Patch: 2, Channels: 1}}
	}
	c, err := nn.Design(family, shape)
	if err != nil {
		t.Fatal(err)
	}
	net, err := nn.New(c, 0.3, rng.New(7).Stream())
	if err != nil {
		t.Fatal(err)
	}
	weights, err := safetensors.EncodeTensors(net.Tensors())
	if err != nil {
		t.Fatal(err)
	}
	return simtest.Files{"m/config.json": string(c.JSON()), "m/model.safetensors": string(weights), "m/tokenizer.json": string(tok.JSON())}
}

func opened(t *testing.T, files simtest.Files, how Opening) *Model {
	t.Helper()
	m, err := Open("m", how, files)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.ReadTokenizer(files); err != nil {
		t.Fatal(err)
	}
	return m
}

// through writes an adapter and reads it back.
func through(t *testing.T, f *peft.Folder) Adapter {
	t.Helper()
	config, tensors, err := f.Encode("F32")
	if err != nil {
		t.Fatal(err)
	}
	file, err := safetensors.Parse(tensors)
	if err != nil {
		t.Fatal(err)
	}
	if f, err = peft.Parse(config, file); err != nil {
		t.Fatal(err)
	}
	return Adapter{"adapter", f}
}

// An adapter with the head that was trained with it, put on the base that has none, computes
// what was trained, and knows its classes.
func TestHeadsAreTrainedAndWritten(t *testing.T) {
	pair := "b a"
	texts := []data.Example{{Prompt: "a b", Answer: "good"}, {Prompt: "c d e", Pair: &pair, Answer: "bad"}, {Prompt: "f", Answer: "odd"}, {Prompt: "b", Answer: "bad"}}
	pictures := slices.Clone(texts)
	for i := range pictures {
		pictures[i].Picture = &data.Picture{Width: 4, Height: 4, Channels: 1, Pixels: []byte(strings.Repeat(string(rune('a'+9*i)), 16))}
	}
	numbers := slices.Clone(texts)
	for i, n := range []string{"1 2", "-1 0.5", "0 0", "2, -2"} {
		numbers[i].Answer = n
	}
	several := slices.Clone(texts)
	for i, n := range []string{"good,odd", "", "bad", "odd"} {
		several[i].Answer = n
	}
	for name, x := range map[string]struct {
		family, problem string
		examples        []data.Example
		outputs         int
		saved           string
	}{
		"classes":  {"bert", "", texts, 3, "classifier"},
		"several":  {"roberta", base.Problems[1], several, 3, "classifier"},
		"numbers":  {"distilbert", base.Problems[2], numbers, 2, "classifier pre_classifier"},
		"pooler":   {"deberta-v2", "", texts, 3, "classifier pooler"},
		"pictures": {"vit", "", pictures, 3, "classifier"},
		"two":      {"t5", "", []data.Example{{Prompt: "a b", Answer: "c"}, {Prompt: "c", Answer: "d e f"}}, 0, ""},
	} {
		files, how := onDisk(t, x.family), plain()
		how.Tokens = 16
		m := opened(t, files, Opening{Head: &Head{Problem: x.problem, Examples: x.examples, Seed: 3}})
		tr, err := m.Tune(x.examples, x.examples, how)
		if err != nil {
			t.Fatal(name, err)
		}
		c, err := tr.Run("base", Watcher{none, unasked, nobody})
		if err != nil {
			t.Fatal(name, err)
		}
		if got := strings.Join(c.Adapter.Config.Save, " "); got != x.saved {
			t.Errorf("%s: saved are %q", name, got)
		}
		again := opened(t, files, Opening{Adapters: []Adapter{through(t, c.Adapter)}})
		_, total, err := again.Score(x.examples, how.Reading, func(int) error { return nil })
		if want := c.Epochs[1].Valid; err != nil || total != *want {
			t.Errorf("%s: %+v, %v; trained was %+v", name, total, err, *want)
		}
		if first := c.Epochs[0].Valid.Sum; first <= total.Sum {
			t.Errorf("%s: the loss went from %g to %g", name, first, total.Sum)
		}
		if x.outputs == 0 {
			continue
		}
		said, err := again.Answer(x.examples, how.Reading)
		if err != nil || len(said) != len(x.examples) || len(said[0].Outputs) != x.outputs {
			t.Fatalf("%s: %+v, %v", name, said, err)
		}
		if x.problem != base.Problems[2] && said[0].Outputs[1].Name != "good" {
			t.Errorf("%s: the classes are %+v", name, said[0].Outputs)
		}
	}
}

func TestHeadsThatCannotBe(t *testing.T) {
	same := []data.Example{{Prompt: "a", Answer: "x"}, {Prompt: "b", Answer: "x"}}
	for _, x := range []struct {
		family string
		head   Head
		want   string
	}{
		{"bert", Head{Examples: same}, "at least two classes"},
		{"bert", Head{}, "no examples"},
		{"llama", Head{Problem: base.Problems[0], Examples: same[:1]}, "two classes"},
		{"llama", Head{Problem: base.Problems[2], Examples: []data.Example{{Answer: "1"}}}, "stands on encoders"},
	} {
		if _, err := Open("m", Opening{Head: &x.head}, onDisk(t, x.family)); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %v; %q was expected in it", x.family, err, x.want)
		}
	}
	if err := (Head{Problem: "guessing"}).Check(); err == nil {
		t.Error("a problem of no kind was taken")
	}
	two := []data.Example{{Prompt: "a", Answer: "x"}, {Prompt: "b", Answer: "y"}}
	m := opened(t, onDisk(t, "bert"), Opening{Head: &Head{Examples: two}})
	for answer, want := range map[string]string{"z": `"z" is no class of the model`, "2": `"2" is no class`} {
		how := plain()
		how.Tokens = 16
		if _, err := m.Tune([]data.Example{{Prompt: "a", Answer: answer}}, nil, how); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "example 1") {
			t.Errorf("%v; %q was expected in it", err, want)
		}
	}
	if _, err := m.Tune([]data.Example{{Prompt: "a", Answer: "1"}}, nil, plain()); err == nil || !strings.Contains(err.Error(), "16") {
		t.Errorf("32 tokens of a model of 16 places: %v", err)
	}
	bare := opened(t, onDisk(t, "bert"), Opening{})
	if _, _, err := bare.Score(two, Reading{}, func(int) error { return nil }); err == nil || !strings.Contains(err.Error(), "without a head") {
		t.Errorf("%v", err)
	}
	if _, err := bare.Answer(two, Reading{}); err == nil || !strings.Contains(err.Error(), "no head") {
		t.Errorf("%v", err)
	}
}
