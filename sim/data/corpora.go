package data

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/sim/scenario"
)

// The sentiment and subjectivity corpora that NLTK distributes as archives (Pang and Lee 2002,
// 2004, 2005; Hu and Liu 2004; Ganapathibhotla and Liu 2008): six tasks of two classes.
const (
	corporaPrompt = "{text}\nlabel: "
	corporaAnswer = "label"
	// corporaHeld is the share of rows that are the test, by the hash of the row: the corpora
	// come without one.
	corporaHeld = 0.2
)

var corporaNames = []string{"text", "label", "corpus", "product"}

// corpus is one archive: how a file's name and text become rows.
type corpus struct {
	name string
	read func(name, text string) []said
}

// said is a text with its label, and the product that a review is about.
type said struct{ text, label, product string }

var corpora = []corpus{
	{"subjectivity", byLine(map[string]string{"quote.tok.gt9.5000": "subjective", "plot.tok.gt9.5000": "objective"})},
	{"sentence_polarity", byLine(map[string]string{"rt-polarity.neg": "negative", "rt-polarity.pos": "positive"})},
	{"movie_reviews", wholeReview},
	{"pros_cons", prosAndCons},
	{"product_reviews_1", ofProduct},
	{"product_reviews_2", ofProduct},
}

// loadCorpora reads `set: nltk-sentiment`, six archives as NLTK distributes them. Columns are
// text, label, corpus, and for reviews of products the product. Labels are shared by some of
// the corpora and not by others, so tasks by corpus are a mixed stream.
func loadCorpora(d scenario.Data, files Files) (*Set, error) {
	s, err := shapeOf(d, corporaPrompt, corporaAnswer)
	if err != nil {
		return nil, err
	}
	set := &Set{Names: corporaNames, Label: corporaAnswer}
	for _, c := range corpora {
		file := path.Join(d.Path, c.name+".zip")
		src, err := files.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("path: set %s needs %s.zip: %w", d.Set, c.name, err)
		}
		rows, err := c.rows(file, src)
		if err != nil {
			return nil, err
		}
		examples, err := s.examples(rows)
		if err != nil {
			return nil, err
		}
		for _, e := range examples {
			if Fraction(e.Hash) < corporaHeld {
				set.Test = append(set.Test, e)
			} else {
				set.Train = append(set.Train, e)
			}
		}
	}
	return set, nil
}

// rows reads an archive, files in order of their names.
func (c corpus) rows(file string, src []byte) ([]row, error) {
	texts, err := unzip(file, src)
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, t := range texts {
		for _, x := range c.read(t.name, t.text) {
			rows = append(rows, row{file: file + ": " + t.name, line: len(rows) + 1, names: corporaNames,
				values: map[string]string{"text": x.text, "label": x.label, "corpus": c.name, "product": x.product}})
		}
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s: no row of %s in any of %d files; expected the archive that NLTK distributes under that name", file, c.name, len(texts))
	}
	return rows, nil
}

// member is a file of an archive.
type member struct{ name, text string }

// maxUnzipped bounds what all files of an archive may unpack to; the largest that NLTK has are 10 MB.
const maxUnzipped = 64 << 20

// unzip reads the files of a ZIP archive, in order of their names. Latin-1, which the corpora
// are written in, becomes UTF-8.
func unzip(file string, src []byte) ([]member, error) {
	z, err := zip.NewReader(bytes.NewReader(src), int64(len(src)))
	if err != nil {
		return nil, fmt.Errorf("%s: no ZIP archive: %w", file, err)
	}
	var out []member
	left := maxUnzipped
	for _, f := range z.File {
		if f.FileInfo().IsDir() {
			continue
		}
		in, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", file, f.Name, err)
		}
		content, err := io.ReadAll(io.LimitReader(in, int64(left)+1))
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", file, f.Name, err)
		}
		if left -= len(content); left < 0 {
			return nil, fmt.Errorf("%s: with %s it unpacks to more than %d bytes", file, f.Name, maxUnzipped)
		}
		var text strings.Builder
		for _, b := range content {
			text.WriteRune(rune(b))
		}
		out = append(out, member{f.Name, text.String()})
	}
	slices.SortFunc(out, func(a, b member) int { return strings.Compare(a.name, b.name) })
	return out, nil
}

// byLine reads a text a line, of the files that have a label.
func byLine(labels map[string]string) func(name, text string) []said {
	return func(name, text string) (out []said) {
		label := labels[path.Base(name)]
		if label == "" {
			return nil
		}
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); line != "" {
				out = append(out, said{text: line, label: label})
			}
		}
		return out
	}
}

// wholeReview is a review a file, in a folder for each label.
func wholeReview(name, text string) []said {
	label := map[string]string{"neg": "negative", "pos": "positive"}[path.Base(path.Dir(name))]
	if label == "" || !strings.HasSuffix(name, ".txt") {
		return nil
	}
	return []said{{text: strings.TrimSpace(text), label: label}}
}

var prosCons = regexp.MustCompile(`<(Pros|Cons)>(.*)</(Pros|Cons)>`)

func prosAndCons(name, text string) (out []said) {
	label := map[string]string{"IntegratedPros.txt": "positive", "IntegratedCons.txt": "negative"}[path.Base(name)]
	if label == "" {
		return nil
	}
	for _, m := range prosCons.FindAllStringSubmatch(text, -1) {
		if inside := strings.TrimSpace(m[2]); inside != "" {
			out = append(out, said{text: inside, label: label})
		}
	}
	return out
}

var opinion = regexp.MustCompile(`\[([+-])(\d)\]`)

// ofProduct reads sentences with opinions before them, "battery[+2],size[-1]##the sentence".
// The label is the sign of their sum; sentences without an opinion, or with a sum of 0, are
// left out.
func ofProduct(name, text string) (out []said) {
	if strings.EqualFold(path.Base(name), "README.txt") {
		return nil
	}
	product := strings.TrimSuffix(path.Base(name), ".txt")
	for line := range strings.Lines(text) {
		marks, sentence, marked := strings.Cut(line, "##")
		if !marked {
			continue
		}
		sum := 0
		for _, m := range opinion.FindAllStringSubmatch(marks, -1) {
			n := int(m[2][0] - '0')
			if m[1] == "-" {
				n = -n
			}
			sum += n
		}
		label := "positive"
		if sum < 0 {
			label = "negative"
		}
		if sentence = strings.TrimSpace(sentence); sum != 0 && sentence != "" {
			out = append(out, said{text: sentence, label: label, product: product})
		}
	}
	return out
}
