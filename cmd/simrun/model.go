package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/scenario"
	"github.com/loramesh/loramesh/sim/solo"
)

// newModel is the parent of what can be done with one model and no scenario, one file each
// (model_*.go).
func newModel() *cobra.Command {
	c := &cobra.Command{
		Use:   "model",
		Short: "look at, ask, score and fine-tune a model in a Hugging Face folder",
		Long: `Work with one model by itself: a Hugging Face folder with config.json, weights in
safetensors and tokenizer.json, and adapters on it as PEFT writes them.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newModelInfo(), newModelLogits(), newModelFeatures(), newModelGenerate(), newModelTokenize(), newModelScore(), newModelTrain())
	return c
}

// modelFlags name a model and what is put on it.
type modelFlags struct {
	dir       string
	adapters  []string
	weights   string
	precision string
}

// roundings are the types to which --weights and --precision round, by their words.
var roundings = map[string]string{"bf16": "BF16", "f16": "F16"}

// form is what the flags make of the weights.
func (f *modelFlags) form() nn.Form {
	return nn.Form{Weights: roundings[f.weights], Products: roundings[f.precision]}
}

func (f *modelFlags) flags(c *cobra.Command) {
	f.dirFlag(c)
	c.Flags().StringArrayVar(&f.adapters, "adapter", nil, "adapter folder to put on the model, as PEFT writes it (repeatable: their changes add up)")
	f.formFlags(c)
}

func (f *modelFlags) formFlags(c *cobra.Command) {
	c.Flags().StringVar(&f.weights, "weights", "stored", "hold the weights as the file has them, or round them to bf16 or f16: half of float32's memory, other numbers")
	c.Flags().StringVar(&f.precision, "precision", "f32", "f32, or bf16 or f16: round both sides of products by frozen weights; sums, adapters and all else stay float32 (half the memory, other numbers; bf16: half the time where the processor has AVX512_BF16)")
}

func (f *modelFlags) dirFlag(c *cobra.Command) {
	c.Flags().StringVar(&f.dir, "model", "", "Hugging Face folder of the model (required)")
}

func (f *modelFlags) check() error {
	if f.dir == "" {
		return misuse("--model DIR is missing: the Hugging Face folder of a model")
	}
	if err := checkRounding("weights", f.weights, "stored"); err != nil {
		return err
	}
	return checkRounding("precision", f.precision, "f32")
}

// checkRounding refuses a word of a flag that neither rounds nor is plain, its word for leaving
// numbers alone; commands that read no weights have no such flag, and its word is "".
func checkRounding(flag, word, plain string) error {
	if word == "" || word == plain || roundings[word] != "" {
		return nil
	}
	return misuse("--%s %q: expected %s, bf16 or f16", flag, word, plain)
}

// modelGC is how much garbage may lie beside what is in use, in percent. Weights are one large
// thing that stays, and laying them out leaves as much garbage: at the usual 100 the process
// would take twice its size.
const modelGC = 15

// open reads the model, with its tokenizer if text is to go in or out, and with a head if an
// encoder is to be trained.
func (f *modelFlags) open(c *cobra.Command, text bool, head *solo.Head) (*solo.Model, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	var adapters []solo.Adapter
	for _, dir := range f.adapters {
		a, err := openAdapter(dir)
		if err != nil {
			return nil, err
		}
		for _, odd := range a.Odd {
			_, _ = fmt.Fprintf(c.ErrOrStderr(), "simrun: %s: %s\n", dir, odd)
		}
		adapters = append(adapters, solo.Adapter{Name: "--adapter " + dir, Folder: a})
	}
	debug.SetGCPercent(modelGC)
	from := newFiles()
	m, err := solo.Open(f.dir, solo.Opening{Form: f.form(), Adapters: adapters, Head: head}, from)
	if err != nil {
		return nil, unreadable(err)
	}
	// Weights have been laid out anew; of the mapped files little is looked at again.
	if err := from.maps.Rest(); err != nil {
		return nil, err
	}
	if text {
		if err := m.ReadTokenizer(newFiles()); err != nil {
			return nil, unreadable(err)
		}
	}
	return m, nil
}

// textFlags say where texts come from, if not from the arguments.
type textFlags struct {
	file  string
	whole bool
}

func (f *textFlags) flags(c *cobra.Command) {
	c.Flags().StringVar(&f.file, "file", "", "take texts from a file, a line each; - for stdin, which is also read where there are no arguments")
	c.Flags().BoolVar(&f.whole, "whole", false, "the whole file is one text")
}

// texts are the arguments or, without any, the lines of the file or of stdin.
func (f *textFlags) texts(c *cobra.Command, args []string) ([]string, error) {
	if len(args) > 0 {
		if f.file != "" || f.whole {
			return nil, misuse("texts were given as arguments and by --file or --whole: expected one of the two")
		}
		return args, nil
	}
	in, name := c.InOrStdin(), "stdin"
	if f.file != "" && f.file != "-" {
		if _, err := regular(f.file); err != nil {
			return nil, given("--file", err)
		}
		open, err := os.Open(f.file)
		if err != nil {
			return nil, given("--file", err)
		}
		defer func() { _ = open.Close() }() // it was only read
		in, name = open, f.file
	}
	text, err := io.ReadAll(bufio.NewReader(in))
	if err != nil {
		return nil, err
	}
	if f.whole {
		return []string{string(text)}, nil
	}
	var lines []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return nil, misuse("%s has no text: give texts as arguments, or by --file FILE, a line each", name)
	}
	return lines, nil
}

// rowFlags say which examples are read and how.
type rowFlags struct {
	data, format, template string
	columns                map[string]string
	limit, tokens          int
	answers                bool
}

func (f *rowFlags) flags(c *cobra.Command) {
	c.Flags().StringVar(&f.data, "data", "", "JSONL, CSV, TSV, text, Parquet or IDX file, or a pattern of several (required)")
	c.Flags().StringVar(&f.format, "format", "", "jsonl, csv, tsv, text, parquet, idx or lamp; default: by the file's name")
	c.Flags().StringVar(&f.template, "template", "", `prompt made of columns, as "Q: {question}\nA: " (default "{prompt}"; text files have none)`)
	c.Flags().StringToStringVar(&f.columns, "columns", nil, "the file's names for our columns, as answer=reply,prompt=question; pair names the second text of a pair, image the path of a picture")
	c.Flags().IntVar(&f.limit, "limit", 0, "so many examples at most, drawn by the seed; 0: all")
	c.Flags().IntVar(&f.tokens, "max-length", 0, "longest sequence in tokens, longer ones are cut; 0: the model's context, at most 1024")
	c.Flags().BoolVar(&f.answers, "completion-only-loss", true, "count the answer's tokens alone; =false: the prompt's too")
}

func (f *rowFlags) check() error {
	switch {
	case f.data == "":
		return misuse("--data FILE is missing: the examples")
	case f.limit < 0:
		return misuse("--limit %d: expected 0 (all) or more", f.limit)
	case f.tokens < 0 || f.tokens == 1:
		return misuse("--max-length %d: expected 0 (by the model), or at least 2 tokens", f.tokens)
	}
	return nil
}

// load reads the examples of a file.
func (f *rowFlags) load(file string, seed uint64) (*data.Set, error) {
	template := strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace(f.template)
	set, err := data.Load(scenario.Data{Name: file, File: file, Format: f.format, Template: template, Columns: f.columns, Limit: f.limit}, newFiles(), seed)
	var lacks *data.NoColumn
	if errors.As(err, &lacks) {
		flags := *lacks
		flags.Asker = strings.NewReplacer("columns: ", "--columns ", "template", "--template").Replace(flags.Asker)
		return nil, misuse("%s", flags.Say("--columns %s=COLUMN", "give a prompt made of columns, as --template"))
	}
	var untold *data.NoFormat
	if errors.As(err, &untold) {
		return nil, misuse("--data: %s", untold.Say("give --format"))
	}
	if err != nil {
		return nil, misuse("%v", err)
	}
	return set, nil
}

// reading is how the examples are read for a model.
func (f *rowFlags) reading(m *solo.Model) (solo.Reading, error) {
	r, context := solo.Reading{Tokens: f.tokens, Inputs: !f.answers}, m.Net.Config().MaxPositions
	if r.Tokens == 0 {
		r.Tokens = min(1024, context)
	}
	if r.Tokens > context {
		return r, misuse("--max-length %d is longer than the model's context of %d tokens", r.Tokens, context)
	}
	return r, nil
}

// unreadable takes an error in reading a model for the user's to mend, unless the ground gave
// way. Such errors name the file.
func unreadable(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return misuse("%v", err)
}
