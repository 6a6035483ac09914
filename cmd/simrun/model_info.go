package main

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/tokenizer"
	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/base"
)

// modelObject is what `model info -o json` prints. Bytes are of the weights as they are held
// in memory: once for forward passes, and again, turned, once something is trained.
type modelObject struct {
	Dir       string           `json:"dir"`
	Family    string           `json:"family"`
	Params    int              `json:"params"`
	DTypes    []string         `json:"dtypes"`
	Files     []fileObject     `json:"files"`
	Shape     shapeObject      `json:"shape"`
	Forward   int              `json:"bytes_forward"`
	Training  int              `json:"bytes_training"`
	Modules   []kindObject     `json:"modules"`
	Tokenizer *tokenizerObject `json:"tokenizer"`
	Refused   string           `json:"tokenizer_refused,omitempty"`
	Continues bool             `json:"continues_texts"`
	Can       string           `json:"can"`
	Classes   []string         `json:"classes,omitempty"` // of a head, where they have names
}

type fileObject struct {
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"`
}

type shapeObject struct {
	Vocab    int  `json:"vocab_size"`
	Width    int  `json:"hidden_size"`
	Inner    int  `json:"intermediate_size"`
	Layers   int  `json:"num_hidden_layers"`
	Heads    int  `json:"num_attention_heads"`
	KVHeads  int  `json:"num_key_value_heads"`
	HeadDim  int  `json:"head_dim"`
	Context  int  `json:"max_position_embeddings"`
	TiedHead bool `json:"tie_word_embeddings"`
}

// kindObject is the modules of one kind: the same in every block, or one outside them.
type kindObject struct {
	Pattern string `json:"pattern"`
	Target  string `json:"target_module"`
	Count   int    `json:"count"`
	Out     int    `json:"out"`
	In      int    `json:"in"`
}

type tokenizerObject struct {
	Kind  string `json:"kind"`
	Vocab int    `json:"vocab"`
	BOS   string `json:"bos,omitempty"`
	EOS   string `json:"eos,omitempty"`
}

func newModelInfo() *cobra.Command {
	var f modelFlags
	var output string
	c := &cobra.Command{
		Use:   "info --model DIR",
		Short: "say what a model is: family, shape, size, modules, tokenizer, and what is refused",
		Long: `Say what lies in a Hugging Face folder: family and shape, parameters, the form of the
weights, what they take in memory, the modules that adapters attach to (as patterns of
scenarios and as target_modules of PEFT), and the tokenizer. Tensors are held against
config.json, but their numbers are not read. What this version does not carry out is
refused by name, with exit code 2.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := checkOutput(output); err != nil {
				return err
			}
			if err := f.check(); err != nil {
				return err
			}
			o, err := inspectModel(f.dir, f.form())
			if err != nil {
				return err
			}
			if output == "json" {
				return printObject(c, o)
			}
			return o.print(c.OutOrStdout())
		},
	}
	f.dirFlag(c)
	f.formFlags(c)
	outputFlag(c, &output)
	return c
}

func inspectModel(dir string, form nn.Form) (o modelObject, err error) {
	ckpt, err := base.OpenCheckpoint(dir, mappedFiles())
	if err == nil {
		err = ckpt.Fits()
	}
	if err != nil {
		return o, unreadable(err)
	}
	c := ckpt.Config
	o = modelObject{Dir: dir, Family: c.Family, Params: c.Params(), Continues: !c.Bidirectional && !c.Headless && c.Decoder == (nn.Decoder{}),
		Shape: shapeObject{c.Vocab, c.Width, c.Inner, c.Layers, c.Heads, c.KVHeads, c.HeadDim, c.MaxPositions, c.Tied}}
	for _, t := range ckpt.Tensors {
		if !slices.Contains(o.DTypes, t.DType) {
			o.DTypes = append(o.DTypes, t.DType)
		}
	}
	paths, err := newFiles().Glob(filepath.Join(dir, "*"+weightsEnd))
	if err != nil {
		return o, err
	}
	for _, p := range paths {
		size, err := regular(p)
		if err != nil {
			return o, err
		}
		o.Files = append(o.Files, fileObject{filepath.Base(p), size})
	}
	o.Can, o.Classes, o.Modules = abilities(c), c.Classes, kindsOf(c.Modules())
	if o.Forward, o.Training, err = nn.Held(c, ckpt.Tensors, form); err != nil {
		return o, unreadable(err)
	}
	tok, err := base.Tokenizer(dir, newFiles())
	if err == nil {
		err = ckpt.Suits(tok)
	}
	if err != nil {
		o.Refused = err.Error()
	} else {
		o.Tokenizer = tokenizerOf(tok)
	}
	return o, nil
}

// abilities says what a model can be asked.
func abilities(c nn.Config) string {
	what := "texts"
	if c.Image != (nn.Image{}) {
		what = "pictures"
	}
	switch n := c.Answer.Outputs; {
	case c.Answer.Regression:
		return fmt.Sprintf("answer %s with %s", what, count(n, "number"))
	case c.Answer.Several:
		return fmt.Sprintf("say which of %d classes %s have, each by itself", n, what)
	case n > 0:
		return fmt.Sprintf("tell %d classes of %s apart", n, what)
	case c.Decoder != (nn.Decoder{}):
		return "read a text and write another"
	case c.Headless:
		return "get a head that answers for " + what + " (simrun model train)"
	}
	return "score and continue texts"
}

// kindsOf groups modules by what they are called without the number of their block.
func kindsOf(all []nn.Module) (kinds []kindObject) {
	for _, m := range all {
		k := kindObject{m.Name, m.HF[strings.LastIndexByte(m.HF, '.')+1:], 1, m.Out, m.In}
		if block, word, ok := strings.Cut(m.Name, "."); ok && strings.Trim(block, "0123456789") == "" {
			k.Pattern = "*." + word
		}
		if m.Of != "" {
			k.Target = "" // rows of a layer have no name in PEFT
		}
		i := slices.IndexFunc(kinds, func(x kindObject) bool { return x.Pattern == k.Pattern && x.Out == k.Out && x.In == k.In })
		if i < 0 {
			kinds = append(kinds, k)
		} else {
			kinds[i].Count++
		}
	}
	return kinds
}

func tokenizerOf(tok *tokenizer.Tokenizer) *tokenizerObject {
	var file struct {
		Model struct {
			Type string `json:"type"`
		} `json:"model"`
	}
	if err := json.Unmarshal(tok.JSON(), &file); err != nil {
		panic("simrun: a tokenizer that was read is no JSON: " + err.Error())
	}
	o := &tokenizerObject{Kind: orWord(file.Model.Type, "BPE"), Vocab: tok.Vocab()}
	if id, ok := tok.BOS(); ok {
		o.BOS, _ = tok.Piece(id)
	}
	if id, ok := tok.EOS(); ok {
		o.EOS, _ = tok.Piece(id)
	}
	return o
}

func (o modelObject) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0) // Flush tells of errors
	line := func(name, format string, args ...any) {
		_, _ = fmt.Fprintf(w, name+"\t"+format+"\n", args...)
	}
	s := o.Shape
	line("folder", "%s", filepath.Clean(o.Dir))
	line("family", "%s", o.Family)
	line("parameters", "%d", o.Params)
	line("shape", "%d blocks of width %d, %d heads of %d (%d of keys and values), MLP %d", s.Layers, s.Width, s.Heads, s.HeadDim, s.KVHeads, s.Inner)
	line("vocabulary", "%d%s", s.Vocab, map[bool]string{true: ", head tied to the embedding"}[s.TiedHead])
	line("context", "%d tokens", s.Context)
	for _, f := range o.Files {
		line("file", "%s, %s, %s", f.Name, results.Bytes(float64(f.Bytes)), strings.Join(o.DTypes, ", "))
	}
	line("in memory", "%s; %s while something is trained", results.Bytes(float64(o.Forward)), results.Bytes(float64(o.Training)))
	if t := o.Tokenizer; t != nil {
		line("tokenizer", "%s, %d tokens, begins %s, ends %s", t.Kind, t.Vocab, orWord(t.BOS, "with nothing"), orWord(t.EOS, "with nothing"))
	} else {
		line("tokenizer", "refused: %s", o.Refused)
	}
	line("can", "%s", o.Can)
	if o.Classes != nil {
		line("classes", "%s", strings.Join(o.Classes, ", "))
	}
	_, _ = fmt.Fprintln(w)
	if err := w.Flush(); err != nil {
		return err
	}
	line("pattern", "target_modules\tlayers\toutputs×inputs")
	for _, m := range o.Modules {
		line(m.Pattern, "%s\t%d\t%d×%d", orWord(m.Target, "–"), m.Count, m.Out, m.In)
	}
	return w.Flush()
}
