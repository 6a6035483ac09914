package main

import (
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/loramesh/loramesh/linalg/lora/merge"
	"github.com/loramesh/loramesh/results/export"
)

// completingFlags has the flags of a command complete what they take. Where that is a number, or
// what only the user knows, nothing is offered: a shell by itself would offer files.
func completingFlags(c *cobra.Command) {
	c.Flags().VisitAll(func(f *pflag.Flag) {
		err := c.RegisterFlagCompletionFunc(f.Name, func(_ *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return completedFlag(f, args, begun)
		})
		if err != nil {
			panic(err) // the flag is there, and each is visited once
		}
	})
}

// completedFlag is what a flag takes, behind these arguments.
func completedFlag(f *pflag.Flag, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if words := wordsOf(f); words != nil {
		all := startingWith(begun, words)
		return all, cobra.ShellCompDirectiveNoFileComp | goingOn(all)
	}
	if len(args) > 0 {
		switch f.Name {
		case "trial":
			return startingWith(begun, trialsIn(args[0])), cobra.ShellCompDirectiveNoFileComp
		case "against":
			return startingWith(begun, armsOf(args[0])), cobra.ShellCompDirectiveNoFileComp
		case "metric":
			return startingWith(begun, scoresOf(args[0])), cobra.ShellCompDirectiveNoFileComp
		}
	}
	return completed(namedBy(f), args, begun)
}

// wordsOf are the words that a flag knows: of those that there are under its name, the ones that
// its help names, for commands differ in them.
func wordsOf(f *pflag.Flag) (words []cobra.Completion) {
	told := strings.FieldsFunc(f.Usage+" "+f.DefValue, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '-'
	})
	for _, w := range vocabulary(f.Name) {
		if slices.Contains(told, strings.TrimSuffix(w, ":")) {
			words = append(words, w)
		}
	}
	return words
}

// vocabulary are the words of all flags of a name.
func vocabulary(flag string) []string {
	switch flag {
	case "dtype":
		return []string{"f32", "bf16", "f16", "float32", "bfloat16"}
	case "engine":
		return []string{"actors", "inline"}
	case "family":
		return []string{"gpt", "llama", "mistral", "qwen2", "qwen3", "gemma", "gpt2"}
	case "format":
		return []string{"jsonl", "csv", "tsv", "text", "parquet", "idx", "lamp"}
	case "keep":
		return []string{"last", "each", "all", "every:"}
	case "kind":
		return merge.Kinds()
	case "lr-scheduler-type":
		return []string{"linear", "cosine", "constant", "constant_with_warmup"}
	case "output":
		return []string{"table", "json", "jsonl"}
	case "plugins":
		return []string{"process", "in-process"}
	case "pool":
		return []string{"mean", "first", "last", "none"}
	case "precision":
		return []string{"f32", "bf16", "f16"}
	case "problem-type":
		return []string{"single_label_classification", "multi_label_classification", "regression"}
	case "save-strategy":
		return []string{"no", "epoch"}
	case "scaling":
		return []string{"rslora", "plain"}
	case "sign":
		return []string{"total", "frequency"}
	case "to":
		return export.Names()
	case "weights":
		return []string{"stored", "bf16", "f16"}
	}
	return nil
}

// namedBy says what a flag names, in the words of a usage; "": nothing that can be offered.
func namedBy(f *pflag.Flag) string {
	switch f.Name {
	case "run":
		return "RUN"
	case "method":
		return "METHOD"
	case "adapter", "model", "out", "plugin-path", "record", "start", "tokenizer":
		return "DIR"
	case "creds", "file", "markdown", "nats-server", "text", "tls-ca", "tls-cert", "tls-key", "token-file", "valid-file":
		return "FILE"
	case "base", "data", "into": // by command
		switch {
		case strings.Contains(f.Usage, "folder"):
			return "DIR"
		case strings.Contains(f.Usage, "file"):
			return "FILE"
		}
	}
	return ""
}
