package results_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/simtest"
)

// A record one of whose bytes is another ends the journal: the trial goes on from the record before.
func TestATornRecordEndsTheJournal(t *testing.T) {
	w := simtest.World(t, simtest.Trial(t, "method.0.rounds=6"), nil)
	f := create(t)
	k := open(t, f, results.Keep{Each: true})
	whole, torn, told := filepath.Join(t.TempDir(), "whole"), filepath.Join(t.TempDir(), "torn"), 0
	err := k.play(t, w, func() {
		if told++; told != 8 { // behind the checkpoint of the third round
			return
		}
		if err := errors.Join(k.keeping.Wait(), copyRun(whole, f.Dir), copyRun(torn, f.Dir)); err != nil {
			t.Fatal(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
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
		if err := again.play(t, w, func() {}); err != nil || again.book.Hash() != k.book.Hash() {
			t.Errorf("%v; hash %.8s, and %.8s undisturbed", err, again.book.Hash(), k.book.Hash())
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
