package scenario

import (
	"fmt"
	"slices"
	"strings"
)

// builtins are the recipes that have names. What they leave out has a recipe's default; to have
// one otherwise, write it out.
var builtins = []builtin{
	{"gpt-32", "gpt2", 32, 2, 4, 200_000},
	{"gpt-64", "gpt2", 64, 2, 4, 400_000},
	{"gpt-128", "gpt2", 128, 4, 8, 1_000_000},
	{"llama-32", "llama", 32, 2, 4, 200_000},
	{"llama-64", "llama", 64, 2, 4, 400_000},
	{"llama-128", "llama", 128, 4, 8, 1_000_000},
	{"bert-64", "bert", 64, 2, 4, 0},
}

type builtin struct {
	name, family                 string
	width, blocks, heads, tokens int
}

// recipe is what one would write for it, over the texts of a data set.
func (b builtin) recipe(data string) string {
	return fmt.Sprintf("{family: %s, d: %d, layers: %d, heads: %d, pretrain: {data: %q, tokens: %d}}", b.family, b.width, b.blocks, b.heads, data, b.tokens)
}

var builtinNames = namesOf(builtins, func(b builtin) string { return b.name })

// builtinDoc says what they are.
func builtinDoc() string {
	return strings.Join(namesOf(builtins, func(b builtin) string {
		return fmt.Sprintf("%s: %s, %d layers, %d heads, %d tokens read", b.name, b.family, b.blocks, b.heads, b.tokens)
	}), "; ") + "."
}

// builtin writes the recipe of a base out that has one by name.
func (f finisher) builtin(b *Base) {
	if b.Builtin == "" {
		return
	}
	at := "bases." + b.Name + "."
	names := f.dataNames()
	switch {
	case b.Reads != "" || f.given(at+"reads"):
		if f.defined(at+"reads", "data set", b.Reads, names); !slices.Contains(names, b.Reads) {
			return
		}
	case len(names) == 1:
		b.Reads = names[0]
	case len(names) > 1:
		f.accuse(at+"builtin", `"reads" was expected beside it, the data that it has read: there are %s`, strings.Join(names, ", "))
	}
	for _, known := range builtins {
		if known.name != b.Builtin || b.Reads == "" {
			continue
		}
		n, problems := parseYAML(known.name, []byte(known.recipe(b.Reads)))
		b.Recipe = new(Recipe)
		if recipeTable.read(check{problems: &problems}, n, b.Recipe); len(problems) > 0 {
			panic(fmt.Sprintf("scenario: the recipe of %s: %v", known.name, problems))
		}
		b.Builtin, b.Reads = "", ""
		return
	}
}
