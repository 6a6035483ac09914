package actors

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/world"
)

// mappings counts where this process maps a region.
func mappings(t *testing.T, r *region) (n int) {
	t.Helper()
	info, err := r.file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	inode := fmt.Sprint(info.Sys().(*syscall.Stat_t).Ino)
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(maps)) {
		if f := strings.Fields(line); len(f) > 5 && strings.Contains(f[5], "simrun-weights") && f[4] == inode {
			if n++; f[1] != "r--s" {
				t.Errorf("a region is mapped as %s; it must be shared and read only", f[1])
			}
		}
	}
	return n
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
	var all sync.Once
	together := 0
	wait := func(method.ID, string, int) { // who works first waits for the other to have come
		all.Do(func() {
			for began := time.Now(); together < 3 && time.Since(began) < 20*time.Second; time.Sleep(5 * time.Millisecond) {
				together = mappings(t, r)
			}
		})
	}
	t.Run("run", func(t *testing.T) {
		hands(t, crew.Address(), 2, func(o *WorkOptions) { o.faults.sabotage = wait })
		if err := crew.Run(limited(t), x); err != nil {
			t.Fatal(err)
		}
	})
	if lines.String() != reference(t, "12") {
		t.Error("the ledger is another than that of workers with a copy each")
	}
	if left := mappings(t, r); together != 3 || left != 1 {
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
	file, pipe := filepath.Join(dir, "file"), filepath.Join(dir, "pipe")
	if err := os.WriteFile(file, make([]byte, 5000), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, n := range map[string]int{r.path(): 5001, file: 5000, pipe: 5000, filepath.Join(dir, "none"): 5000} {
		if _, err := openRegion(path, n); err == nil {
			t.Errorf("%s was taken for a region of %d bytes", path, n)
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
	for what, c := range map[string]common{
		"other numbers": {b.Blob, torn.path(), n},
		"bytes here":    {b.Blob, torn.path(), n + 64},
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
