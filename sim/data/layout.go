package data

import (
	"fmt"
	"maps"
	"path"
	"slices"

	"github.com/loramesh/loramesh/sim/scenario"
	"github.com/loramesh/loramesh/sim/suggest"
)

// layout is a data set that is known by name: which files it has, and how they are read.
type layout struct {
	files string // as a message names them
	load  func(scenario.Data, Files) (*Set, error)
	with  []param // the words of `with`
}

var layouts = map[string]layout{
	"dolly":    {dollyShards + " and " + dollyTest, loadDolly, nil},
	"clinc150": {clincRows + " and " + clincDomains, loadClinc, nil},

	"lamp2":           {lampFiles["lamp2"], loadLampSet, lampParams},
	"lamp4":           {lampFiles["lamp4"], loadLampSet, lampParams},
	"nltk-sentiment":  {"subjectivity.zip, sentence_polarity.zip, movie_reviews.zip, pros_cons.zip, product_reviews_1.zip and product_reviews_2.zip", loadCorpora, nil},
	"tinyshakespeare": {shakespeareFile, loadShakespeare, shakespeareParams},

	"adult":          {"adult.data and adult.test", loadTable, nil},
	"gsm8k":          {"train.jsonl and test.jsonl", loadTable, nil},
	"hatecheck":      {"test_suite_cases.csv", loadTable, nil},
	"coloured-mnist": {"the files of mnist", loadColoured, colouredParams},

	"mnist":     {"train-images-idx3-ubyte.gz, test3000-images-idx3-ubyte.gz and their labels", loadTable, nil},
	"wikitext2": {"valid.txt and test.txt", loadTable, nil},
}

// loadLayout reads `set: NAME, path: DIR`.
func loadLayout(d scenario.Data, files Files) (*Set, error) {
	known := slices.Sorted(maps.Keys(layouts))
	l, ok := layouts[d.Set]
	if !ok {
		return nil, fmt.Errorf("set: unknown layout %q; known: %q%s", d.Set, known, suggest.DidYouMean(d.Set, known))
	}
	if d.Path == "" {
		return nil, fmt.Errorf("set %s needs path: the folder that holds %s; give it in the scenario or by --set data.%s.path=DIR", d.Set, l.files, d.Name)
	}
	if _, err := readParams(d.With, l.with); err != nil {
		return nil, err
	}
	return l.load(d, files)
}

// readIn reads one of a layout's files.
func readIn(d scenario.Data, files Files, name string) (file string, src []byte, err error) {
	file = path.Join(d.Path, name)
	if src, err = files.ReadFile(file); err != nil {
		return file, nil, fmt.Errorf("path: set %s needs %s: %w", d.Set, name, err)
	}
	src, err = textOf(file, src)
	return file, src, err
}
