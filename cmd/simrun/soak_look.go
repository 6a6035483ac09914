package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/loramesh/loramesh/actors"
	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/plugins/blob"
)

// What a soak looks at, with how much more than before is noise: a share, and a number. The
// store's long-lived segment grows to its full size before it is written anew without what
// has died, and each process maps it: so far, bytes on disk and in memory go up and down.
const (
	residentBytes = iota
	goroutines
	openFiles
	blobBytes
	measures
)

var noise = [measures]struct {
	name  string
	share float64
	more  float64
}{
	residentBytes: {"resident bytes", 0.05, 3 * blob.SegmentBytes},
	goroutines:    {"goroutines", 0, 8},
	openFiles:     {"open files", 0, 6},
	blobBytes:     {"bytes of blobs", 0.25, blob.SegmentBytes},
}

// sighting is how all processes of a run are at one moment.
type sighting struct {
	at   time.Duration
	done int // leases so far
	of   [measures]float64
}

// lookout looks at a run and its children from outside.
type lookout struct {
	pid      int
	dir      string // its temporary files
	conn     *mesh.Conn
	patience actors.Patience // with the broker
}

func (w *lookout) close() {
	if w.conn != nil {
		w.conn.Close()
	}
}

// look looks once. Until the run answers on its mesh, only the system is asked.
func (w *lookout) look(ctx context.Context) (g sighting, err error) {
	for _, pid := range append([]int{w.pid}, slices.Concat(childrenOf(w.pid, "worker"), childrenOf(w.pid, "plugin"))...) {
		proc := filepath.Join("/proc", strconv.Itoa(pid))
		if text, err := os.ReadFile(filepath.Join(proc, "statm")); err == nil { // it may just have ended
			if fields := strings.Fields(string(text)); len(fields) > 1 {
				pages, _ := strconv.ParseFloat(fields[1], 64) // the kernel wrote it
				g.of[residentBytes] += pages * float64(os.Getpagesize())
			}
		}
		if files, err := os.ReadDir(filepath.Join(proc, "fd")); err == nil {
			g.of[openFiles] += float64(len(files))
		}
	}
	g.of[blobBytes] = w.blobs()
	if w.conn == nil && !w.connect() {
		return g, nil
	}
	seen, err := look(ctx, w.conn, "", sight{})
	if away := w.patience.Look(w.conn.Away()); away != nil {
		return g, away
	}
	if err == nil && len(seen.Runs) == 0 || errors.Is(err, mesh.ErrLost) {
		return g, errUnseen
	}
	for _, r := range seen.Runs {
		g.done, g.of[goroutines] = r.Done, g.of[goroutines]+float64(r.Routines)
	}
	return g, err
}

// errUnseen is the error of a look that nobody answered.
var errUnseen = errors.New("the run did not answer")

// blobs adds up the segments that lie on disk.
func (w *lookout) blobs() (bytes float64) {
	_ = filepath.WalkDir(w.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.Contains(path, "blobs") {
			return nil // what goes while it is looked at is gone
		}
		if info, err := d.Info(); err == nil {
			bytes += float64(info.Size())
		}
		return nil
	})
	return bytes
}

// connect finds the run's mesh by what it announces in its own cache.
func (w *lookout) connect() bool {
	all, err := aliveIn(filepath.Join(w.dir, "cache", "live"))
	if err != nil || len(all) == 0 {
		return false
	}
	a, err := all[0].address()
	if err != nil {
		return false
	}
	w.conn, err = mesh.Dial(a, "visitor", nil)
	return err == nil
}

// judged compares the second quarter of the looks with the last: the first is the time in
// which caches fill.
func judged(looks []sighting) (s soaked) {
	n := len(looks)
	second, last := looks[n/4:n/2], looks[n-n/4:]
	first, end := looks[n/4], looks[n-1]
	s = soaked{SpanSec: end.at.Seconds(), Rate: float64(end.done-first.done) / (end.at - first.at).Seconds(), CPU: cpuName()}
	for i, x := range noise {
		m := measure{Name: x.name, Second: medianOf(second, i), Last: medianOf(last, i)}
		m.Grew = m.Last > m.Second+float64(x.share*m.Second)+x.more
		s.Measures = append(s.Measures, m)
	}
	return s
}

func medianOf(looks []sighting, what int) float64 {
	values := make([]float64, len(looks))
	for i, g := range looks {
		values[i] = g.of[what]
	}
	slices.Sort(values)
	return values[len(values)/2]
}
