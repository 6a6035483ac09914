package text

import (
	"regexp"
	"strings"
)

// Overlap is what two texts share, seen from either side.
type Overlap struct{ Precision, Recall, F1 float64 }

func overlap(hits, said, wanted int) Overlap {
	if said == 0 || wanted == 0 || hits == 0 {
		return Overlap{}
	}
	p, r := float64(hits)/float64(said), float64(hits)/float64(wanted)
	return Overlap{p, r, 2 * p * r / (p + r)}
}

var notWord = regexp.MustCompile(`[^a-z0-9]+`)

// Tokens cuts a text as ROUGE does: lower case, every run of other than a–z and 0–9 a
// break; words of more than three characters are stemmed if asked.
func Tokens(s string, stem bool) []string {
	s = strings.ToLower(strings.ReplaceAll(s, "İ", "i̇")) // Unicode's full lower case: a letter and a dot
	words := strings.Fields(notWord.ReplaceAllString(s, " "))
	if stem {
		for i, w := range words {
			if len(w) > 3 {
				words[i] = Stem(w)
			}
		}
	}
	return words
}

// RougeN is the overlap of n-grams, each counted as often as both have it (Lin 2004).
func RougeN(n int, target, prediction string, stem bool) Overlap {
	want, said := grams(Tokens(target, stem), n), grams(Tokens(prediction, stem), n)
	hits, wanted, all := 0, 0, 0
	for g, k := range want {
		wanted += k
		hits += min(k, said[g])
	}
	for _, k := range said {
		all += k
	}
	return overlap(hits, all, wanted)
}

// grams counts runs of n words.
func grams(words []string, n int) map[string]int {
	out := map[string]int{}
	for i := 0; i+n <= len(words); i++ {
		out[strings.Join(words[i:i+n], " ")]++
	}
	return out
}

// RougeL is the longest common subsequence of words, in both texts as a whole.
func RougeL(target, prediction string, stem bool) Overlap {
	want, said := Tokens(target, stem), Tokens(prediction, stem)
	return overlap(lcs(want, said)[len(want)][len(said)], len(said), len(want))
}

// RougeLsum is the same by lines: for each line of the target, the words that are in its
// common subsequence with any line of the prediction, each counted as often as both texts
// have it.
func RougeLsum(target, prediction string, stem bool) Overlap {
	want, said := lines(target, stem), lines(prediction, stem)
	left, right := map[string]int{}, map[string]int{}
	wanted, all := 0, 0
	for _, l := range want {
		wanted += len(l)
		for _, w := range l {
			left[w]++
		}
	}
	for _, l := range said {
		all += len(l)
		for _, w := range l {
			right[w]++
		}
	}
	hits := 0
	for _, l := range want {
		for i, in := range union(l, said) {
			if w := l[i]; in && left[w] > 0 && right[w] > 0 {
				hits++
				left[w]--
				right[w]--
			}
		}
	}
	return overlap(hits, all, wanted)
}

func lines(s string, stem bool) [][]string {
	var out [][]string
	for _, l := range strings.Split(s, "\n") {
		if l != "" {
			out = append(out, Tokens(l, stem))
		}
	}
	return out
}

// lcs is the table of lengths of common subsequences of the first i and j words.
func lcs(a, b []string) [][]int {
	t := make([][]int, len(a)+1)
	for i := range t {
		t[i] = make([]int, len(b)+1)
		for j := range t[i] {
			switch {
			case i == 0 || j == 0:
			case a[i-1] == b[j-1]:
				t[i][j] = t[i-1][j-1] + 1
			default:
				t[i][j] = max(t[i-1][j], t[i][j-1])
			}
		}
	}
	return t
}

// union marks the words of a line that are in its common subsequence with some other line.
func union(line []string, others [][]string) []bool {
	in := make([]bool, len(line))
	for _, o := range others {
		t := lcs(line, o)
		for i, j := len(line), len(o); i > 0 && j > 0; {
			switch {
			case line[i-1] == o[j-1]:
				in[i-1] = true
				i, j = i-1, j-1
			case t[i][j-1] > t[i-1][j]:
				j--
			default:
				i--
			}
		}
	}
	return in
}
