package results_test

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim"
	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/simtest"
	"github.com/loramesh/loramesh/sim/world"
)

// kept is a run folder of one trial, open.
type kept struct {
	folder  *results.Folder
	blobs   *blob.Store
	keeping *results.Keeping
	book    *results.Book
	keeper  results.TrialKeeper
	from    *results.Checkpoint
}

// open opens the folder of a trial that goes on from where it stands.
func open(t *testing.T, f *results.Folder, keep results.Keep) kept {
	t.Helper()
	k := kept{folder: f}
	s, err := f.Standing(0)
	if err != nil {
		t.Fatal(err)
	}
	k.from = s.From
	if k.blobs, err = blob.Open(f.BlobDir()); err != nil {
		t.Fatal(err)
	}
	if k.keeping, err = f.Keeping(k.blobs, keep); err != nil {
		t.Fatal(err)
	}
	if k.book, _, err = f.Book(0, k.from); err != nil {
		t.Fatal(err)
	}
	k.keeper = k.keeping.Trial(0, k.book, k.from, nil)
	return k
}

// play carries the trial out, with watch told of each round before the keeper is.
func (k kept) play(t *testing.T, w *world.World, watch func()) error {
	t.Helper()
	s, _ := simtest.Setup(t, w)
	s.Blobs, s.Book, s.Keeper = k.blobs, k.book.Book, watched{k.keeper, watch}
	if k.from != nil {
		s.From = &k.from.Machine
	}
	err := sim.Run(t.Context(), s)
	return errors.Join(err, k.keeper.Close(), k.keeping.Wait(), k.blobs.Close())
}

type watched struct {
	results.TrialKeeper
	watch func()
}

func (w watched) Keep(m *coordinator.Machine) error {
	w.watch()
	err := w.TrialKeeper.Keep(m)
	w.watch()
	return err
}

// create makes an empty run folder of one trial.
func create(t *testing.T) *results.Folder {
	t.Helper()
	f, err := results.Create(filepath.Join(t.TempDir(), "run"), results.Contents{Plan: results.Plan{Name: "kept", Trials: []results.PlanTrial{{ID: "000"}}}})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// copyRun copies a folder in which the disk is at work: a process that is killed leaves what it was at one
// moment, so what a checkpoint speaks of is copied after the checkpoint, and files that the journal goes on
// from after the journal.
func copyRun(to, from string) error {
	const first = "checkpoints"
	journal, err := os.ReadFile(filepath.Join(from, "journal"))
	if err == nil {
		err = errors.Join(os.MkdirAll(to, 0o700), os.WriteFile(filepath.Join(to, "journal"), journal, 0o600))
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.CopyFS(filepath.Join(to, first), os.DirFS(filepath.Join(from, first))); err != nil {
		return err
	}
	parts, err := os.ReadDir(from)
	for _, part := range parts {
		switch name := part.Name(); {
		case err != nil:
			return err
		case name == first, name == "journal":
		case part.IsDir():
			err = os.CopyFS(filepath.Join(to, name), os.DirFS(filepath.Join(from, name)))
		default:
			var content []byte
			if content, err = os.ReadFile(filepath.Join(from, name)); err == nil {
				err = os.WriteFile(filepath.Join(to, name), content, 0o600)
			}
		}
	}
	return err
}

// A process that is killed at any round, with the disk at work on the last checkpoint, leaves
// a folder from which the trial goes on to the same hash.
func TestKilledWhileTheDiskWorks(t *testing.T) {
	for name, keep := range map[string]results.Keep{"all": {Every: 1}, "each": {Each: true}, "third": {Every: 3}} {
		for regime, sets := range map[string][]string{
			"sync":   {"method.0.rounds=6"},
			"flying": {"method.0.rounds=6", "population.client.count=6", "method.0.regime={flying: 4, close: 2}"},
		} {
			t.Run(name+" "+regime, func(t *testing.T) {
				w := simtest.World(t, simtest.Trial(t, sets...), nil)
				f := create(t)
				k := open(t, f, keep)
				var copies []string
				err := k.play(t, w, func() {
					to := filepath.Join(t.TempDir(), "copy")
					err := copyRun(to, f.Dir)
					for errors.Is(err, os.ErrNotExist) { // a file took its name meanwhile, and those behind it were not copied
						err = errors.Join(os.RemoveAll(to), copyRun(to, f.Dir))
					}
					if err != nil {
						t.Fatal(err)
					}
					copies = append(copies, to)
				})
				if err != nil {
					t.Fatal(err)
				}
				want, gone := k.book.Hash(), 0
				for _, dir := range copies {
					f, _, err := results.Reopen(dir)
					if err != nil {
						t.Fatal(err)
					}
					again := open(t, f, keep)
					if again.from != nil {
						if gone++; again.from.Machine.Ended {
							continue
						}
					}
					if err := again.play(t, w, func() {}); err != nil || again.book.Hash() != want {
						t.Errorf("%s: %v; hash %.8s, and %.8s undisturbed", dir, err, again.book.Hash(), want)
					}
					if again.book.Ahead() > 0 {
						t.Errorf("%s: %d lines did not come again", dir, again.book.Ahead())
					}
				}
				if gone < 3 {
					t.Errorf("only %d of %d copies had a checkpoint", gone, len(copies))
				}
			})
		}
	}
}

// A checkpoint that cannot be written ends the trial, and what was there before stays.
func TestDiskFails(t *testing.T) {
	w := simtest.World(t, simtest.Trial(t, "method.0.rounds=6"), nil)
	f := create(t)
	k := open(t, f, results.Keep{Every: 2})
	rounds := 0
	dir := filepath.Join(f.Dir, "checkpoints", "000")
	err := k.play(t, w, func() {
		if rounds++; rounds != 7 { // before the fourth round is told of: the checkpoint of the second is on its way or there
			return
		}
		if err := k.keeping.Wait(); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(os.Rename(dir, dir+".away"), os.WriteFile(dir, nil, 0o600)); err != nil {
			t.Fatal(err)
		}
	})
	if err == nil || k.keeper.Ended() != nil {
		t.Fatalf("the disk failed, and the trial ended with %v", err)
	}
	if err := errors.Join(os.Remove(dir), os.Rename(dir+".away", dir)); err != nil {
		t.Fatal(err)
	}
	again := open(t, f, results.Keep{Every: 2})
	if again.from == nil || again.from.Machine.Round != 2 {
		t.Fatalf("it goes on from %+v; the checkpoint of round 2 was expected", again.from)
	}
	if err := again.play(t, w, func() {}); err != nil {
		t.Error(err)
	}
	if s, err := f.Standing(0); err != nil || !s.Done() {
		t.Errorf("it has not ended: %+v, %v", s, err)
	}
}

// At the end of a run no blob is left that no checkpoint names.
func TestCloseLetsGo(t *testing.T) {
	w := simtest.World(t, simtest.Trial(t, "method.0.rounds=6"), nil)
	f := create(t)
	k := open(t, f, results.Keep{})
	s, _ := simtest.Setup(t, w)
	s.Blobs, s.Book, s.Keeper = k.blobs, k.book.Book, k.keeper
	if err := errors.Join(sim.Run(t.Context(), s), k.keeper.Close(), k.keeping.Close()); err != nil {
		t.Fatal(err)
	}
	for _, b := range k.keeper.Ended().Machine.Names() {
		if !k.blobs.Has(b) {
			t.Errorf("blob %.8s is named and gone", b)
		}
	}
	if err := k.blobs.Close(); err != nil {
		t.Fatal(err)
	}
	if files, _ := filepath.Glob(filepath.Join(f.BlobDir(), "*.idx")); len(files) != 1 || filepath.Base(files[0])[:6] != "000000" {
		t.Errorf("segments are left: %v", files)
	}
}

// Nor is one left of the checkpoint from which a run was gone on with, which is written anew before the next.
func TestCloseLetsGoOfWhereItWentOn(t *testing.T) {
	var dir string
	w, _ := threeRounds(t, []*string{&dir}, "method.0.use=fedit")
	f, _, err := results.Reopen(dir)
	if err != nil {
		t.Fatal(err)
	}
	k := open(t, f, results.Keep{Each: true})
	s, _ := simtest.Setup(t, w)
	s.Blobs, s.Book, s.Keeper, s.From = k.blobs, k.book.Book, k.keeper, &k.from.Machine
	names := k.from.Machine.Names()
	if err := errors.Join(sim.Run(t.Context(), s), k.keeper.Close(), k.keeping.Close()); err != nil {
		t.Fatal(err)
	}
	gone := 0
	for _, b := range names {
		if slices.Contains(k.keeper.Ended().Machine.Names(), b) {
			continue
		}
		if gone++; k.blobs.Has(b) {
			t.Errorf("blob %.8s is stored, and named by the checkpoint of round %d alone", b, k.from.Machine.Round)
		}
	}
	if err := k.blobs.Close(); err != nil || gone == 0 {
		t.Errorf("%d blobs were to go, %v", gone, err)
	}
}

// What is stored between two checkpoints is bounded, however young the last one is: what nobody needs
// goes with the one after the next.
func TestMuchThatIsStoredMakesACheckpointDue(t *testing.T) {
	w := simtest.World(t, simtest.Trial(t, "method.0.rounds=6"), nil)
	f := create(t)
	k := open(t, f, results.Keep{})
	content, calls := make([]byte, results.HeapBytes), 0
	err := k.play(t, w, func() {
		if calls++; calls%2 == 0 { // the keeper was told
			if err := k.keeping.Wait(); err != nil { // what a disk that lags has not let go of is no measure of it
				t.Fatal(err)
			}
			if n := k.blobs.Grown(); calls > 2 && n >= results.HeapBytes {
				t.Errorf("%d bytes lie there after call %d, and no checkpoint was due", n, calls)
			}
			return
		}
		binary.LittleEndian.PutUint64(content, uint64(calls))
		if _, err := k.blobs.PutBytes(content); err != nil {
			t.Fatal(err)
		}
		if n, _, err := results.Written(f.Dir); err != nil || n > 9*results.HeapBytes/2+1<<20 {
			t.Errorf("%d bytes lie there, %v", n, err)
		}
	})
	if err != nil || calls < 12 {
		t.Fatalf("%d calls, %v", calls, err)
	}
}
