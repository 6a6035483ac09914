package blob

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/loramesh/loramesh/plugins/method"
)

// A segment is two files: <generation>-<number>.seg holds the blobs, each at a multiple
// of [align] with zeros between; <generation>-<number>.idx has a line
//
//	<SHA-256 in hex> <offset> <length>\n
//
// for each, written after the bytes are. So a process that is killed leaves at most
// bytes that no line names, or a last line without its end: both are as if never written.
// What a line does name must be there, or the segment was damaged.
type segment struct {
	generation int
	path       string   // of the .seg file
	end        int64    // where the next blob would begin, before alignment
	capacity   int64    // as far as the view reaches
	data       *os.File // both nil once the segment is full, or was there when the store was opened
	index      *os.File
	unsynced   bool // something was written that may not be on the disk
	listed     bool // the folder that names its files is on the disk
	named      int  // lines written to the index, in this process
	busy       bool // something is on its way into it: a blob, or a batch
	ending     bool // it is shut when that is in
	lost       bool // what is on its way goes elsewhere: the files went, or the index is damaged
	view       view
	names      []method.Hash // of those written into it, wherever they are by now
}

const (
	// SegmentBytes is the size at which a segment is full. A larger blob has a
	// segment of its own.
	SegmentBytes = 32 << 20
	// align is where a blob may begin: a cache line, and more than any tensor needs.
	align = 64
)

// place is where a blob lies. There may be tens of thousands.
type place struct {
	seg    *segment
	length int64
	unit   uint32 // of align, at which it begins
	put    uint32 // the generation in which it was put last, in this process
}

// offset is where it begins, in bytes.
func (p place) offset() int64 { return int64(p.unit) * align }

// placeAt is the place of a blob in a segment.
func (s *segment) placeAt(offset, length int64, put int) place {
	return place{seg: s, length: length, unit: uint32(offset / align), put: uint32(put)}
}

func up(n int64) int64 { return (n + align - 1) &^ (align - 1) }

// createSegment begins a segment with room for at least n bytes.
func createSegment(dir string, generation, number int, n int64) (*segment, error) {
	s := &segment{
		generation: generation,
		path:       filepath.Join(dir, fmt.Sprintf("%06d-%06d.seg", generation, number)),
		capacity:   max(SegmentBytes, n),
	}
	var err error
	if s.data, err = os.OpenFile(s.path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
		return nil, err
	}
	if s.index, err = os.OpenFile(s.indexPath(), os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o600); err != nil {
		_ = s.data.Close() // nothing was written
		return nil, err
	}
	if s.view, err = openView(s.data, s.capacity); err != nil {
		_ = s.shut() // the mapping's error says more
		return nil, err
	}
	return s, nil
}

// openSegment reads the index of a segment that is there, and gives each blob to add.
func openSegment(indexPath string, generation int, add func(method.Hash, place)) (*segment, error) {
	s := &segment{generation: generation, path: strings.TrimSuffix(indexPath, ".idx") + ".seg"}
	lines, err := os.Open(indexPath)
	if err != nil {
		return nil, err
	}
	defer lines.Close()
	data, err := os.Open(s.path)
	if err != nil {
		return nil, fmt.Errorf("blob: index without its segment: %w", err)
	}
	defer data.Close()
	info, err := data.Stat()
	if err != nil {
		return nil, err
	}
	s.capacity = info.Size()
	for in, n := bufio.NewReader(lines), 1; ; n++ {
		line, err := in.ReadString('\n')
		if err == io.EOF {
			break // what stands here has no end: it was never written
		}
		if err != nil {
			return nil, err
		}
		b, at, length, err := parseLine(line)
		if err != nil {
			return nil, fmt.Errorf("blob: %s:%d: %w", indexPath, n, err)
		}
		if at+length > s.capacity {
			return nil, fmt.Errorf("blob: %s has %d bytes, and its index names blob %s at %d to %d: the file was cut short",
				s.path, s.capacity, b.Blob(), at, at+length)
		}
		s.end = max(s.end, at+length)
		s.names = append(s.names, b)
		add(b, s.placeAt(at, length, 0))
	}
	s.view, err = openView(data, s.capacity)
	return s, err
}

func parseLine(line string) (b method.Hash, at, length int64, err error) {
	f := strings.Fields(line)
	ok := len(f) == 3
	if ok {
		b, ok = method.Blob(f[0]).Hash()
	}
	if !ok {
		return b, 0, 0, fmt.Errorf("%q is not a hash, an offset and a length", strings.TrimSpace(line))
	}
	at, err1 := strconv.ParseInt(f[1], 10, 64)
	length, err2 := strconv.ParseInt(f[2], 10, 64)
	if err1 != nil || err2 != nil || at < 0 || length < 0 || at%align != 0 || at/align > math.MaxUint32 || at+length < at {
		return b, 0, 0, fmt.Errorf("%s %s is no offset and length", f[1], f[2])
	}
	return b, at, length, nil
}

func (s *segment) indexPath() string { return strings.TrimSuffix(s.path, ".seg") + ".idx" }

// fits says whether n more bytes go in.
func (s *segment) fits(n int64) bool { return s.data != nil && !s.ending && up(s.end)+n <= s.capacity }

// reserve makes room for n bytes, and says where. Whoever has it writes there and then
// commits, or lets go.
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

// commit names blobs whose bytes are written: the first of content lies at an offset.
func (s *segment) commit(at int64, all []batched) error {
	lines := make([]byte, 0, 96*len(all))
	for _, x := range all {
		lines = append(hex.AppendEncode(lines, x.hash[:]), ' ')
		lines = strconv.AppendInt(lines, at+int64(x.from), 10)
		lines = append(strconv.AppendInt(append(lines, ' '), int64(x.to-x.from), 10), '\n')
	}
	if n, err := s.index.Write(lines); err != nil {
		if n > 0 { // half a line: later lines would be read as its end
			s.ending, s.lost = true, true
		}
		return fmt.Errorf("blob: index not written: %w", err)
	}
	s.unsynced = true
	s.named += len(all)
	for _, x := range all {
		s.names = append(s.names, x.hash)
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

// sync puts what was written on the disk: bytes first, then the lines that name them.
func (s *segment) sync() error {
	if !s.unsynced {
		return nil
	}
	if err := syncFiles(s.path, s.indexPath()); err != nil {
		return err
	}
	s.unsynced = false
	return nil
}

// shut ends writing. What was written goes to the disk when the system likes, or with the
// next sync: most segments are removed before either. The view stays, and takes memory again
// where somebody looks.
func (s *segment) shut() error {
	if s.data == nil {
		return nil
	}
	if s.ending = true; s.busy {
		return nil // whoever writes does it
	}
	err := errors.Join(s.data.Close(), s.view.rest())
	if s.index != nil { // else it could not be opened
		err = errors.Join(err, s.index.Close())
	}
	s.data, s.index = nil, nil
	return err
}

// seal ends writing, with everything on the disk.
func (s *segment) seal() error { return errors.Join(s.sync(), s.shut()) }

// remove deletes the files, the index first: a segment without an index is nothing.
func (s *segment) remove() error {
	if err := os.Remove(s.indexPath()); err != nil {
		return err
	}
	return os.Remove(s.path)
}

// parseName reads generation and number from the base name of an index.
func parseName(name string) (generation, number int, ok bool) {
	g, n, found := bytes.Cut([]byte(strings.TrimSuffix(name, ".idx")), []byte("-"))
	generation, err1 := strconv.Atoi(string(g))
	number, err2 := strconv.Atoi(string(n))
	return generation, number, found && err1 == nil && err2 == nil
}
