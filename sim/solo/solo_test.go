package solo

import (
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/lora/peft"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/linalg/tokenizer"
	"github.com/loramesh/loramesh/sim/data"
)

// tiny is a random model of a family, with a tokenizer of bytes.
func tiny(t *testing.T, family string) *Model {
	t.Helper()
	tok, _, err := tokenizer.Train([]string{"a"}, tokenizer.Training{Vocab: 258, Special: []string{"<s>", "</s>"}})
	if err != nil {
		t.Fatal(err)
	}
	c, err := nn.Design(family, nn.Shape{Vocab: 258, Width: 16, Inner: 24, Layers: 2, Heads: 2, KVHeads: 2, Context: 32, Tied: true})
	if err != nil {
		t.Fatal(err)
	}
	net, err := nn.New(c, 0.3, rng.New(7).Stream())
	if err != nil {
		t.Fatal(err)
	}
	return &Model{Dir: "tiny", Net: net, Tokenizer: tok}
}

func plain() Tuning {
	return Tuning{LoRA: LoRA{Rank: 2, Alpha: 4}, Reading: Reading{Tokens: 32}, Rate: 1e-2, Epochs: 2, Batch: 2, Pile: 1, Schedule: "linear", Clip: 1, Seed: 3}
}

var rows = []data.Example{{Prompt: "a", Answer: "bcd"}, {Prompt: "b", Answer: "cde"}, {Prompt: "c", Answer: "def"}}

func none(Step) error { return nil }

func unasked(int) error { return nil }

func TestTargets(t *testing.T) {
	for _, x := range []struct{ family, targets, want string }{
		{"llama", "", "0.q 0.v 1.q 1.v"},
		{"llama", "q_proj,v_proj", "0.q 0.v 1.q 1.v"},
		{"llama", "model.layers.1.mlp.up_proj,*.k", "0.k 1.k 1.up"},
		{"llama", "all-linear", "0.q 0.k 0.v 0.o 0.gate 0.up 0.down 1.q 1.k 1.v 1.o 1.gate 1.up 1.down"},
		{"gpt2", "", "0.qkv 1.qkv"},
		{"gpt2", "c_attn", "0.qkv 1.qkv"},
		{"gpt2", "*.q,1.v", "0.q 1.q 1.v"},
		{"gpt2", "all-linear", "0.qkv 0.o 0.up 0.down 1.qkv 1.o 1.up 1.down"},
	} {
		l := LoRA{}
		if x.targets != "" {
			l.Targets = strings.Split(x.targets, ",")
		}
		modules, err := l.Modules(tiny(t, x.family).Net)
		var names []string
		for _, m := range modules {
			names = append(names, m.Name)
		}
		if got := strings.Join(names, " "); err != nil || got != x.want {
			t.Errorf("%s %q: %q, %v", x.family, x.targets, got, err)
		}
	}
	for _, bad := range []string{"proj", "embed", "*.q,*.qkv"} {
		if _, err := (LoRA{Targets: strings.Split(bad, ",")}).Modules(tiny(t, "gpt2").Net); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

// What is written, put on the base again, computes what was trained: in every form.
func TestWhatIsTrainedIsWhatIsWritten(t *testing.T) {
	for name, change := range map[string]func(*Tuning){
		"plain": func(*Tuning) {}, "rslora": func(x *Tuning) { x.RSLoRA = true }, "dora": func(x *Tuning) { x.DoRA = true },
		"dropout": func(x *Tuning) { x.Dropout = 0.5 }, "rows": func(x *Tuning) { x.Targets = []string{"*.v"} },
		"all": func(x *Tuning) { x.Targets, x.DoRA, x.RSLoRA = []string{allLinear}, true, true },
	} {
		for _, family := range []string{"llama", "gpt2"} {
			m, how := tiny(t, family), plain()
			change(&how)
			tr, err := m.Tune(rows, nil, how)
			if err != nil {
				t.Fatal(err)
			}
			c, err := tr.Run("base", Watcher{none, unasked, nobody})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := m.Runner(); err != nil {
				t.Fatal(err)
			}
			_, trained, err := score(tr.run, tr.seqs, func(int) error { return nil })
			if err != nil {
				t.Fatal(err)
			}
			bs, err := beside(m.Net, c.Adapter)
			if err != nil {
				t.Fatal(err)
			}
			again := *m
			again.branches = bs
			_, read, err := again.Score(rows, how.Reading, func(int) error { return nil })
			if err != nil {
				t.Fatal(err)
			}
			if d := trained.Mean() - read.Mean(); d > 1e-5 || d < -1e-5 {
				t.Errorf("%s, %s: loss %.7f when trained, %.7f when read", family, name, trained.Mean(), read.Mean())
			}
			_, bare, err := m.Score(rows, how.Reading, func(int) error { return nil })
			if err != nil || !(trained.Mean() < bare.Mean()) {
				t.Errorf("%s, %s: loss %.4f with the adapter, %.4f without", family, name, trained.Mean(), bare.Mean())
			}
		}
	}
}

// Two batches piled up are one of twice the size.
func TestPiles(t *testing.T) {
	train := func(batch, pile int) []float32 {
		how := plain()
		how.Batch, how.Pile = batch, pile
		tr, err := tiny(t, "llama").Tune(rows, nil, how)
		if err != nil {
			t.Fatal(err)
		}
		c, err := tr.Run("base", Watcher{none, unasked, nobody})
		if err != nil {
			t.Fatal(err)
		}
		return c.Adapter.Layers[0].B
	}
	if !slices.Equal(train(2, 1), train(1, 2)) {
		t.Error("not the same bits")
	}
}

// The epoch of the lowest validation loss is kept, and no other.
func TestBest(t *testing.T) {
	how := plain()
	how.Best, how.Rate, how.Epochs, how.Schedule = true, 0.3, 6, "constant"
	tr, err := tiny(t, "llama").Tune(rows[:2], rows[2:], how)
	if err != nil {
		t.Fatal(err)
	}
	c, err := tr.Run("base", Watcher{none, unasked, nobody})
	if err != nil {
		t.Fatal(err)
	}
	best := c.Epochs[c.Kept-1].Valid.Mean()
	for _, e := range c.Epochs {
		if e.Valid.Mean() < best {
			t.Errorf("epoch %d has %.4f, kept was epoch %d with %.4f", e.Epoch, e.Valid.Mean(), c.Kept, best)
		}
	}
}

// A prompt becomes the same alone, beside others, streamed or not; and what ends it is left
// out, wherever tokens begin.
func TestGenerate(t *testing.T) {
	m := tiny(t, "llama")
	prompts := [][]int32{m.Prompt("ab"), m.Prompt("xyz")}
	w := Writing{Decode: nn.Decode{Temperature: 2, Tokens: 20}, Seed: 5}
	var streamed [2]strings.Builder
	w.Each = func(i int, text string) error { streamed[i].WriteString(text); return nil }
	both, err := m.Generate(prompts, w)
	if err != nil {
		t.Fatal(err)
	}
	for i := range both {
		if streamed[i].String() != both[i].Text || both[i].Ended != "length" || len(both[i].IDs) != 20 {
			t.Errorf("%d: streamed %q, in the end %+v", i, streamed[i].String(), both[i])
		}
	}
	alone, err := m.Generate(prompts[:1], w)
	if err != nil || alone[0].Text != both[0].Text {
		t.Errorf("alone %q, beside another %q (%v)", alone[0].Text, both[0].Text, err)
	}
	text := []rune(both[0].Text)
	w.Stops = []string{string(text[5:8])}
	cut, err := m.Generate(prompts[:1], w)
	want, _, _ := strings.Cut(both[0].Text, w.Stops[0])
	if err != nil || cut[0].Text != want || cut[0].Ended != "stop" {
		t.Errorf("stopped at %q: %+v of %q (%v)", w.Stops[0], cut[0], both[0].Text, err)
	}
}

func TestPenHoldsBackWhatMayEndTheText(t *testing.T) {
	tok, err := tokenizer.Words([]string{"a", "b", "c", "d"})
	if err != nil {
		t.Fatal(err)
	}
	p := pen{stream: tok.NewStream(nil), stops: []string{"b c"}}
	var given []string
	for _, id := range tok.Encode("a b d a b c d", false) {
		if text := p.write(id); text != "" {
			given = append(given, text)
		}
		if p.ended {
			break
		}
	}
	if got := strings.Join(given, "|"); got != "a| |b d| a| " || !p.ended {
		t.Errorf("%q, ended %v", got, p.ended)
	}
}

func nobody(Epoch, *peft.Folder) error { return nil }
