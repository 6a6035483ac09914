package results_test

import (
	"errors"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

// drive is a disk that remembers what is on it for good: of each file what it held when it was synced
// last, of each folder the names at that time. What was written since is lost when the power fails, or
// some of it is not.
type drive struct {
	t    *testing.T
	root string
	rand *rand.Rand

	mu      sync.Mutex
	files   []*platter                     // each is held open, so that no other comes to be the same
	names   map[string]map[string]*platter // by folder
	images  []image
	counts  int // the round whose checkpoint counts; -1: none does
	every   int // of so many moments one is looked at
	moment  int
	records int // whose bytes were synced
}

// image is a folder as the power may leave it.
type image struct {
	dir    string
	counts int
}

// platter is a file, whatever it is called.
type platter struct {
	file    *os.File
	info    os.FileInfo
	content []byte // on the disk
}

func newDrive(t *testing.T, root string, every int) *drive {
	d := &drive{t: t, root: root, every: every, counts: -1, rand: rand.New(rand.NewPCG(1, 2)), names: map[string]map[string]*platter{}}
	t.Cleanup(func() {
		for _, p := range d.files {
			_ = p.file.Close()
		}
	})
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error { // what is there at first is there for good
		if err != nil || !e.IsDir() {
			return err
		}
		d.names[path] = d.listed(path)
		for _, p := range d.names[path] {
			if p != nil {
				p.content = d.now(p)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Sync is a moment before which nothing of a file is safe, and after which all is.
func (d *drive) Sync(f *os.File) error { return d.sync(f, true) }

// SyncBytes leaves the length as it is on the disk.
func (d *drive) SyncBytes(f *os.File) error { return d.sync(f, false) }

func (d *drive) sync(f *os.File, length bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	d.fails()
	if info.IsDir() {
		dir := filepath.Clean(f.Name())
		d.names[dir] = d.listed(dir)
	} else {
		p := d.of(f.Name())
		content := d.now(p)
		if !length {
			d.records++
		}
		if !length && len(content) != len(p.content) {
			d.t.Errorf("%s: its bytes are synced, and it is %d long and not %d", f.Name(), len(content), len(p.content))
		}
		p.content = content
	}
	d.fails()
	return nil
}

// of finds a file by what it is called now.
func (d *drive) of(path string) *platter {
	file, err := os.Open(path)
	if err != nil {
		d.t.Error(err)
		return &platter{}
	}
	info, err := file.Stat()
	if err != nil {
		d.t.Error(err)
	}
	for _, p := range d.files {
		if os.SameFile(p.info, info) {
			_ = file.Close()
			return p
		}
	}
	p := &platter{file: file, info: info}
	d.files = append(d.files, p)
	return p
}

// now is what a file holds in memory.
func (d *drive) now(p *platter) []byte {
	info, err := p.file.Stat()
	if err != nil {
		d.t.Error(err)
		return nil
	}
	content := make([]byte, info.Size())
	n, _ := p.file.ReadAt(content, 0) // it may be cut shorter meanwhile
	return content[:n]
}

// listed are the files that a folder has now.
func (d *drive) listed(dir string) map[string]*platter {
	all := map[string]*platter{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		d.t.Error(err)
	}
	for _, e := range entries {
		if e.IsDir() {
			all[e.Name()] = nil
			continue
		}
		path := filepath.Join(dir, e.Name())
		if _, err := os.Stat(path); err == nil { // else it got another name meanwhile
			all[e.Name()] = d.of(path)
		}
	}
	return all
}

// counted says that a checkpoint counts from now on.
func (d *drive) counted(round int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.counts = round
	d.fails()
}

// fails draws what the disk holds if the power fails now: the worst, and one in which some of what
// was on its way is there.
func (d *drive) fails() {
	if d.moment++; d.moment%d.every != 0 {
		return
	}
	d.image(func(p *platter) []byte { return p.content }, func(string) bool { return false })
	live := map[string]bool{}
	d.image(func(p *platter) []byte { return d.torn(p.content, d.now(p)) }, func(dir string) bool {
		if _, drawn := live[dir]; !drawn {
			live[dir] = d.rand.IntN(2) == 0
		}
		return live[dir]
	})
}

// torn is a content of which parts are those that were written, and parts those of before: nothing
// where the file was shorter.
func (d *drive) torn(was, is []byte) []byte {
	const part = 512
	out := make([]byte, len(was))
	if d.rand.IntN(2) == 0 { // the new length came first
		out = make([]byte, len(is))
	}
	copy(out, was)
	for at := 0; at < len(out); at += part {
		if d.rand.IntN(3) > 0 && at < len(is) {
			copy(out[at:min(at+part, len(out))], is[at:])
		}
	}
	return out
}

// image lays a folder out as the disk has it.
func (d *drive) image(content func(*platter) []byte, live func(dir string) bool) {
	to := d.t.TempDir()
	var lay func(dir string)
	lay = func(dir string) {
		names := d.names[dir]
		if live(dir) {
			names = d.listed(dir)
		}
		rel, _ := filepath.Rel(d.root, dir)
		err := os.MkdirAll(filepath.Join(to, rel), 0o700)
		for _, name := range slices.Sorted(maps.Keys(names)) {
			if p := names[name]; p == nil {
				lay(filepath.Join(dir, name))
			} else {
				err = errors.Join(err, os.WriteFile(filepath.Join(to, rel, name), content(p), 0o600))
			}
		}
		if err != nil {
			d.t.Error(err)
		}
	}
	lay(d.root)
	d.images = append(d.images, image{to, d.counts})
}
