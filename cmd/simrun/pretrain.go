package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/linalg/tokenizer"
	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/scenario"
	"github.com/loramesh/loramesh/sim/world"
)

// pretraining is what pretrain is asked for.
type pretraining struct {
	name, into string
	trial      string // ID of that whose base is meant; "": they are alike
	data       scenario.Data
	recipe     scenario.Recipe
	output     string
	quiet      bool
}

// pretrainedObject is what `pretrain -o json` prints.
type pretrainedObject struct {
	Model  string `json:"model"`
	Family string `json:"family"`
	Params int    `json:"params"`
	Vocab  int    `json:"vocab"`
	Hash   string `json:"hash"`
}

func newPretrain() *cobra.Command {
	var p pretraining
	c := &cobra.Command{
		Use:   "pretrain [SCENARIO|FILE|RUN] --into DIR",
		Short: "train a small language model from scratch; what comes out is a Hugging Face folder",
		Long: `Train all weights of a new model on texts, as the recipes of scenarios do: AdamW, cosine
after 5 % warm-up, gradients clipped at 1, on one core. The recipe is that of a base of a
scenario (--base names it, if it has several), or is made of flags and --data, a file of
which each line (of JSONL and CSV: each row, prompt and answer) is a text. Of the folder of
a run it is the base that its adapters are for: as it was, by the content that is in its ledger.

--into becomes a folder with config.json, model.safetensors and tokenizer.json, which
Transformers and "simrun model" read. The model is kept in the cache, too: asked for
again, it is there at once.`,
		Example: "  simrun pretrain runs/quickstart-53c07bfb --into base\n  simrun pretrain --data my.txt --tokens 100000 --vocab 512 --into small",
		Args: func(c *cobra.Command, args []string) error {
			if (len(args) == 1) == (p.data.File != "") || len(args) > 1 {
				return misuse("usage: %s SCENARIO|FILE|RUN --into DIR, or --data FILE --tokens N --into DIR", c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return p.run(c, args) },
	}
	p.flags(c)
	return c
}

// recipeFlags are those that a scenario's recipe says instead.
var recipeFlags = []string{"format", "template", "columns", "family", "d", "layers", "heads", "kv-heads", "hidden", "vocab", "context", "window", "tied", "tokens", "batch", "lr", "seed"}

func (p *pretraining) flags(c *cobra.Command) {
	s, r := c.Flags(), &p.recipe
	s.StringVar(&p.into, "into", "", "folder to write (required)")
	s.StringVar(&p.name, "base", "", "base of the scenario whose recipe is meant")
	s.StringVar(&p.trial, "trial", "", "trial whose base is meant, as in 000, where trials have unlike ones")
	s.StringVar(&p.data.File, "data", "", "file of texts, or a pattern of several")
	s.StringVar(&p.data.Format, "format", "", "jsonl, csv, tsv or text; default: by the file's ending")
	s.StringVar(&p.data.Template, "template", "", `prompt made of columns, as "{question}\n"`)
	s.StringToStringVar(&p.data.Columns, "columns", nil, "the file's names for our columns, as answer=reply")
	s.StringVar(&r.Family, "family", "llama", "llama, mistral, qwen2, qwen3, gemma or gpt2")
	s.IntVar(&r.Width, "d", 64, "width")
	s.IntVar(&r.Blocks, "layers", 2, "blocks")
	s.IntVar(&r.Heads, "heads", 4, "heads of queries; divides d")
	s.IntVar(&r.KVHeads, "kv-heads", 0, "heads of keys and values; 0: heads")
	s.IntVar(&r.Hidden, "hidden", 0, "width inside the MLP; 0: 8d/3, rounded up to a multiple of 8")
	s.IntVar(&r.Vocab, "vocab", 0, "pieces of a byte-level BPE that is trained on the texts, at least 258; 0: their words")
	s.IntVar(&r.Context, "context", 128, "longest sequence in tokens")
	s.IntVar(&r.Window, "window", 0, "tokens that a place sees, of a mistral, qwen2 or qwen3; 0: all before it")
	s.BoolVar(&r.Tied, "tied", true, "the head is the embedding")
	s.IntVar(&r.Pretrain.Tokens, "tokens", 0, "tokens to train on (required with --data); 0: the weights stay as they are drawn")
	s.IntVar(&r.Pretrain.Batch, "batch", 32, "sequences in a batch")
	s.Float64Var(&r.Pretrain.Rate, "lr", 3e-3, "learning rate at its peak")
	s.Uint64Var(&r.Pretrain.Seed, "seed", 1, "of the weights and the order")
	s.BoolVarP(&p.quiet, "quiet", "q", false, "no progress")
	outputFlag(c, &p.output)
}

func (p *pretraining) run(c *cobra.Command, args []string) error {
	if err := checkOutput(p.output); err != nil {
		return err
	}
	if p.into == "" {
		return misuse("--into DIR is missing: where to write the model")
	}
	set, err := p.ask(c, args)
	if err != nil {
		return err
	}
	texts, err := data.Load(set, newFiles(), world.CorpusSeed)
	if err != nil {
		return misuse("%v", err)
	}
	cache, err := cacheDir()
	if err != nil {
		return err
	}
	if err := newFolder(p.into); err != nil {
		return err
	}
	show := newDisplay(c.ErrOrStderr(), p.quiet)
	defer show.clear()
	b, err := base.FromRecipe(p.name, p.recipe, texts, contract(), diskCache{cache}, func(text string, done, of int) error {
		show.preparing(text, done, of)
		return context.Cause(c.Context())
	})
	if err != nil {
		_ = os.Remove(p.into) // it is empty; the first error counts
		if c.Context().Err() != nil || errors.Is(err, base.ErrCache) {
			return because(c.Context(), err)
		}
		return misuse("%v", err)
	}
	if err := writeModel(p.into, b); err != nil {
		return err
	}
	o := pretrainedObject{p.into, p.recipe.Family, b.Model.Config().Params(), b.Model.Config().Vocab, string(b.Blob)}
	if p.output == "json" {
		return printObject(c, o)
	}
	show.clear()
	_, err = fmt.Fprintf(c.OutOrStdout(), "trained %d parameters with a vocabulary of %d\nwrote %s\n", o.Params, o.Vocab, p.into)
	return err
}

// ask finds recipe and data, of the scenario or of the flags.
func (p *pretraining) ask(c *cobra.Command, args []string) (set scenario.Data, err error) {
	if len(args) == 1 {
		for _, flag := range recipeFlags {
			if c.Flags().Changed(flag) {
				return set, misuse("--%s: the recipe is the scenario's; give either a scenario or --data and flags", flag)
			}
		}
		return p.fromScenario(args[0])
	}
	if !c.Flags().Changed("tokens") {
		return set, misuse("--tokens N is missing: how many to train on; 0: the weights stay as they are drawn")
	}
	r := &p.recipe
	for _, side := range []struct {
		flag string
		n    int
		low  int
	}{{"d", r.Width, 1}, {"layers", r.Blocks, 1}, {"heads", r.Heads, 1}, {"kv-heads", r.KVHeads, 0}, {"hidden", r.Hidden, 0}, {"vocab", r.Vocab, 0},
		{"context", r.Context, 2}, {"window", r.Window, 0}, {"tokens", r.Pretrain.Tokens, 0}, {"batch", r.Pretrain.Batch, 1}} {
		if side.n < side.low || side.n > 1<<40 {
			return set, misuse("--%s %d: at least %d was expected", side.flag, side.n, side.low)
		}
	}
	if !(r.Pretrain.Rate > 0 && r.Pretrain.Rate < 1e6) {
		return set, misuse("--lr %g: a number above 0 was expected", r.Pretrain.Rate)
	}
	if r.KVHeads == 0 {
		r.KVHeads = r.Heads
	}
	if r.Hidden == 0 {
		r.Hidden = (8*r.Width/3 + 7) / 8 * 8
	}
	p.name, p.data.Name, r.Pretrain.Data = "model", p.data.File, p.data.File
	return p.data, nil
}

// fromScenario takes the recipe of a scenario's base, and the data that it names: of the trial that
// is named, or of any where all have the same.
func (p *pretraining) fromScenario(what string) (set scenario.Data, err error) {
	a, err := find(what, changes{})
	if err != nil {
		return set, err
	}
	trials, err := a.expand()
	if err != nil {
		return set, err
	}
	var chosen madeBase
	found := -1
	for i, t := range trials {
		if p.trial != "" && p.trial != results.TrialID(i) {
			continue
		}
		b, err := p.meant(a.name, madeBases(t.Scenario))
		switch {
		case err != nil:
			return set, err
		case found < 0:
			found, chosen, p.name = i, b, b.name
		case !b.is(chosen):
			return set, misuse("%s: base %s is one thing in trial %s and another in trial %s; choose one by --trial", a.name, b.name, results.TrialID(found), results.TrialID(i))
		}
	}
	if found < 0 {
		return set, misuse("--trial %s: %s has trials %s to %s", p.trial, a.name, results.TrialID(0), results.TrialID(len(trials)-1))
	}
	p.recipe = chosen.recipe
	return chosen.from, nil
}

// meant is the base that is meant of those that one trial makes.
func (p *pretraining) meant(of string, made []madeBase) (b madeBase, err error) {
	names := make([]string, len(made))
	for i, x := range made {
		if names[i] = x.name; p.name == "" || p.name == x.name {
			b = x
		}
	}
	switch {
	case len(names) == 0:
		return b, misuse("%s: no base has a recipe", of)
	case p.name == "" && len(names) > 1:
		return b, misuse("%s has the recipes %q: choose one by --base", of, names)
	case b.name == "":
		return b, misuse("--base %s: no recipe of %s is called so; it has %q%s", p.name, of, names, tailOf(p.name, names))
	}
	return b, nil
}

// beside are the files of a base's folder beside its weights.
func beside(b *base.Base) (map[string][]byte, error) {
	config := b.Model.Config()
	if b.Tokenizer == nil {
		return map[string][]byte{"config.json": config.JSON(), "preprocessor_config.json": b.Look.JSON(config.Image)}, nil
	}
	if id, ok := b.Tokenizer.BOS(); ok {
		config.BOS = int(id)
	}
	if id, ok := b.Tokenizer.EOS(); ok {
		config.EOS = []int{int(id)}
	}
	tok, err := spoken(b)
	if err != nil {
		return nil, err
	}
	words, err := json.MarshalIndent(map[string]any{"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": b.Context}, "", "  ")
	return map[string][]byte{"config.json": config.JSON(), "tokenizer.json": tok.JSON(), "tokenizer_config.json": words}, err
}

// spoken is a base's tokenizer with a template that says what its texts began with: we look for
// that token by its name where a template is silent, others do not.
func spoken(b *base.Base) (*tokenizer.Tokenizer, error) {
	c := b.Model.Config()
	if _, begins := b.Tokenizer.BOS(); !begins || c.Bidirectional || c.Decoder != (nn.Decoder{}) || len(b.Tokenizer.Encode("", true)) > 0 {
		return b.Tokenizer, nil
	}
	return b.Tokenizer.Beginning()
}

// writeModel writes a base as Hugging Face's folders are.
func writeModel(dir string, b *base.Base) error {
	files, err := beside(b)
	if err != nil {
		return err
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			return err
		}
	}
	file, err := os.Create(filepath.Join(dir, "model"+weightsEnd))
	if err != nil {
		return err
	}
	if err := safetensors.WriteTensors(file, map[string]string{"format": "pt"}, b.Model.Sources()); err != nil {
		_ = file.Close() // the first error counts
		return err
	}
	return file.Close()
}
