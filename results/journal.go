package results

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
)

// A journal is one file of a fixed length that takes all that checkpoints speak of, one record each,
// so that the disk is asked for one thing a round and not for five: to write over bytes that it has.
// Records stand one behind the other from the file's start, each at a multiple of [pageBytes]:
//
//	magic, CRC-32C of all behind it, sequence, length of the body     24 bytes
//	a line of JSON: see [entry]
//	the lines of the ledger, the checkpoint as its file would be, blobs
//
// They go on from the newest checkpoint that is a file. When that is replaced the next record stands
// at the start again, over those of before; sequences tell the one from the other. What is
// valid is from the start as far as each record is whole and the next of the one before.
type journal struct {
	disk  blob.Disk
	path  string
	room  int                  // bytes of the file
	most  int                  // bytes of a record, about
	file  *os.File             // nil: there is none
	based bool                 // a checkpoint of this trial is a file, by this process
	at    int                  // where the next record begins
	last  uint64               // sequence of the last record, ever
	has   map[method.Blob]bool // blobs that are on the disk: settled, or in a record
	open  *passage             // whose record is the newest; nil: the file is
	buf   []byte
}

// JournalBytes is the length of a journal, and recordBytes of a record at most: what is larger goes
// to the disk as files.
const (
	JournalBytes = 4 << 20
	recordBytes  = 1 << 20
	pageBytes    = 4096 // what the disk writes at once: a record that is torn hurts none before it
	headBytes    = 24
)

const journalMagic = 0x316a726c // "lrj1"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// entry is what a record says of itself.
type entry struct {
	Trial      string      `json:"trial"`
	First      int         `json:"first"` // number of the first line
	Lines      int         `json:"lines"` // bytes of them
	Checkpoint int         `json:"checkpoint"`
	Blobs      []blobEntry `json:"blobs"`
	Replaces   string      `json:"replaces,omitempty"` // the checkpoint file that goes when this one is a file
}

type blobEntry struct {
	Name  method.Blob `json:"name"`
	Bytes int         `json:"bytes"`
}

// take puts a checkpoint into the journal, and says whether it did: one that is too large, or for
// which there is no more room, is for files. The blobs that it names stay where an index will find
// them.
func (j *journal) take(p *passage, blobs *blob.Store) (taken bool, err error) {
	if !j.based || p.lines.many {
		return false, nil
	}
	b, names, err := j.record(p, blobs)
	if err != nil || b == nil || j.at+len(b) > j.room {
		return false, err
	}
	if j.file == nil {
		if err := j.create(); err != nil {
			return false, err
		}
	}
	if _, err := j.file.WriteAt(b, int64(j.at)); err != nil {
		return false, err
	}
	if err := j.disk.SyncBytes(j.file); err != nil {
		return false, err
	}
	j.at, j.last, j.open = j.at+len(b), j.last+1, p
	for _, n := range names {
		j.has[n] = true
	}
	return true, nil
}

// record is a checkpoint as it stands in the journal, and the blobs in it; nil where it is too
// large.
func (j *journal) record(p *passage, blobs *blob.Store) (b []byte, names []method.Blob, err error) {
	e := entry{Trial: p.id, First: p.lines.first, Lines: len(p.lines.lines), Checkpoint: len(p.bytes)}
	if p.replaces != "" {
		e.Replaces = filepath.Base(p.replaces)
	}
	names = slices.DeleteFunc(slices.Concat(p.stay, p.names), func(n method.Blob) bool { return j.has[n] })
	slices.Sort(names)
	names = slices.Compact(names)
	contents, size := make([][]byte, len(names)), e.Lines+e.Checkpoint
	for i, n := range names {
		if contents[i], err = blobs.Bytes(n); err != nil {
			return nil, nil, err
		}
		e.Blobs = append(e.Blobs, blobEntry{n, len(contents[i])})
		size += len(contents[i])
	}
	if size > j.most {
		return nil, nil, nil
	}
	head, err := json.Marshal(e)
	if err != nil {
		return nil, nil, err
	}
	b = append(j.buf[:0], make([]byte, headBytes)...)
	b = append(append(append(append(b, head...), '\n'), p.lines.lines...), p.bytes...)
	for _, c := range contents {
		b = append(b, c...)
	}
	seal(b, j.last+1)
	b = append(b, make([]byte, (pageBytes-len(b)%pageBytes)%pageBytes)...)
	j.buf = b
	return b, names, nil
}

// seal fills in the head of a record.
func seal(b []byte, sequence uint64) {
	binary.LittleEndian.PutUint32(b, journalMagic)
	binary.LittleEndian.PutUint64(b[8:], sequence)
	binary.LittleEndian.PutUint64(b[16:], uint64(len(b)-headBytes))
	binary.LittleEndian.PutUint32(b[4:], crc32.Checksum(b[8:], castagnoli))
}

// create makes the file, of zeros that are on the disk: to write over them changes nothing that the
// file system keeps about it.
func (j *journal) create() (err error) {
	if j.file, err = os.OpenFile(j.path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600); err != nil {
		return err
	}
	zeros := make([]byte, 64<<10)
	for at := 0; at < j.room && err == nil; at += len(zeros) {
		_, err = j.file.Write(zeros)
	}
	if err == nil {
		err = j.disk.Sync(j.file)
	}
	if err == nil {
		err = blob.SyncDir(j.disk, filepath.Dir(j.path))
	}
	return err
}

// begin is called when a checkpoint is a file, and names blobs: what the journal holds is older.
func (j *journal) begin(names []method.Blob) {
	j.based, j.at, j.open = true, 0, nil
	clear(j.has)
	for _, n := range names {
		j.has[n] = true
	}
}

// end removes the file: all that it holds is in others.
func (j *journal) end() error {
	j.based, j.open = false, nil
	if j.file == nil {
		return nil
	}
	f := j.file
	j.file = nil
	return errors.Join(f.Close(), os.Remove(j.path))
}
