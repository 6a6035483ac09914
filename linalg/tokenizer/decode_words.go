package tokenizer

import "strings"

// spelledBytes is ByteLevel: the characters of all pieces become the bytes that they stand
// for, and what is ill-formed in those becomes U+FFFD, one for each maximal subpart. A piece
// that is not spelled in such characters (an added token) stands for its own UTF-8.
type spelledBytes struct{}

func (spelledBytes) decode(pieces []string) []string {
	var all strings.Builder
	for _, p := range pieces {
		if raw, ok := unspell(p); ok {
			p = raw
		}
		all.WriteString(p)
	}
	return []string{WellFormed(all.String())}
}

// joinWords is WordPiece: pieces that begin with the prefix go on with the word before them,
// all others get a space in front.
type joinWords struct {
	prefix  string
	cleanup bool
}

func (d joinWords) decode(pieces []string) []string {
	for i, p := range pieces {
		if i > 0 {
			rest, inside := strings.CutPrefix(p, d.prefix)
			if inside {
				p = rest
			} else {
				p = " " + p
			}
		}
		if d.cleanup {
			p = cleanUp(p)
		}
		pieces[i] = p
	}
	return pieces
}

// cleanUp takes out spaces that English does not write, one rule after the other as the
// library has them.
func cleanUp(piece string) string {
	for _, rule := range [...][2]string{
		{" .", "."}, {" ?", "?"}, {" !", "!"}, {" ,", ","}, {" ' ", "'"}, {" n't", "n't"}, {" 'm", "'m"},
		{" do not", " don't"}, {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"},
	} {
		piece = strings.ReplaceAll(piece, rule[0], rule[1])
	}
	return piece
}

// spacesBack is Metaspace: marks become spaces. Those of the first piece go, where the
// splitter may have put one in front.
type spacesBack struct {
	mark      string
	keepFirst bool
}

func (d spacesBack) decode(pieces []string) []string {
	for i, p := range pieces {
		to := " "
		if i == 0 && !d.keepFirst {
			to = ""
		}
		pieces[i] = strings.ReplaceAll(p, d.mark, to)
	}
	return pieces
}
