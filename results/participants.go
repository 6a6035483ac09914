package results

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// Participant is one who was touched by a trial, as the simulated world made it.
type Participant struct {
	Trial    string // ID
	ID       string // "client/3"
	Device   string // class
	Rank     int    // the largest it can hold; 0: no limit
	Examples int
}

var participantColumns = []string{"trial", "participant", "device", "rank", "examples"}

// WriteParticipants writes who took part in the trials of a run.
func (f *Folder) WriteParticipants(all []Participant) error {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(participantColumns) // a buffer takes everything
	for _, p := range all {
		_ = w.Write([]string{p.Trial, p.ID, p.Device, strconv.Itoa(p.Rank), strconv.Itoa(p.Examples)})
	}
	w.Flush()
	return WriteFile(f.path(participantsFile), b.Bytes())
}

// readParticipants returns none where the file is not there: the run did not get so far.
func readParticipants(dir string) ([]Participant, error) {
	file, err := os.Open(filepath.Join(dir, participantsFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	r := csv.NewReader(file)
	r.FieldsPerRecord = len(participantColumns)
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", participantsFile, err)
	}
	var out []Participant
	for _, row := range rows[min(1, len(rows)):] {
		p := Participant{Trial: row[0], ID: row[1], Device: row[2]}
		if p.Rank, err = strconv.Atoi(row[3]); err == nil {
			p.Examples, err = strconv.Atoi(row[4])
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", participantsFile, err)
		}
		out = append(out, p)
	}
	return out, nil
}
