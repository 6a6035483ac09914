// Package suggest finds the word that a user probably meant. A wrong word goes in with the
// words that would have been right; the nearest of those comes out, or "" when none is near
// enough to be worth printing. It knows nothing of what the words name: scenario keys,
// columns, metrics and methods are all the same to it.
package suggest

import (
	"slices"
	"strings"
	"unicode"
)

// Word returns the entry of known that is nearest to word in Damerau-Levenshtein distance
// (insertions, deletions, substitutions and swaps of neighbours cost 1 each; letter case is
// free, and so is '-' for '_' or a space), or "" when the nearest is further than a third of
// the word's length, at least 1; then it may still be a whole part of an entry, as f1 is of
// macro-f1. Of equals the first in known wins, so a caller that passes an ordered list gets
// the same suggestion every time.
func Word(word string, known []string) string {
	asked := fold(word)
	best, limit := "", max(1, len(asked)/3)
	for _, k := range known {
		if d := distance(asked, fold(k)); d <= limit {
			best, limit = k, d-1
		}
	}
	if best == "" && len(asked) > 1 {
		best = whole(asked, known)
	}
	return best
}

// whole is the first entry that has asked as one of its parts between marks.
func whole(asked []rune, known []string) string {
	for _, k := range known {
		parts := strings.FieldsFunc(string(fold(k)), func(r rune) bool { return r == '-' || r == '.' })
		if slices.Contains(parts, string(asked)) {
			return k
		}
	}
	return ""
}

// DidYouMean returns Word as the tail of a message, `; did you mean "rank"?`, or "".
func DidYouMean(word string, known []string) string {
	if w := Word(word, known); w != "" {
		return `; did you mean "` + w + `"?`
	}
	return ""
}

func fold(s string) []rune {
	return []rune(strings.Map(func(r rune) rune {
		if r == '_' || r == ' ' {
			return '-'
		}
		return unicode.ToLower(r)
	}, s))
}

// distance is the optimal string alignment distance of a and b: three rows of the usual
// table are enough, since a swap looks two rows up.
func distance(a, b []rune) int {
	before, above, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, above, row = above, row, before
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return row[len(b)]
}
