package results

import (
	"bytes"
	"errors"
	"io"
	"os"

	"github.com/loramesh/loramesh/sim/ledger"
)

// Follower reads the ledgers of a run as they are being written.
type Follower struct {
	dir    string
	trials []string
	at     []int64 // read so far, in bytes
	lines  []int   // read so far
}

// Followed is a line of a ledger and the number of its trial.
type Followed struct {
	Trial int
	ledger.Line
}

// Follow begins at the first line of each trial.
func Follow(dir string, p Plan) *Follower {
	f := &Follower{dir: dir}
	for _, t := range p.Trials {
		f.trials = append(f.trials, t.ID)
	}
	f.at, f.lines = make([]int64, len(f.trials)), make([]int, len(f.trials))
	return f
}

// Next gives the lines that have come since it was asked last, trial by trial. The chain is
// not checked: [Verify] does that.
func (f *Follower) Next() (all []Followed, err error) {
	for i, id := range f.trials {
		content, err := f.rest(id, f.at[i])
		if err != nil {
			return all, err
		}
		for line := range bytes.Lines(content) {
			l, err := ledger.Parse(f.lines[i], bytes.TrimSuffix(line, []byte{'\n'}))
			if err != nil {
				return all, err
			}
			f.lines[i]++
			f.at[i] += int64(len(line))
			all = append(all, Followed{i, l})
		}
	}
	return all, nil
}

// rest are the whole lines of a ledger that have not been read.
func (f *Follower) rest(id string, from int64) ([]byte, error) {
	file, err := os.Open(ledgerPath(f.dir, id))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil // its trial has not begun
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	if _, err := file.Seek(from, io.SeekStart); err != nil {
		return nil, err
	}
	return io.ReadAll(wholeLines(file))
}
