package results

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"

	"github.com/loramesh/loramesh/plugins/method"
)

// record is one of a journal, as it is read.
type record struct {
	entry
	lines      []byte
	checkpoint []byte
	blobs      map[method.Blob][]byte
}

// readJournal reads the records that are valid: from the start, each whole and the next of the one
// before. The first that is not ends the journal: it was being written when the power failed, or is
// from an earlier time. Where there is no journal there are none.
func readJournal(path string) (all []record, err error) {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular() || info.Size() > JournalBytes: // the folder may come from others
		return nil, fmt.Errorf("%w: a file of at most %d bytes was expected, this is %s of %d", ErrMismatch, JournalBytes, info.Mode(), info.Size())
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var last uint64
	for len(content) >= headBytes {
		sequence, body, rest := unseal(content)
		if body == nil || len(all) > 0 && sequence != last+1 {
			break
		}
		r, err := parseRecord(body)
		if err != nil {
			return nil, fmt.Errorf("%w: record %d: %w", ErrMismatch, len(all)+1, err) // its bytes are those that were written
		}
		all, last, content = append(all, r), sequence, rest
	}
	return all, nil
}

// unseal reads the record at the start of a journal; body is nil where none stands there whole.
func unseal(b []byte) (sequence uint64, body, rest []byte) {
	n := binary.LittleEndian.Uint64(b[16:])
	if binary.LittleEndian.Uint32(b) != journalMagic || n > uint64(len(b)-headBytes) {
		return 0, nil, nil
	}
	end := headBytes + int(n)
	if binary.LittleEndian.Uint32(b[4:]) != crc32.Checksum(b[8:end], castagnoli) {
		return 0, nil, nil
	}
	next := min(len(b), (end+pageBytes-1)/pageBytes*pageBytes)
	return binary.LittleEndian.Uint64(b[8:]), b[headBytes:end], b[next:]
}

func parseRecord(body []byte) (r record, err error) {
	head, rest, _ := bytes.Cut(body, []byte{'\n'})
	if err := json.Unmarshal(head, &r.entry); err != nil {
		return r, err
	}
	whole := true
	take := func(n int) (part []byte) {
		if whole = whole && n >= 0 && n <= len(rest); whole {
			part, rest = rest[:n], rest[n:]
		}
		return part
	}
	r.lines, r.checkpoint, r.blobs = take(r.Lines), take(r.Checkpoint), map[method.Blob][]byte{}
	for _, b := range r.Blobs {
		r.blobs[b.Name] = take(b.Bytes)
	}
	if !whole || len(rest) > 0 || r.First < 0 {
		return r, errors.New("a record's parts are not as long as it says")
	}
	return r, nil
}

// next is the number of the line behind a record's.
func (r record) next() int { return r.First + bytes.Count(r.lines, []byte{'\n'}) }

// follow insists that records are of one trial of a run, each going on where the one before ends, and name no
// file but a checkpoint.
func follow(p Plan, all []record) error {
	for i, r := range all {
		if _, known := p.Trial(r.Trial); !known || r.Trial != all[0].Trial {
			return fmt.Errorf("%w: record %d is of trial %.20q; one of the run was expected, and the same in all", ErrMismatch, i+1, r.Trial)
		}
		if i > 0 && r.First != all[i-1].next() || len(r.lines) > 0 && r.lines[len(r.lines)-1] != '\n' {
			return fmt.Errorf("%w: record %d begins with line %d of the ledger, and does not go on from the one before or has a line without an end", ErrMismatch, i+1, r.First)
		}
		if r.Replaces != "" && (filepath.Base(r.Replaces) != r.Replaces || filepath.Ext(r.Replaces) != ".json") {
			return fmt.Errorf("%w: record %d replaces %.80q, which is no checkpoint", ErrMismatch, i+1, r.Replaces)
		}
	}
	return nil
}
