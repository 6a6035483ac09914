package text

import "strings"

// irregular words of NLTK's extension, each with its stem.
var irregular = map[string]string{
	"sky": "sky", "skies": "sky", "dying": "die", "lying": "lie", "tying": "tie", "news": "news",
	"innings": "inning", "inning": "inning", "outings": "outing", "outing": "outing", "cannings": "canning", "canning": "canning",
	"howe": "howe", "proceed": "proceed", "exceed": "exceed", "succeed": "succeed",
}

// Stem is Porter's stem (1980) of a word of lower-case letters and digits, with the
// extensions that NLTK makes by default: irregular words, "ies" and "ied" of short words,
// "y" after a consonant, "alli" taken twice, "fulli" and "logi".
func Stem(word string) string {
	if s, ok := irregular[word]; ok {
		return s
	}
	if len(word) <= 2 {
		return word
	}
	w := plural(word)
	w = past(w)
	if s, ok := strings.CutSuffix(w, "y"); ok && len(s) > 1 && consonant(s, len(s)-1) {
		w = s + "i"
	}
	w = double(w)
	w = rewrite(w, third)
	w = rewrite(w, fourth)
	return last(w)
}

// consonant says whether a letter is one; y is one where no consonant stands before it.
func consonant(w string, i int) bool {
	switch w[i] {
	case 'a', 'e', 'i', 'o', 'u':
		return false
	case 'y':
		return i == 0 || !consonant(w, i-1)
	}
	return true
}

// measure counts how often consonants follow vowels.
func measure(w string) int {
	n := 0
	for i := 1; i < len(w); i++ {
		if consonant(w, i) && !consonant(w, i-1) {
			n++
		}
	}
	return n
}

func hasVowel(w string) bool {
	for i := range len(w) {
		if !consonant(w, i) {
			return true
		}
	}
	return false
}

func doubled(w string) bool {
	n := len(w)
	return n >= 2 && w[n-1] == w[n-2] && consonant(w, n-1)
}

// short is consonant, vowel, consonant (not w, x, y) at the end, or a word of vowel and
// consonant.
func short(w string) bool {
	n := len(w)
	if n == 2 {
		return !consonant(w, 0) && consonant(w, 1)
	}
	return n >= 3 && consonant(w, n-3) && !consonant(w, n-2) && consonant(w, n-1) && !strings.ContainsRune("wxy", rune(w[n-1]))
}

func plural(w string) string {
	switch {
	case strings.HasSuffix(w, "ies") && len(w) == 4:
		return w[:len(w)-1]
	case strings.HasSuffix(w, "sses"), strings.HasSuffix(w, "ies"):
		return w[:len(w)-2]
	case strings.HasSuffix(w, "ss"):
		return w
	}
	return strings.TrimSuffix(w, "s")
}

func past(w string) string {
	if s, ok := strings.CutSuffix(w, "ied"); ok {
		if len(w) == 4 {
			return s + "ie"
		}
		return s + "i"
	}
	if s, ok := strings.CutSuffix(w, "eed"); ok {
		if measure(s) > 0 {
			return s + "ee"
		}
		return w
	}
	for _, suffix := range []string{"ed", "ing"} {
		s, ok := strings.CutSuffix(w, suffix)
		if !ok || !hasVowel(s) {
			continue
		}
		switch {
		case strings.HasSuffix(s, "at"), strings.HasSuffix(s, "bl"), strings.HasSuffix(s, "iz"):
			return s + "e"
		case doubled(s):
			if strings.ContainsRune("lsz", rune(s[len(s)-1])) {
				return s
			}
			return s[:len(s)-1]
		case measure(s) == 1 && short(s):
			return s + "e"
		}
		return s
	}
	return w
}

// rule replaces a suffix where what stands before it measures more than least. The first
// suffix that fits decides, whether or not it is replaced.
type rule struct {
	suffix, by string
	least      int
	after      string // the stem must end in one of these; "" in anything
}

func rewrite(w string, rules []rule) string {
	for _, r := range rules {
		s, ok := strings.CutSuffix(w, r.suffix)
		if !ok {
			continue
		}
		if measure(s) > r.least && (r.after == "" || s != "" && strings.ContainsRune(r.after, rune(s[len(s)-1]))) {
			return s + r.by
		}
		return w
	}
	return w
}

// double is step 2. "alli" is first made "al", and the step taken again.
func double(w string) string {
	if s, ok := strings.CutSuffix(w, "alli"); ok && measure(s) > 0 {
		return double(s + "al")
	}
	if s, ok := strings.CutSuffix(w, "logi"); ok { // measured with its l
		if measure(s+"l") > 0 {
			return s + "log"
		}
		return w
	}
	return rewrite(w, second)
}

var second = []rule{
	{"ational", "ate", 0, ""}, {"tional", "tion", 0, ""}, {"enci", "ence", 0, ""}, {"anci", "ance", 0, ""}, {"izer", "ize", 0, ""},
	{"bli", "ble", 0, ""}, {"alli", "al", 0, ""}, {"entli", "ent", 0, ""}, {"eli", "e", 0, ""}, {"ousli", "ous", 0, ""},
	{"ization", "ize", 0, ""}, {"ation", "ate", 0, ""}, {"ator", "ate", 0, ""}, {"alism", "al", 0, ""}, {"iveness", "ive", 0, ""},
	{"fulness", "ful", 0, ""}, {"ousness", "ous", 0, ""}, {"aliti", "al", 0, ""}, {"iviti", "ive", 0, ""}, {"biliti", "ble", 0, ""},
	{"fulli", "ful", 0, ""},
}

var third = []rule{
	{"icate", "ic", 0, ""}, {"ative", "", 0, ""}, {"alize", "al", 0, ""}, {"iciti", "ic", 0, ""}, {"ical", "ic", 0, ""}, {"ful", "", 0, ""}, {"ness", "", 0, ""},
}

var fourth = []rule{
	{"al", "", 1, ""}, {"ance", "", 1, ""}, {"ence", "", 1, ""}, {"er", "", 1, ""}, {"ic", "", 1, ""}, {"able", "", 1, ""}, {"ible", "", 1, ""},
	{"ant", "", 1, ""}, {"ement", "", 1, ""}, {"ment", "", 1, ""}, {"ent", "", 1, ""}, {"ion", "", 1, "st"}, {"ou", "", 1, ""}, {"ism", "", 1, ""},
	{"ate", "", 1, ""}, {"iti", "", 1, ""}, {"ous", "", 1, ""}, {"ive", "", 1, ""}, {"ize", "", 1, ""},
}

// last is step 5: a final e, and one of a final double l.
func last(w string) string {
	if s, ok := strings.CutSuffix(w, "e"); ok {
		if m := measure(s); m > 1 || m == 1 && !short(s) {
			w = s
		}
	}
	if strings.HasSuffix(w, "ll") && measure(w[:len(w)-1]) > 1 {
		w = w[:len(w)-1]
	}
	return w
}
