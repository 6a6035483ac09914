package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/linalg/tokenizer"
	"github.com/loramesh/loramesh/sim/base"
)

// encodedObject is one text in what `model tokenize -o json` prints.
type encodedObject struct {
	Text    string   `json:"text"`
	IDs     []int32  `json:"ids"`
	Tokens  []string `json:"tokens"`
	Offsets [][2]int `json:"offsets"` // code points, end exclusive
}

func newModelTokenize() *cobra.Command {
	var f modelFlags
	var from textFlags
	var bare, decode bool
	var output string
	c := &cobra.Command{
		Use:   "tokenize --model DIR [TEXT...]",
		Short: "turn texts into token ids, or ids into text",
		Long: `Turn texts into tokens as the model's tokenizer does: id, token as the vocabulary
spells it, and the place in the text, in code points. With --decode the arguments are
ids, and the text is printed. Only the tokenizer of the folder is read.`,
		RunE: func(c *cobra.Command, args []string) error {
			if err := checkOutput(output); err != nil {
				return err
			}
			if err := f.check(); err != nil {
				return err
			}
			tok, err := base.Tokenizer(f.dir, newFiles())
			if err != nil {
				return unreadable(err)
			}
			texts, err := from.texts(c, args)
			if err != nil {
				return err
			}
			if decode {
				return decodeAll(c, tok, texts, bare)
			}
			var list []encodedObject
			for _, text := range texts {
				list = append(list, encoded(tok, text, !bare))
			}
			if output == "json" {
				return printObject(c, list)
			}
			return printEncoded(c.OutOrStdout(), list)
		},
	}
	f.dirFlag(c)
	from.flags(c)
	c.Flags().BoolVar(&bare, "no-special", false, "without the special tokens of the template; with --decode, leave special tokens out")
	c.Flags().BoolVar(&decode, "decode", false, "the arguments (or each line) are ids, as 5 17 or 5,17")
	outputFlag(c, &output)
	return c
}

func encoded(tok *tokenizer.Tokenizer, text string, special bool) encodedObject {
	o := encodedObject{Text: text, IDs: []int32{}, Tokens: []string{}, Offsets: [][2]int{}}
	for _, t := range tok.EncodeOffsets(text, special) {
		piece, _ := tok.Piece(t.ID) // it is the tokenizer's own
		o.IDs, o.Tokens, o.Offsets = append(o.IDs, t.ID), append(o.Tokens, piece), append(o.Offsets, [2]int{t.Start, t.End})
	}
	return o
}

func printEncoded(out io.Writer, list []encodedObject) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0) // Flush tells of errors
	_, _ = fmt.Fprintln(w, "id\ttoken\tplace\ttext")
	for i, o := range list {
		if i > 0 {
			_, _ = fmt.Fprintln(w)
		}
		text := []rune(tokenizer.WellFormed(o.Text))
		for k, id := range o.IDs {
			at := o.Offsets[k]
			_, _ = fmt.Fprintf(w, "%d\t%s\t%d…%d\t%s\n", id, o.Tokens[k], at[0], at[1], strconv.Quote(string(text[at[0]:at[1]])))
		}
	}
	return w.Flush()
}

// decodeAll prints the text of ids. As arguments they are one sequence.
func decodeAll(c *cobra.Command, tok *tokenizer.Tokenizer, lines []string, skip bool) error {
	if len(c.Flags().Args()) > 0 {
		lines = []string{strings.Join(lines, " ")}
	}
	for _, line := range lines {
		var ids []int32
		for _, word := range strings.FieldsFunc(line, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }) {
			id, err := strconv.ParseInt(word, 10, 32)
			if err != nil || id < 0 || int(id) >= tok.Vocab() {
				return misuse("--decode: %q is no token id; expected 0 … %d", word, tok.Vocab()-1)
			}
			ids = append(ids, int32(id))
		}
		if _, err := fmt.Fprintln(c.OutOrStdout(), tok.Decode(ids, skip)); err != nil {
			return err
		}
	}
	return nil
}
