package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/linalg/tokenizer"
	"github.com/loramesh/loramesh/sim/base"
)

// tokenizerBench is what `bench tokenizer` prints.
type tokenizerBench struct {
	Tokenizer string  `json:"tokenizer"`
	Text      string  `json:"text"`
	Lines     int     `json:"lines"`
	Bytes     int     `json:"bytes"`
	Tokens    int     `json:"tokens"`
	Passes    int     `json:"passes"`
	MBPerSec  float64 `json:"mb_per_s"` // 10⁶ bytes
	CPU       string  `json:"cpu"`
}

func newBenchTokenizer() *cobra.Command {
	var dir, text, form string
	var secs float64
	c := &cobra.Command{
		Use:   "tokenizer --tokenizer DIR --text FILE",
		Short: "megabytes of text a second on one core, line by line",
		Long: `bench tokenizer encodes a text line by line, again and again, and prints how many
megabytes (of 10⁶ bytes) a second one core takes in. Each line is encoded anew.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			asJSON, err := wantsJSON(form)
			if err != nil {
				return err
			}
			if !(secs > 0 && secs <= 3600) {
				return misuse("--secs %g: more than 0 and at most 3600 was expected", secs)
			}
			if dir == "" || text == "" {
				return misuse("usage: %s", c.UseLine())
			}
			b, err := benchTokenizer(dir, text, time.Duration(secs*float64(time.Second)))
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(c.OutOrStdout(), b)
			}
			return b.table(c.OutOrStdout())
		},
	}
	c.Flags().StringVar(&dir, "tokenizer", "", "folder with a tokenizer.json, or GPT-2's vocab.json and merges.txt")
	c.Flags().StringVar(&text, "text", "", "file of UTF-8 text")
	c.Flags().Float64Var(&secs, "secs", 3, "seconds to go on for; the text is read to its end at least once")
	outputFlag(c, &form)
	return c
}

func benchTokenizer(dir, text string, span time.Duration) (b tokenizerBench, err error) {
	tok, err := base.Tokenizer(dir, newFiles())
	if err != nil {
		return b, given("--tokenizer", err)
	}
	content, err := os.ReadFile(text)
	if err != nil {
		return b, given("--text", err)
	}
	lines := slices.Collect(strings.Lines(string(content)))
	if len(lines) == 0 {
		return b, misuse("--text %s: the file is empty", text)
	}
	b = tokenizerBench{Tokenizer: dir, Text: text, Lines: len(lines), Bytes: len(content), CPU: cpuName()}
	b.Tokens = encodeAll(tok, lines) // which also warms the machine up
	began := time.Now()
	for time.Since(began) < span || b.Passes == 0 {
		encodeAll(tok, lines)
		b.Passes++
	}
	b.MBPerSec = float64(b.Passes) * float64(b.Bytes) / 1e6 / time.Since(began).Seconds()
	return b, nil
}

func encodeAll(tok *tokenizer.Tokenizer, lines []string) (tokens int) {
	for _, line := range lines {
		tokens += len(tok.Encode(line, true))
	}
	return tokens
}

// given says which flag named the file that is wrong.
func given(flag string, err error) error {
	var input inputError
	if err = unreadable(err); errors.As(err, &input) {
		return misuse("%s: %v", flag, err)
	}
	return err
}

func (b tokenizerBench) table(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "tokenizer\ttext\tlines\tbytes\ttokens\tMB/s\tcpu") // Flush tells of errors
	_, _ = fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%.1f\t%s\n", b.Tokenizer, b.Text, b.Lines, b.Bytes, b.Tokens, b.MBPerSec, b.CPU)
	return w.Flush()
}
