package text

import (
	"fmt"
	"regexp"
	"strings"
)

// Cut is a way of cutting text into words for BLEU.
type Cut string

// Ways of cutting.
const (
	Cut13a   Cut = "13a"  // as the WMT script mteval-v13a: punctuation apart, but within numbers; the default
	CutIntl  Cut = "intl" // as mteval-v14: by Unicode's punctuation and symbols
	CutChars Cut = "char" // every character a word
	CutNone  Cut = "none" // at white space
)

// step is one substitution of a tokenizer.
type step struct {
	find *regexp.Regexp
	by   string
}

var (
	steps13a = []step{
		{regexp.MustCompile("([{-~\\[-` -&(-+:-@/])"), " $1 "},
		{regexp.MustCompile(`([^0-9])([.,])`), "$1 $2 "},
		{regexp.MustCompile(`([.,])([^0-9])`), " $1 $2"},
		{regexp.MustCompile(`([0-9])(-)`), "$1 $2 "},
	}
	stepsIntl = []step{
		{regexp.MustCompile(`(\PN)(\pP)`), "$1 $2 "},
		{regexp.MustCompile(`(\pP)(\PN)`), " $1 $2"},
		{regexp.MustCompile(`(\pS)`), " $1 "},
	}
	entities = strings.NewReplacer("&quot;", `"`, "&amp;", "&", "&lt;", "<", "&gt;", ">")
)

func (c Cut) words(s string) ([]string, error) {
	switch c {
	case CutNone:
	case CutChars:
		s = strings.Join(strings.Split(s, ""), " ")
	case "", Cut13a:
		s = strings.NewReplacer("<skipped>", "", "-\n", "", "\n", " ").Replace(s)
		s = apply(steps13a, " "+entities.Replace(s)+" ")
	case CutIntl:
		s = apply(stepsIntl, s)
	default:
		return nil, fmt.Errorf("BLEU: unknown way of cutting %q; known: %q", c, []Cut{Cut13a, CutIntl, CutChars, CutNone})
	}
	return strings.Fields(s), nil
}

func apply(steps []step, s string) string {
	for _, st := range steps {
		s = st.find.ReplaceAllString(s, st.by)
	}
	return s
}
