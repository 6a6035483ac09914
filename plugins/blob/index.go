package blob

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/loramesh/loramesh/plugins/method"
)

// errGone is of a segment that was removed by its store, which removes its index first.
var errGone = errors.New("blob: a segment went while it was looked at")

// orGone is an error of a file that is not there, unless the index is not there either.
func orGone(indexPath string, err error) error {
	if _, failed := os.Lstat(indexPath); errors.Is(err, os.ErrNotExist) && errors.Is(failed, os.ErrNotExist) {
		return errGone
	}
	return err
}

// openSegment reads the index of a segment that is there.
func openSegment(indexPath string, generation int) (*segment, error) {
	s := &segment{generation: generation, path: strings.TrimSuffix(indexPath, ".idx") + ".seg"}
	lines, err := os.Open(indexPath)
	if err != nil {
		return nil, orGone(indexPath, err)
	}
	defer lines.Close()
	data, err := os.Open(s.path)
	if err != nil {
		return nil, orGone(indexPath, fmt.Errorf("blob: index without its segment: %w", err))
	}
	defer data.Close()
	in := bufio.NewReader(lines)
	for n := 1; ; n++ {
		line, err := in.ReadString('\n')
		if err == io.EOF || strings.IndexByte(line, 0) >= 0 {
			break // what stands here has no end, or zeros, as a power failure leaves them: it was never written
		}
		if err != nil {
			return nil, err
		}
		b, at, length, err := parseLine(line)
		if err != nil {
			return nil, fmt.Errorf("blob: %s:%d: %w", indexPath, n, err)
		}
		s.end = max(s.end, at+length)
		s.lines += int64(len(line))
		s.knows(b, at, length, 0)
	}
	info, err := data.Stat() // of what lines name, bytes were there before
	if err != nil {
		return nil, err
	}
	if s.capacity = info.Size(); s.end > s.capacity {
		return nil, fmt.Errorf("blob: %s has %d bytes, and its index names blobs to %d: the file was cut short", s.path, s.capacity, s.end)
	}
	s.listed = len(s.known)
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

// unlisted are the lines of what was written into a segment and has no line yet. A blob that lies
// elsewhere by now needs none. Under the lock.
func (s *Store) unlisted(seg *segment) listing {
	l := listing{seg: seg, at: seg.lines, upTo: len(seg.known)}
	for i := seg.listed; i < len(seg.known); i++ {
		if k := &seg.known[i]; s.atlas.lies(seg, i) {
			l.text = append(hex.AppendEncode(l.text, k.hash[:]), ' ')
			l.text = append(strconv.AppendInt(l.text, k.offset(), 10), ' ')
			l.text = append(strconv.AppendInt(l.text, k.length, 10), '\n')
		}
	}
	return l
}

// listing is what is to be put on the disk of a segment: the bytes of its blobs, and lines.
type listing struct {
	seg  *segment
	text []byte
	at   int64 // in the index
	upTo int   // so many of its names have lines then
}

// needed says whether anything is not on the disk.
func (l listing) needed() bool { return len(l.text) > 0 }

// write puts it on the disk: bytes first, then the lines that name them. It needs no lock.
func (l listing) write(disk Disk) error {
	data, err := os.OpenFile(l.seg.path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(disk.Sync(data), data.Close()); err != nil {
		return err
	}
	index, err := os.OpenFile(l.seg.indexPath(), os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	_, err = index.WriteAt(l.text, l.at)
	if err == nil { // a try that failed may have written more
		err = index.Truncate(l.at + int64(len(l.text)))
	}
	if err == nil {
		err = disk.Sync(index)
	}
	if err = errors.Join(err, index.Close()); err == nil {
		return nil
	}
	if l.at == 0 { // an index without a line is one that a segment does not know of when it goes
		err = errors.Join(err, os.Remove(l.seg.indexPath()))
	}
	return fmt.Errorf("blob: index not written: %w", err)
}

// done notes that it is on the disk. Under the lock.
func (l listing) done() {
	l.seg.listed, l.seg.lines, l.seg.entered = l.upTo, l.at+int64(len(l.text)), true
}

// land puts listings on the disk, with the names of their files: that of a segment before the index
// that tells of it, since an index without its segment is damage. It needs no lock.
func (s *Store) land(todo []listing) error {
	entered := !slices.ContainsFunc(todo, func(l listing) bool { return !l.seg.entered })
	if !entered {
		if err := SyncDir(s.disk, s.dir); err != nil {
			return err
		}
	}
	written := false
	for _, l := range todo {
		if !l.needed() {
			continue
		}
		written = true
		if err := l.write(s.disk); err != nil {
			return err
		}
	}
	if entered || !written {
		return nil
	}
	return SyncDir(s.disk, s.dir)
}

// parseName reads generation and number from the name of a segment's file, without what it ends in.
func parseName(base string) (generation, number int, ok bool) {
	g, n, found := strings.Cut(base, "-")
	generation, err1 := strconv.Atoi(g)
	number, err2 := strconv.Atoi(n)
	return generation, number, found && err1 == nil && err2 == nil
}
