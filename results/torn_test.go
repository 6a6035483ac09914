package results_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim"
	"github.com/loramesh/loramesh/sim/simtest"
	"github.com/loramesh/loramesh/sim/world"
)

// threeRounds are so many copies of the folder of a run whose records are of rounds 1 to 3, as a kill leaves it,
// and what the run's hash is in the end.
func threeRounds(t *testing.T, copies []*string, sets ...string) (w *world.World, hash string) {
	t.Helper()
	w = simtest.World(t, simtest.Trial(t, append(sets, "method.0.rounds=6")...), nil)
	f := create(t)
	k := open(t, f, results.Keep{Each: true})
	told := 0
	err := k.play(t, w, func() {
		if told++; told != 8 { // behind the checkpoint of the third round
			return
		}
		err := k.keeping.Wait()
		for _, c := range copies {
			*c = filepath.Join(t.TempDir(), "copy")
			err = errors.Join(err, copyRun(*c, f.Dir))
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return w, k.book.Hash()
}

// A record one of whose bytes is another ends the journal: the trial goes on from the record before.
func TestATornRecordEndsTheJournal(t *testing.T) {
	var whole, torn string
	w, hash := threeRounds(t, []*string{&whole, &torn})
	path := filepath.Join(torn, "journal")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	content[bytes.LastIndex(content, []byte("lrj1"))+1000] ^= 1
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	lines, err := results.Ledger(whole, 0)
	if err != nil {
		t.Fatal(err)
	}
	for round, warned := range map[int]bool{0: false, 3: true} { // that before the first round is a file
		o, err := results.At(whole, 0, round, lines)
		if err != nil || o.From == nil || o.From.Machine.Round != 0 || (len(o.Warnings) == 1 && strings.Contains(o.Warnings[0], "has a journal")) != warned {
			t.Errorf("round %d would begin at %+v; %q, %v", round, o.From, o.Warnings, err)
		}
	}
	for dir, round := range map[string]int{whole: 3, torn: 2} {
		f, _, err := results.Reopen(dir)
		if err != nil {
			t.Fatal(err)
		}
		again := open(t, f, results.Keep{Each: true})
		if again.from == nil || again.from.Machine.Round != round {
			t.Errorf("it goes on from %+v; round %d was expected", again.from, round)
		}
		if err := again.play(t, w, func() {}); err != nil || again.book.Hash() != hash {
			t.Errorf("%v; hash %.8s, and %.8s undisturbed", err, again.book.Hash(), hash)
		}
	}
}

// A journal that has begun again still has records of before behind the newest: they do not count.
func TestRecordsOfBeforeDoNotCount(t *testing.T) {
	w := simtest.World(t, simtest.Trial(t, "method.0.rounds=6"), nil)
	f := create(t)
	k := open(t, f, results.Keep{Each: true})
	k.keeping.Limit(32<<10, 1<<20) // of two records: rounds 1 and 2, and then 4 and 5
	copied, told := filepath.Join(t.TempDir(), "copy"), 0
	err := k.play(t, w, func() {
		if told++; told != 10 { // behind the checkpoint of the fourth round
			return
		}
		if err := errors.Join(k.keeping.Wait(), copyRun(copied, f.Dir)); err != nil {
			t.Fatal(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(copied, "journal"))
	if n := bytes.Count(content, []byte("lrj1")); err != nil || n != 2 {
		t.Fatalf("%d records, %v; two were expected", n, err)
	}
	f, _, err = results.Reopen(copied)
	if err != nil {
		t.Fatal(err)
	}
	if again := open(t, f, results.Keep{Each: true}); again.from == nil || again.from.Machine.Round != 4 {
		t.Errorf("it goes on from %+v; round 4 was expected", again.from)
	}
}

// A journal that holds what none of ours does is refused before a file is touched, and the run goes on without it.
func TestAJournalOfOthers(t *testing.T) {
	forge := func(word, by string) func(path string) error {
		return func(path string) error { return results.Forge(path, word, by) }
	}
	for name, c := range map[string]struct {
		forge func(path string) error
		want  string
	}{
		"another trial":     {forge(`"trial":"000"`, `"trial":"009"`), `of trial "009"`},
		"no trial":          {forge(`"trial":"000"`, `"trial":"../"`), `of trial "../"`},
		"lines are missing": {forge(`"first"`, `"fir-t"`), "does not go on"},
		"a line is open":    {forge("}\n{\"lines\":", "}x{\"lines\":"), "does not go on"},
		"another file":      {forge(`"000000.json"`, `"../000.json"`), "no checkpoint"},
		"longer parts":      {forge(`"lines"`, `"lin-s"`), "not as long"},
		"too large":         {func(path string) error { return os.Truncate(path, results.JournalBytes+1) }, "at most 4194304 bytes"},
		"a link": {func(path string) error {
			to := path + ".x"
			return errors.Join(os.Rename(path, to), os.Symlink(to, path))
		}, "a file of at most"},
	} {
		t.Run(name, func(t *testing.T) {
			var dir string
			w, hash := threeRounds(t, []*string{&dir})
			path := filepath.Join(dir, "journal")
			if err := c.forge(path); err != nil {
				t.Fatal(err)
			}
			_, _, err := results.Reopen(dir)
			if !errors.Is(err, results.ErrMismatch) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "taken away") {
				t.Fatalf("%q was expected, and what helps: %v", c.want, err)
			}
			if files, err := filepath.Glob(filepath.Join(dir, "checkpoints", "000", "*")); err != nil || len(files) != 1 {
				t.Errorf("checkpoints: %q, %v; the first alone was expected", files, err)
			}
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			f, _, err := results.Reopen(dir)
			if err != nil {
				t.Fatal(err)
			}
			again := open(t, f, results.Keep{Each: true})
			if err := again.play(t, w, func() {}); err != nil || again.book.Hash() != hash {
				t.Errorf("%v; hash %.8s, and %.8s undisturbed", err, again.book.Hash(), hash)
			}
		})
	}
}

// Zeros that a power failure leaves in a ledger end it for all who read a run that is not whole, and who goes on
// with it takes them away.
func TestZerosEndALedger(t *testing.T) {
	w := simtest.World(t, simtest.Trial(t, "method.0.rounds=6"), nil)
	f := create(t)
	k := open(t, f, results.Keep{Every: 1})
	stopped, told := errors.New("stopped"), 0
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
	path := filepath.Join(f.Dir, "ledger", "000.jsonl")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	zeros := slices.Concat(whole, []byte(`{"n":`), make([]byte, 5000), []byte("}\nand what the disk had\n"))
	if err := os.WriteFile(path, zeros, 0o600); err != nil {
		t.Fatal(err)
	}
	n := bytes.Count(whole, []byte("\n"))
	if lines, err := results.Ledger(f.Dir, 0); err != nil || len(lines) != n {
		t.Errorf("%d lines, %v; %d were expected", len(lines), err, n)
	}
	follow := results.Follow(f.Dir, results.Plan{Trials: []results.PlanTrial{{ID: "000"}}})
	for range 2 {
		lines, err := follow.Next()
		if err != nil || len(lines) != n {
			t.Errorf("%d lines follow, %v; %d were expected", len(lines), err, n)
		}
		n = 0
	}
	stands, err := f.Standing(0)
	if err != nil || stands.From == nil || stands.From.Machine.Round != 3 {
		t.Fatalf("it stands at %+v, %v", stands, err)
	}
	book, cut, err := f.Book(0, stands.From)
	if err != nil || !strings.Contains(cut, fmt.Sprintf("after %d bytes with zeros", len(zeros)-len(whole))) {
		t.Fatalf("%q, %v", cut, err)
	}
	if err := book.Close(); err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(path); err != nil || !bytes.Equal(content, whole) {
		t.Errorf("the ledger has %d bytes, %v; %d were expected", len(content), err, len(whole))
	}
}
