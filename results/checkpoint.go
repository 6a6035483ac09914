package results

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/ledger"
)

// Checkpoint is where a trial can go on: the machine, where its ledger stood, and the wall
// time it had taken. On disk it is two lines, JSON and the SHA-256 of it:
//
//	checkpoints/000/000012.json   trial 000 after 12 rounds
//	checkpoints/000/end.json      trial 000 after its end
type Checkpoint struct {
	Lines   int                    `json:"lines"` // of the ledger
	Hash    string                 `json:"hash"`  // of the ledger there
	WallSec float64                `json:"wall_seconds"`
	Machine coordinator.Checkpoint `json:"machine"`
}

// endFile is the name of a trial's last checkpoint.
const endFile = "end.json"

func (c Checkpoint) file() string {
	if c.Machine.Ended {
		return endFile
	}
	return fmt.Sprintf("%06d.json", c.Machine.Round)
}

func (c Checkpoint) encode() ([]byte, error) {
	c.Machine = c.Machine.Shared()
	b, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	sum := ledger.Digest(b)
	return append(append(append(b, '\n'), sum...), '\n'), nil
}

func decodeCheckpoint(b []byte) (c Checkpoint, err error) {
	content, rest, _ := bytes.Cut(b, []byte{'\n'})
	if string(rest) != ledger.Digest(content)+"\n" {
		return c, errors.New("its bytes are not those that were written: was it cut off?")
	}
	var head struct {
		Lines   int             `json:"lines"`
		Hash    string          `json:"hash"`
		WallSec float64         `json:"wall_seconds"`
		Machine json.RawMessage `json:"machine"`
	}
	if err := json.Unmarshal(content, &head); err != nil {
		return c, err
	}
	c = Checkpoint{Lines: head.Lines, Hash: head.Hash, WallSec: head.WallSec}
	c.Machine, err = coordinator.ParseCheckpoint(head.Machine)
	return c, err
}

func checkpointPath(dir, id string) string { return filepath.Join(dir, checkpointDir, id) }

// readCheckpoints reads those of one trial, the oldest first. What cannot be read is left
// out and named: a trial can go on from any of them, or from its start.
func readCheckpoints(dir, id string) (all []Checkpoint, warnings []string, err error) {
	entries, err := os.ReadDir(checkpointPath(dir, id))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	for _, e := range entries {
		name := filepath.Join(checkpointDir, id, e.Name())
		if _, err := strconv.Atoi(strings.TrimSuffix(e.Name(), ".json")); err != nil && e.Name() != endFile {
			continue // a neighbour that was never renamed
		}
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, nil, err
		}
		c, err := decodeCheckpoint(b)
		if err != nil {
			warnings = append(warnings, fmt.Sprintf("%s is left out: %v", name, err))
			continue
		}
		if c.file() != e.Name() { // the disk had its bytes before the name of what was there went
			warnings = append(warnings, fmt.Sprintf("%s is left out: it holds %s", name, c.file()))
			continue
		}
		all = append(all, c)
	}
	slices.SortStableFunc(all, func(a, b Checkpoint) int { return a.Lines - b.Lines })
	return all, warnings, nil
}
