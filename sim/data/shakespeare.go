package data

import (
	"fmt"
	"strings"

	"github.com/loramesh/loramesh/sim/scenario"
)

// Tiny Shakespeare (Karpathy 2015): speeches, each under its speaker's name, with an empty line
// between. The speakers are the participants of LEAF's Shakespeare (Caldas et al. 2018).
const (
	shakespeareFile   = "input.txt"
	shakespearePrompt = "{cue}\n{speaker}: "
	shakespeareAnswer = "speech"
	// shakespeareHeld is the share of each speaker's speeches, the last ones, that are the test.
	shakespeareHeld = 0.1
)

var (
	shakespeareNames  = []string{"speaker", "cue", "speech", "place"}
	shakespeareParams = []param{{name: "min_items", initial: 2, lowest: 2, above: 1_000_000, whole: true}}
)

// loadShakespeare reads `set: tinyshakespeare`. An example is a cue, the speech before, and the
// reply. Speakers are the natural shards, in the order in which they first speak; those with
// fewer speeches than min_items are left out, and counted in [Set.Notes]. The last tenth of each
// speaker's speeches, one at least, is the test.
func loadShakespeare(d scenario.Data, files Files) (*Set, error) {
	with, err := readParams(d.With, shakespeareParams)
	if err != nil {
		return nil, err
	}
	s, err := shapeOf(d, shakespearePrompt, shakespeareAnswer)
	if err != nil {
		return nil, err
	}
	file, src, err := readIn(d, files, shakespeareFile)
	if err != nil {
		return nil, err
	}
	rows, err := readSpeeches(file, string(src))
	if err != nil {
		return nil, err
	}
	var speakers []string
	of := map[string][]row{}
	for _, r := range rows {
		name := r.values["speaker"]
		if of[name] == nil {
			speakers = append(speakers, name)
		}
		of[name] = append(of[name], r)
	}
	set, few := &Set{Names: shakespeareNames}, 0
	for _, name := range speakers {
		all := of[name]
		if len(all) < int(with["min_items"]) {
			few++
			continue
		}
		held := max(1, int(float64(shakespeareHeld*float64(len(all)))))
		if err := set.share(s, all[:len(all)-held], all[len(all)-held:]); err != nil {
			return nil, err
		}
	}
	set.Notes = []string{fmt.Sprintf("%d of %d speakers have fewer than %d speeches and are left out", few, len(speakers), int(with["min_items"]))}
	return set, nil
}

// share adds one natural shard, and what is held out of it to the test.
func (s *Set) share(as shape, train, test []row) error {
	examples, err := as.examples(train)
	if err != nil {
		return err
	}
	held, err := as.examples(test)
	if err != nil {
		return err
	}
	shard := make([]int, len(examples))
	for i := range shard {
		shard[i] = len(s.Train) + i
	}
	s.Natural, s.Train, s.Test = append(s.Natural, shard), append(s.Train, examples...), append(s.Test, held...)
	return nil
}

// readSpeeches reads blocks of "SPEAKER:" and lines of speech. The place of a speech is its
// number: it tells equal speeches apart.
func readSpeeches(file, text string) ([]row, error) {
	var rows []row
	cue, line := "", 1
	for block := range strings.SplitSeq(text, "\n\n") {
		at := line + strings.Count(block[:len(block)-len(strings.TrimLeft(block, "\n"))], "\n")
		line += strings.Count(block, "\n") + 2
		if block = strings.Trim(block, "\n"); block == "" {
			continue
		}
		head, speech, _ := strings.Cut(block, "\n")
		name, ends := strings.CutSuffix(head, ":")
		if !ends || name == "" {
			return nil, fmt.Errorf("%s:%d: expected a speaker's name and a colon at the head of a speech, found %q", file, at, head)
		}
		if speech == "" {
			continue // a name without a word behind it
		}
		rows = append(rows, row{file: file, line: at, names: shakespeareNames, values: map[string]string{
			"speaker": name, "cue": cue, "speech": speech, "place": fmt.Sprint(len(rows))}})
		cue = name + ": " + speech
	}
	return rows, nil
}
