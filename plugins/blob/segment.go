package blob

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/loramesh/loramesh/plugins/method"
)

// A segment is two files: <generation>-<number>.seg holds the blobs, each at a multiple
// of [align] with zeros between; <generation>-<number>.idx has a line
//
//	<SHA-256 in hex> <offset> <length>\n
//
// for each, written when the bytes are to be on the disk: most segments end before. So a process
// that is killed leaves at most bytes that no line names, or a last line without its end: both are
// as if never written. What a line does name must be there, or the segment was damaged.
type segment struct {
	generation int
	path       string   // of the .seg file
	end        int64    // where the next blob would begin, before alignment
	capacity   int64    // as far as the view reaches
	data       *os.File // nil once the segment is full, or was there when the store was opened
	busy       bool     // something is on its way into it: a blob, or a batch
	ending     bool     // it is shut when that is in
	lost       bool     // what is on its way goes elsewhere: the files went
	lent       bool     // other processes may look at it for as long as they like
	view       view
	number     uint32  // in the atlas
	known      []known // of those written into it, wherever they are by now
	listed     int     // of them, the first ones: the index has a line of each, or need not
	lines      int64   // bytes of the index that are whole lines; 0: there is no index
	entered    bool    // the folder that names its files is on the disk
}

const (
	// SegmentBytes is the size at which a segment is full. A larger blob has a
	// segment of its own.
	SegmentBytes = 32 << 20
	// align is where a blob may begin: a cache line, and more than any tensor needs.
	align = 64
)

// knows notes a blob that was written into the segment, and says at which place of the list.
func (s *segment) knows(b method.Hash, offset, length int64, put int) int {
	s.known = append(s.known, known{hash: b, length: length, unit: uint32(offset / align), put: uint32(put)})
	return len(s.known) - 1
}

func up(n int64) int64 { return (n + align - 1) &^ (align - 1) }

// newSegment is one with room for at least n bytes, before it has files.
func newSegment(dir string, generation, number int, n int64) *segment {
	return &segment{
		generation: generation,
		path:       filepath.Join(dir, fmt.Sprintf("%06d-%06d.seg", generation, number)),
		capacity:   max(SegmentBytes, n),
	}
}

// create makes the file of a new segment.
func (s *segment) create() (err error) {
	if s.data, err = os.OpenFile(s.path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
		return err
	}
	if s.view, err = openView(s.data, s.capacity); err != nil {
		_ = errors.Join(s.data.Close(), os.Remove(s.path)) // the mapping's error says more
	}
	return err
}

// fits says whether n more bytes go in.
func (s *segment) fits(n int64) bool { return s.data != nil && !s.ending && up(s.end)+n <= s.capacity }

// reserve makes room for n bytes, and says where. Whoever has it writes there, and then lets go.
func (s *segment) reserve(n int64) (at int64) {
	at = up(s.end)
	s.end = at + n
	s.busy = true
	return at
}

// write puts bytes into a place that is reserved. A full disk is an error here, and never a
// fault on reading, because nothing is written through the mapping.
func write(f *os.File, content []byte, at int64) error {
	if _, err := f.WriteAt(content, at); err != nil {
		return fmt.Errorf("blob: %d bytes not written: %w", len(content), err)
	}
	return nil
}

// letGo ends what reserve began.
func (s *segment) letGo() error {
	if s.busy = false; s.ending {
		return s.shut()
	}
	return nil
}

// bytes is a view of a blob, or a copy where files are not mapped.
func (s *segment) bytes(p place) ([]byte, error) {
	if p.length == 0 {
		return []byte{}, nil
	}
	return s.view.bytes(p.offset(), p.length)
}

// shut ends writing. What was written goes to the disk when the system likes, or when it is
// settled: most segments end before either. The view stays, and takes memory again where somebody
// looks.
func (s *segment) shut() error {
	if s.data == nil {
		return nil
	}
	if s.ending = true; s.busy {
		return nil // whoever writes does it
	}
	err := errors.Join(s.data.Close(), s.view.rest())
	s.data = nil
	return err
}

// remove deletes the files, the index first: a segment without an index is nothing.
func (s *segment) remove() error {
	if s.lines > 0 {
		if err := os.Remove(s.indexPath()); err != nil {
			return err
		}
	}
	return os.Remove(s.path)
}
