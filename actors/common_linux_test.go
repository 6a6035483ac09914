package actors

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/world"
)

// mappings counts where this process maps a region.
func mappings(r *region) (n int, err error) {
	info, err := r.file.Stat()
	if err != nil {
		return 0, err
	}
	inode := fmt.Sprint(info.Sys().(*syscall.Stat_t).Ino)
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(maps)) {
		if f := strings.Fields(line); len(f) > 5 && strings.Contains(f[5], "simrun-weights") && f[4] == inode {
			if n++; f[1] != "r--s" {
				return n, fmt.Errorf("a region is mapped as %s; it must be shared and read only", f[1])
			}
		}
	}
	return n, nil
}

// The coordinator and its two workers have the base in the same pages of memory, and write the
// ledger that they write with a copy each. What the workers mapped goes with them.
func TestWorkersShareTheWeights(t *testing.T) {
	s, a := stock(), world.NewAssets(noFiles{}, memory, nil)
	a.Sharing(s.Sharing(slog.New(slog.DiscardHandler)))
	crew, err := Open(Options{Listen: true, Spool: filepath.Join(t.TempDir(), "spool"), Stock: s})
	if err != nil {
		t.Fatal(err)
	}
	defer crew.Close()
	x, lines := setupOf(t, a, "12")
	r := s.regions[x.World.Bases[0].Blob]
	if r == nil {
		t.Fatal("the base lies in no region")
	}
	ctx := limited(t)
	var all sync.Once
	together := 0
	var failed error
	wait := func(method.ID, string, int) { // who works first waits for the other to have come
		all.Do(func() {
			for ; together < 3 && failed == nil && ctx.Err() == nil; time.Sleep(5 * time.Millisecond) {
				together, failed = mappings(r)
			}
		})
	}
	t.Run("run", func(t *testing.T) {
		hands(t, crew.Address(), 2, func(o *WorkOptions) { o.faults.sabotage = wait })
		if err := crew.Run(ctx, x); err != nil {
			t.Fatal(err)
		}
	})
	if lines.String() != reference(t, "12") {
		t.Error("the ledger is another than that of workers with a copy each")
	}
	left, err := mappings(r)
	if err := errors.Join(failed, err); err != nil {
		t.Error(err)
	}
	if together != 3 || left != 1 {
		t.Errorf("the region was mapped %d times, and %d times when the workers had gone; 3 and 1 were expected", together, left)
	}
}

// A region stays as it is, for its maker too, and what is none is refused: by its size, by its
// seals, and without a wait for a pipe.
func TestRegions(t *testing.T) {
	r, err := newRegion(5000, func(room []byte) { copy(room[4990:], "whole") })
	if err != nil {
		t.Fatal(err)
	}
	defer r.close() //nolint:errcheck // at the end of the test
	other, err := openRegion(r.path(), 5000)
	if err != nil {
		t.Fatal(err)
	}
	if string(other.bytes[4990:4995]) != "whole" || len(other.bytes) != 5000 {
		t.Error("another who maps it finds other bytes")
	}
	if err := other.close(); err != nil {
		t.Error(err)
	}
	if n, err := r.file.WriteAt([]byte("x"), 0); err == nil {
		t.Errorf("%d bytes were written into a region that is whole", n)
	}
	for _, size := range []int64{0, 4096, 9000} {
		if err := r.file.Truncate(size); err == nil {
			t.Errorf("a region that is whole was made %d bytes long", size)
		}
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), make([]byte, 5000), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"file", "pipe"} {
		f, err := os.OpenFile(filepath.Join(dir, name), os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close() //nolint:errcheck // at the end of the test
		if _, err := openRegion(pathOf(f), 5000); err == nil {
			t.Errorf("a %s was taken for a region", name)
		}
	}
	if _, err := openRegion(r.path(), 5001); err == nil {
		t.Error("a region of 5000 bytes was taken for one of 5001")
	}
	for _, path := range []string{filepath.Join(dir, "file"), filepath.Join(dir, "none"), "", "/proc/self/mem", r.path() + "/", "/proc/1/../fd/3"} {
		if _, err := openRegion(path, 5000); err == nil || !strings.Contains(err.Error(), "/proc/N/fd/M") {
			t.Errorf("%q: %v; it is no place of a region", path, err)
		}
	}
}

// A worker that finds other numbers, another size or nothing at all holds its own base, and
// says so.
func TestRegionsOfOtherNumbers(t *testing.T) {
	x, _ := setup(t, "3")
	b := x.World.Bases[0]
	n := b.Model.Room()
	torn, err := newRegion(n, func(room []byte) {
		b.Model.Place(room)
		room[n/3] ^= 1
	})
	if err != nil {
		t.Fatal(err)
	}
	defer torn.close() //nolint:errcheck // at the end of the test
	small, err := newRegion(64, func([]byte) {})
	if err != nil {
		t.Fatal(err)
	}
	defer small.close() //nolint:errcheck // at the end of the test
	for what, c := range map[string]common{
		"other numbers": {b.Blob, torn.path(), n},
		"bytes here":    {b.Blob, small.path(), 64},
		"has sealed":    {b.Blob, torn.path(), n + 64},
		"was expected":  {b.Blob, "/dev/zero", n},
		"no such file":  {b.Blob, fmt.Sprintf("/proc/%d/fd/9999", os.Getpid()), n},
	} {
		var said bytes.Buffer
		l := larder{}
		if got := l.sharing([]common{c}, slog.New(slog.NewTextHandler(&said, nil)))(b); got != b {
			t.Errorf("%s: the base lies elsewhere", what)
		}
		if !strings.Contains(said.String(), what) || len(l.regions) != 0 {
			t.Errorf("%s: %d regions are held, and it says %q", what, len(l.regions), said.String())
		}
	}
}

// Who goes over to a region gives its own weights back at once: no collection but that one comes.
func TestWeightsAreGivenBack(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	x, _ := setup(t, "3")
	c := x.World.Bases[0].Model.Config()
	c.Inner = muchBytes / 16 / c.Width / c.Layers // two maps or more, each of four bytes a weight for either way
	log, s, l := slog.New(slog.DiscardHandler), stock(), larder{}
	defer func() { _ = l.close() }()
	here := func(share func(*base.Base) *base.Base) *base.Base {
		gone := make(chan struct{})
		own := share(wide(t, c, gone))
		select {
		case <-gone:
		case <-limited(t).Done():
			t.Error("the base that was handed over is still held")
		}
		return own
	}
	own := here(s.Sharing(log))
	r := s.regions[own.Blob]
	if r == nil || len(r.bytes) < muchBytes {
		t.Fatal("the base lies in no region, or is too small to be given back")
	}
	there := here(l.sharing([]common{{own.Blob, r.path(), len(r.bytes)}}, log))
	if len(l.regions) != 1 {
		t.Error("the worker went over to no region")
	}
	runtime.KeepAlive(own)
	runtime.KeepAlive(there)
}

// wide is a base of its own; gone is closed when nobody holds its weights any more.
//
//go:noinline
func wide(t *testing.T, c nn.Config, gone chan struct{}) *base.Base {
	t.Helper()
	m, err := nn.New(c, 0.02, rng.New(1).Stream())
	if err != nil {
		t.Fatal(err)
	}
	runtime.AddCleanup(m, func(c chan struct{}) { close(c) }, gone)
	return &base.Base{Name: "wide", Model: m, Blob: "w"}
}

// A base that is loaded twice, under another name, lies in one region; one that says it has the
// same content, and has not, in none.
func TestOneRegionForOneContent(t *testing.T) {
	x, _ := setup(t, "3")
	b := x.World.Bases[0]
	var said bytes.Buffer
	s := stock()
	share := s.Sharing(slog.New(slog.NewTextHandler(&said, nil)))
	first := share(b)
	r := s.regions[b.Blob]
	if first == b || r == nil {
		t.Fatal("the base lies in no region")
	}
	again := *b
	again.Name = "again"
	if second := share(&again); second == &again || second.Name != "again" || s.regions[b.Blob] != r || said.Len() > 0 {
		t.Errorf("another of its content lies elsewhere: %s", said.String())
	}
	c := b.Model.Config()
	for what, inner := range map[string]int{"other numbers": c.Inner, "bytes here": c.Inner + 64} {
		c.Inner = inner
		other := wide(t, c, make(chan struct{}))
		other.Blob = b.Blob
		if got := share(other); got != other || s.regions[b.Blob] != r || !strings.Contains(said.String(), what) {
			t.Errorf("%s: the base lies elsewhere, and it says %q", what, said.String())
		}
	}
}
