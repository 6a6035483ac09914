package results_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim"
	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/simtest"
)

// ended stands for the round of a checkpoint after the end.
const ended = 7

// Whenever the power fails, what the disk has then is a folder from which the trial goes on to the
// same hash, and from no earlier round than that whose checkpoint counted. It holds for files alone,
// for a journal, for one that is full after two rounds and begins again, and for one whose records
// grow too large.
func TestPowerFails(t *testing.T) {
	for name, c := range map[string]struct {
		keep       results.Keep
		room, most int
		records    int // of the journal
	}{
		"files":          {keep: results.Keep{Each: true}},
		"all":            {keep: results.Keep{Every: 1}},
		"journal":        {keep: results.Keep{Each: true}, room: 4 << 20, most: 1 << 20, records: 6},
		"begins again":   {keep: results.Keep{Each: true}, room: 32 << 10, most: 1 << 20, records: 4},
		"grow too large": {keep: results.Keep{Each: true}, room: 4 << 20, most: 9300, records: 3},
	} {
		t.Run(name, func(t *testing.T) {
			w := simtest.World(t, simtest.Trial(t, fmt.Sprint("method.0.rounds=", ended)), nil)
			f := create(t)
			every := 3 // odd, since moments come in pairs
			if testing.Short() {
				every = 7
			}
			d := newDrive(t, f.Dir, every)
			f.Disk = d
			k := open(t, f, c.keep)
			if c.keep.Each {
				k.keeping.Limit(c.room, c.most)
			}
			told := 0 // before each checkpoint and behind it
			err := k.play(t, w, func() {
				if told++; told%2 > 0 {
					return
				}
				if err := k.keeping.Wait(); err != nil {
					t.Fatal(err)
				}
				d.counted(told/2 - 1)
			})
			if err != nil {
				t.Fatal(err)
			}
			if d.counted(ended); d.records != c.records {
				t.Errorf("%d records, %d were expected", d.records, c.records)
			}
			want, from := k.book.Hash(), map[int]int{}
			for i, image := range d.images {
				at := fmt.Sprintf("image %d of %d", i, len(d.images))
				f, _, err := results.Reopen(image.dir)
				if err != nil {
					t.Fatalf("%s: %v", at, err)
				}
				again := open(t, f, c.keep)
				round := -1
				if c := again.from; c != nil && c.Machine.Ended {
					round = ended
				} else if c != nil {
					round = c.Machine.Round
				}
				if from[round]++; round < image.counts {
					t.Errorf("%s: it goes on from round %d, and that of %d counted", at, round, image.counts)
				}
				if round == ended {
					if again.from.Hash != want {
						t.Errorf("%s: it ended with hash %.8s, and %.8s undisturbed", at, again.from.Hash, want)
					}
				} else {
					if err := again.play(t, w, func() {}); err != nil || again.book.Hash() != want {
						t.Errorf("%s: %v; hash %.8s, and %.8s undisturbed", at, err, again.book.Hash(), want)
					}
				}
				if err := f.Release(); err != nil {
					t.Error(err)
				}
			}
			t.Log(len(d.images), "images; gone on from", from)
		})
	}
}

// full is a disk that fails at a record of the journal, and for good or not.
type full struct {
	blob.Disk
	records, at int
	forGood     bool
}

func (d *full) Sync(f *os.File) error {
	if d.forGood && d.records >= d.at {
		return &os.PathError{Op: "sync", Path: f.Name(), Err: syscall.ENOSPC}
	}
	return d.Disk.Sync(f)
}

func (d *full) SyncBytes(f *os.File) error {
	if d.records++; d.records == d.at || d.forGood && d.records > d.at {
		return &os.PathError{Op: "fdatasync", Path: f.Name(), Err: syscall.ENOSPC}
	}
	return d.Disk.SyncBytes(f)
}

// A record that cannot be written ends the trial with the disk's error. What counted before is a file
// when the disk has recovered by the end, and the journal's record else; the trial goes on from there.
func TestDiskFailsAtARecord(t *testing.T) {
	for name, forGood := range map[string]bool{"once": false, "for good": true} {
		t.Run(name, func(t *testing.T) {
			w := simtest.World(t, simtest.Trial(t, "method.0.rounds=6"), nil)
			undisturbed := open(t, create(t), results.Keep{})
			if err := undisturbed.play(t, w, func() {}); err != nil {
				t.Fatal(err)
			}
			f := create(t)
			f.Disk = &full{Disk: blob.System(), at: 3, forGood: forGood} // of rounds 1, 2 and 3
			k := open(t, f, results.Keep{Each: true})
			if err := k.play(t, w, func() {}); !errors.Is(err, syscall.ENOSPC) || k.keeper.Ended() != nil {
				t.Fatalf("the disk was full: %v", err)
			}
			if err := f.Release(); err != nil {
				t.Fatal(err)
			}
			journal := filepath.Join(f.Dir, "journal")
			if _, err := os.Stat(journal); forGood != (err == nil) {
				t.Errorf("the journal: %v", err)
			}
			f, _, err := results.Reopen(f.Dir)
			if err != nil {
				t.Fatal(err)
			}
			again := open(t, f, results.Keep{Each: true})
			if again.from == nil || again.from.Machine.Round < 2 {
				t.Fatalf("it goes on from %+v; round 2 was expected", again.from)
			}
			if err := again.play(t, w, func() {}); err != nil || again.book.Hash() != undisturbed.book.Hash() {
				t.Errorf("%v; hash %.8s, and %.8s undisturbed", err, again.book.Hash(), undisturbed.book.Hash())
			}
			if _, err := os.Stat(journal); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("after the end there is a journal: %v", err)
			}
		})
	}
}

// What is in a folder that is made on the way is there for good when it is written, with the folder's name: an
// adapter, and the checkpoint that a fork begins with.
func TestNamesOfFoldersReachTheDisk(t *testing.T) {
	f := create(t)
	d := newDrive(t, f.Dir, 1)
	f.Disk = d
	if err := errors.Join(f.WriteAdapter("000 flora", "adapter_model.safetensors", []byte("x")),
		f.Begin(0, ledger.Trial{Name: "kept"}, make([]ledger.Line, 1), results.Checkpoint{Lines: 1})); err != nil {
		t.Fatal(err)
	}
	d.image(func(p *platter) []byte { return p.content }, func(string) bool { return false })
	for _, name := range []string{"adapters/000-flora/adapter_model.safetensors", "ledger/000.jsonl", "checkpoints/000/000000.json"} {
		if b, err := os.ReadFile(filepath.Join(d.images[len(d.images)-1].dir, name)); err != nil || len(b) == 0 {
			t.Errorf("%d bytes after the power has failed, %v", len(b), err)
		}
	}
}

// deaf is a disk that fails at the ledgers.
type deaf struct {
	blob.Disk
	fails bool
}

func (d *deaf) Sync(f *os.File) error {
	if d.fails && filepath.Ext(f.Name()) == ".jsonl" {
		return &os.PathError{Op: "sync", Path: f.Name(), Err: syscall.EIO}
	}
	return d.Disk.Sync(f)
}

// A journal stays whose lines the ledger may not have: the disk would not take them when the trial was
// stopped, and then the power failed.
func TestDiskFailsAtTheLedger(t *testing.T) {
	w := simtest.World(t, simtest.Trial(t, "method.0.rounds=6"), nil)
	f := create(t)
	disk := &deaf{Disk: blob.System()}
	f.Disk = disk
	k := open(t, f, results.Keep{Each: true})
	book := filepath.Join(f.Dir, "ledger", "000.jsonl")
	var based []byte // on the disk
	told, stopped := 0, errors.New("stopped")
	s, _ := simtest.Setup(t, w)
	s.Blobs, s.Book, s.Keeper = k.blobs, k.book.Book, stopping{k.keeper, func() (err error) {
		switch told++; told {
		case 2: // the checkpoint before the first round is a file
			err = k.keeping.Wait()
			if err == nil {
				based, err = os.ReadFile(book)
			}
		case 5:
			disk.fails, err = true, stopped
		}
		return err
	}}
	if err := sim.Run(t.Context(), s); !errors.Is(err, stopped) {
		t.Fatal(err)
	}
	if err := k.keeper.Close(); !errors.Is(err, syscall.EIO) {
		t.Fatal(err)
	}
	if err := errors.Join(k.blobs.Close(), f.Release(), os.WriteFile(book, based, 0o600)); err != nil {
		t.Fatal(err)
	}
	f, _, err := results.Reopen(f.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := f.Standing(0); err != nil || s.From == nil || s.From.Machine.Round != 3 {
		t.Errorf("it stands at %+v, %v; round 3 was expected", s, err)
	}
}

// A trial that ends early leaves a checkpoint as a file, one alone, and no journal.
func TestInterruptedWithAJournal(t *testing.T) {
	w := simtest.World(t, simtest.Trial(t, "method.0.rounds=6"), nil)
	f := create(t)
	k := open(t, f, results.Keep{Each: true})
	told, stopped := 0, errors.New("stopped")
	s, _ := simtest.Setup(t, w)
	s.Blobs, s.Book, s.Keeper = k.blobs, k.book.Book, stopping{k.keeper, func() error {
		if told++; told == 5 {
			return stopped
		}
		return nil
	}}
	if err := sim.Run(t.Context(), s); !errors.Is(err, stopped) {
		t.Fatal(err)
	}
	if err := errors.Join(k.keeper.Close(), k.blobs.Close()); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(f.Dir, "checkpoints", "000", "0*.json"))
	if err != nil || len(files) != 1 || filepath.Base(files[0]) != "000003.json" {
		t.Errorf("checkpoints: %q, %v; 000003.json was expected", files, err)
	}
	if _, err := os.Stat(filepath.Join(f.Dir, "journal")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("there is a journal: %v", err)
	}
	if s, err := f.Standing(0); err != nil || s.From == nil || s.From.Machine.Round != 3 {
		t.Errorf("it stands at %+v, %v", s.From, err)
	}
}

type stopping struct {
	results.TrialKeeper
	stop func() error
}

func (s stopping) Keep(m *coordinator.Machine) error {
	if err := s.stop(); err != nil {
		return err
	}
	return s.TrialKeeper.Keep(m)
}
