package train_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/simtest"
	"github.com/loramesh/loramesh/sim/train"
	"github.com/loramesh/loramesh/sim/world"
)

// told is a scenario of three trees, of which two words are to be said.
const told = `
version: 1
name: told
question: Does it tell trees?
bases:
  main: {recipe: {family: FAMILY, d: 32, layers: 1, heads: 2, context: 8, pretrain: {data: words, tokens: TOKENS, batch: 8, lr: 1e-2, seed: 3}}}
data:
  words: {file: words.jsonl, format: jsonl, label: kind, valid: 0.2}
population:
  client: {count: 2, rank: 4}
method:
  - {use: flora, with: {epochs: 1, batch: 4, lr: 1e-2}, rounds: 1}
evaluate:
  - {at: end, on: valid, metrics: [loss]}
`

// telling is a rig over such rows.
func telling(t *testing.T, family, tokens string) rig {
	t.Helper()
	var rows strings.Builder
	trees, says := []string{"ash", "elm", "oak"}, []string{"grey bark", "rough leaves", "round acorns"}
	for i := range 36 {
		fmt.Fprintf(&rows, "{\"prompt\": \"an %s\", \"answer\": %q, \"kind\": %q, \"n\": \"%d\"}\n", trees[i%3], says[i%3], says[i%3], i)
	}
	source := strings.NewReplacer("FAMILY", family, "TOKENS", tokens).Replace(told)
	w := simtest.World(t, simtest.Trials(t, source)[0], world.NewAssets(simtest.Files{"words.jsonl": rows.String()}, &simtest.Cache{}, nil))
	blobs := simtest.Blobs(t)
	return rig{t, w, blobs, train.New(w, blobs, &train.Merged{})}
}

// An encoder-decoder learns to write answers, in pre-training and by adapters, and stops where
// they end; its classes are what it finds likeliest to say.
func TestAPairOfStacksIsLearned(t *testing.T) {
	r := telling(t, "t5", "600")
	learn := fit(func(f *method.Fit, p *method.LoRA) {
		f.Epochs, f.Steps, f.Batch, f.Optimiser.LR, p.Modules = 0, 150, 9, 3e-2, []string{"*"}
	})
	score := func(m method.Model) method.Report {
		return r.do(0, 0, method.Score{Model: m, Metrics: []string{"loss", "rouge-l", "exact-match", "macro-f1"}})
	}
	before := score(main)
	rep := r.do(0, 1, learn)
	after := score(attach(method.Attach{From: method.From{Blob: rep.Made[0].Blob}}))
	if l := value(t, after, "loss", "").Value; !(l < value(t, before, "loss", "").Value) {
		t.Errorf("loss before %+v, after %+v", before.Values, after.Values)
	}
	if v := value(t, before, "exact-match", "").Value; v > 0.5 {
		t.Errorf("before training exact-match is %g", v)
	}
	for _, metric := range []string{"rouge-l", "exact-match", "macro-f1"} {
		if v := value(t, after, metric, "").Value; v < 0.9 {
			t.Errorf("%s is %g", metric, v)
		}
	}
	if again := telling(t, "t5", "600").do(0, 1, learn); again.Made[0].Blob != rep.Made[0].Blob {
		t.Error("learned twice, it is two adapters")
	}
	longer := telling(t, "t5", "30000")
	if v := value(t, longer.do(0, 0, method.Score{Model: main, Metrics: []string{"exact-match"}}), "exact-match", "").Value; v < 0.9 {
		t.Errorf("pre-trained on the answers, it writes %g of them", v)
	}
	f := fit(func(f *method.Fit, _ *method.LoRA) {
		f.Objective = []method.Term{{Weight: 1, Loss: method.CrossEntropy{Inputs: true}}}
	})
	if _, err := r.try(0, 1, f); err == nil || !strings.Contains(err.Error(), "no labels on its prompts") {
		t.Errorf("labels on prompts: %v", err)
	}
}

// Every encoder can be made by a recipe.
func TestEveryEncoderByRecipe(t *testing.T) {
	for _, family := range []string{"bert", "roberta", "distilbert", "deberta-v2"} {
		r := telling(t, family, "4000")
		if a := value(t, r.do(0, 0, method.Score{Model: main, Metrics: []string{"accuracy"}}), "accuracy", "").Value; a < 0.8 {
			t.Errorf("%s: accuracy %g", family, a)
		}
	}
}

// Of an encoder-decoder the encoder's states are measured, after any block and pooled in any
// way, with what was attached to it.
func TestFeaturesOfAPairOfStacks(t *testing.T) {
	r := telling(t, "t5", "600")
	learned := r.do(0, 1, fit(func(f *method.Fit, p *method.LoRA) { f.Optimiser.LR, p.Modules = 3e-2, []string{"*"} })).Made[0].Blob
	seen := map[string]string{}
	for _, m := range []method.Model{main, attach(method.Attach{From: method.From{Blob: learned}})} {
		for _, after := range []int{0, method.Last} {
			for _, pool := range []string{"mean", "first", "last"} {
				what := fmt.Sprintf("after %d, %s, %d attached", after, pool, len(m.Attach))
				rep := r.do(0, 1, method.Probe{Model: m, What: []method.Statistic{method.Feature{After: after, Pool: pool}}})
				x, err := r.blobs.Open(rep.Blob("feature"))
				if err != nil {
					t.Fatal(err)
				}
				if n := len(x.List[0].Data); n != 32 {
					t.Fatalf("%s: %d numbers of a width of 32", what, n)
				}
				state := fmt.Sprint(x.List[0].Data)
				if other, ok := seen[state]; ok {
					t.Errorf("%s: the same as %s", what, other)
				}
				seen[state] = what
			}
		}
	}
}
