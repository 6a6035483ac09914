package blob

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/plugins/method"
)

// ErrUnknown is the error, under errors.Is, for a blob that the store does not have.
var ErrUnknown = errors.New("no such blob")

// Store keeps blobs in a folder. It is safe for concurrent use by one process; two
// processes may read one folder, but only one may write.
type Store struct {
	dir  string
	disk Disk

	mu         sync.RWMutex
	atlas      atlas
	segments   []*segment         // those with files, in order of making
	writing    map[int][]*segment // by generation: where blobs go, each by one writer at a time
	numbers    map[int]int        // by generation: the last segment's number
	named      int                // blobs, ever, in this process
	generation int                // in which new blobs are written
	holds      holds              // of what was removed and is perhaps still looked at
	spares     []departed         // for segments that are to come
	left       []string           // paths of what a process before this one has left over
	rescued    bool               // what was moved out of a segment that ends is not on the disk
	closed     bool
	looked     atomic.Int64 // bytes that were looked at since full segments rested
}

// restBytes may be looked at before the memory of segments is given back, here and by a
// [Reader]: who goes over what ten thousand participants made needs no more of it than who
// goes over what ten did.
const restBytes = SegmentBytes

var _ method.Blobs = (*Store)(nil)

// Create makes an empty store. The folder may exist, but not hold one already.
func Create(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(files, isIndex) {
		return nil, fmt.Errorf("blob: %s holds a store already: open it, or take another folder", dir)
	}
	s := newStore(dir)
	s.leave(files)
	return s, nil
}

func newStore(dir string) *Store {
	return &Store{
		dir: dir, disk: system{}, writing: map[int][]*segment{},
		numbers: map[int]int{},
	}
}

// Open reads a store that is there. It checks that everything its indexes name is
// within the files ([Store.Verify] checks the bytes), and writes nothing until the first
// Put, which begins a new segment; so a finished run may lie on a read-only disk. The run whose store
// it is may be at work: what went while it was looked at is looked for anew.
func Open(dir string) (*Store, error) {
	for {
		if s, err := open(dir); !errors.Is(err, errGone) {
			return s, err
		}
	}
}

// open is Open, or errGone where a segment went meanwhile.
func open(dir string) (*Store, error) {
	files, err := os.ReadDir(dir) // in order of their names: generation 0 first
	if err != nil {
		return nil, err
	}
	s := newStore(dir)
	s.leave(files)
	for _, f := range files {
		generation, number, ok := parseName(strings.TrimSuffix(f.Name(), ".idx"))
		if !ok || !isIndex(f) {
			continue
		}
		seg, err := openSegment(filepath.Join(dir, f.Name()), generation)
		if err != nil {
			return nil, errors.Join(err, s.Close())
		}
		s.numbers[generation] = max(s.numbers[generation], number)
		if len(seg.known) == 0 { // the power failed before it had a line: both files are as if never written
			s.left = append(s.left, seg.path, seg.indexPath()) // of which the last goes first
			if err := seg.view.close(); err != nil {
				return nil, errors.Join(err, s.Close())
			}
			continue
		}
		s.atlas.enrol(seg)
		for i, k := range seg.known {
			if _, twice := s.atlas.find(k.hash); !twice {
				s.atlas.put(seg, i)
			}
		}
		s.segments = append(s.segments, seg)
		s.generation = max(s.generation, generation)
	}
	return s, nil
}

func isIndex(f os.DirEntry) bool { return filepath.Ext(f.Name()) == ".idx" }

// PutBytes stores bytes under their hash. What is known already is not written twice.
func (s *Store) PutBytes(content []byte) (method.Blob, error) {
	hash := method.Hash(sha256.Sum256(content))
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.again(hash) {
		return hash.Blob(), nil
	}
	if _, err := s.write(s.generation, hash, content, s.generation); err != nil {
		return "", err
	}
	s.named++
	return hash.Blob(), nil
}

// write appends to a segment of a generation, or to a new one, a blob that was put last in
// another. Under the lock.
func (s *Store) write(generation int, b method.Hash, content []byte, put int) (place, error) {
	seg, err := s.room(generation, int64(len(content)))
	if err != nil {
		return place{}, err
	}
	at := seg.reserve(int64(len(content)))
	if err = errors.Join(write(seg.data, content, at), seg.letGo()); err != nil {
		return place{}, err
	}
	i := seg.knows(b, at, int64(len(content)), put)
	s.atlas.put(seg, i)
	return place{seg, seg.known[i]}, nil
}

// room is a segment of a generation into which n more bytes go, and nobody writes: the system
// has who writes into a file wait for whoever else does. Those that are full are shut on the way.
// Under the lock.
func (s *Store) room(generation int, n int64) (*segment, error) {
	if s.closed {
		return nil, fmt.Errorf("blob: %s is closed", s.dir)
	}
	all := s.writing[generation]
	for i := 0; i < len(all); {
		switch seg := all[i]; {
		case seg.busy:
			i++
		case seg.fits(n):
			return seg, nil
		default:
			all = slices.Delete(all, i, i+1)
			s.writing[generation] = all
			if err := seg.shut(); err != nil {
				return nil, err
			}
		}
	}
	return s.begin(generation, n)
}

// begin opens a new segment.
func (s *Store) begin(generation int, n int64) (*segment, error) {
	s.numbers[generation]++
	seg := newSegment(s.dir, generation, s.numbers[generation], n)
	if err := s.give(seg); err != nil {
		return nil, err
	}
	s.writing[generation] = append(s.writing[generation], seg)
	s.segments = append(s.segments, seg)
	s.atlas.enrol(seg)
	return seg, nil
}

// Bytes is the content of a blob, read-only, aligned to 64: a view of the mapped file
// where the system maps files. A view of a blob of generation 0 is valid until Close.
// Any other is valid until its generation is retired, or longer: see [Store.Hold].
func (s *Store) Bytes(b method.Blob) ([]byte, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	p, err := s.find(b)
	if err != nil {
		return nil, err
	}
	if n := s.looked.Add(p.length); n >= restBytes && s.looked.CompareAndSwap(n, 0) {
		if err := s.rest(); err != nil {
			return nil, err
		}
	}
	return p.seg.bytes(p)
}

// rest gives the pages of full segments back. Views stay valid: the pages come again when
// they are looked at.
func (s *Store) rest() error {
	var errs []error
	for _, seg := range s.segments {
		if seg.data == nil {
			errs = append(errs, seg.view.rest())
		}
	}
	return errors.Join(errs...)
}

func (s *Store) find(b method.Blob) (place, error) {
	if s.closed {
		return place{}, fmt.Errorf("blob: %s is closed", s.dir)
	}
	p, ok := s.place(b)
	if !ok {
		return p, fmt.Errorf("blob: %w: %q", ErrUnknown, b)
	}
	return p, nil
}

// place is where a blob lies, if the store has it: what is no hash it has not. Under the lock.
func (s *Store) place(b method.Blob) (p place, ok bool) {
	hash, ok := b.Hash()
	if ok {
		p, ok = s.atlas.find(hash)
	}
	return p, ok
}

// Put stores tensors under the hash of their safetensors form.
func (s *Store) Put(t method.Tensors) (method.Blob, error) {
	content, err := safetensors.EncodeTensors(t)
	if err != nil {
		return "", err
	}
	return s.PutBytes(content)
}

// Open is [Store.Bytes] read as tensors, whose data are the same memory.
func (s *Store) Open(b method.Blob) (method.Tensors, error) {
	content, err := s.Bytes(b)
	if err != nil {
		return method.Tensors{}, err
	}
	t, err := safetensors.DecodeTensors(content)
	if err != nil {
		return t, fmt.Errorf("blob %s: %w", b, err)
	}
	return t, nil
}

// Has says whether the store has the blob.
func (s *Store) Has(b method.Blob) bool {
	_, ok := s.Size(b)
	return ok
}

// Again is [Store.Has] for whoever needs the blob from now on: one that is there counts as put now,
// without its bytes, so that a [Store.Retire] on its way leaves it.
func (s *Store) Again(b method.Blob) bool {
	hash, ok := b.Hash()
	s.mu.Lock()
	defer s.mu.Unlock()
	return ok && s.again(hash)
}

// Size is the blob's length in bytes, and whether the store has it.
func (s *Store) Size(b method.Blob) (int64, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	p, ok := s.place(b)
	return p.length, ok
}

// Handle says where a blob lies, for another process that maps the file.
type Handle struct {
	Segment string // path of the file
	Offset  int64  // a multiple of 64
	Length  int64
}

// Handle is valid as long as a view would be: a process that mapped the segment before
// its files went keeps it as long as a hold lasts that was taken here before they went. Then it
// may be written over.
func (s *Store) Handle(b method.Blob) (Handle, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.handle(b)
}

// Lend is Handle for a process of which nobody here knows when it has done: what it has mapped
// it keeps for as long as it likes.
func (s *Store) Lend(b method.Blob) (Handle, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h, err := s.handle(b)
	if err == nil {
		p, _ := s.place(b)
		p.seg.lent = true
	}
	return h, err
}

func (s *Store) handle(b method.Blob) (Handle, error) {
	p, err := s.find(b)
	if err != nil {
		return Handle{}, err
	}
	return Handle{Segment: p.seg.path, Offset: p.offset(), Length: p.length}, nil
}
