package results_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/results/resultstest"
)

func contents() results.Contents {
	return results.Contents{Scenario: []byte("a\n"), Resolved: []byte("b\n"),
		Plan: results.Plan{Name: "a", Hash: strings.Repeat("0123456789", 7)[:64], Trials: []results.PlanTrial{{ID: "000"}}}}
}

func TestDefaultDirIsNameAndPlanHash(t *testing.T) {
	if got, want := results.DefaultDir("runs", contents().Plan), filepath.Join("runs", "a-01234567"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Runs that start together each get a folder of their own, and none is refused.
func TestRunsThatStartTogether(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "runs", "a")
	const n = 8
	var all [n]*results.Folder
	var errs [n]error
	var begin, end sync.WaitGroup
	begin.Add(1)
	for i := range n {
		end.Go(func() {
			begin.Wait()
			all[i], errs[i] = results.Create(dir, contents())
		})
	}
	begin.Done()
	end.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	taken := map[string]bool{}
	for _, f := range all {
		if taken[f.Dir] {
			t.Errorf("two runs are in %s", f.Dir)
		}
		taken[f.Dir] = true
		if err := f.Release(); err != nil {
			t.Error(err)
		}
	}
}

func TestCreateNeverOverwrites(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "runs", "a")
	for _, want := range []string{dir, dir + "-2", dir + "-3"} {
		f, err := results.Create(dir, contents())
		if err != nil {
			t.Fatal(err)
		}
		if f.Dir != want {
			t.Errorf("got %s, want %s", f.Dir, want)
		}
		if got := results.Newest(dir); got != want {
			t.Errorf("the newest run is %q, want %s", got, want)
		}
		mark, err := os.ReadFile(filepath.Join(f.Dir, "INCOMPLETE"))
		if err != nil || !strings.Contains(string(mark), "simrun resume "+f.Dir) {
			t.Errorf("the mark must hold the command to go on: %q, %v", mark, err)
		}
	}
}

func TestCreateRefusesAFolderOfOtherThings(t *testing.T) {
	dir := t.TempDir()
	if f, err := results.Create(dir, contents()); err != nil || f.Dir != dir {
		t.Fatalf("an empty folder will do: %v", err)
	}
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "thesis.tex"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, place := range []string{dir, filepath.Join(dir, "thesis.tex")} {
		if _, err := results.Create(place, contents()); !errors.Is(err, results.ErrPlace) {
			t.Errorf("%s: want ErrPlace, got %v", place, err)
		}
	}
}

func TestARunIsWholeOnlyWithItsManifest(t *testing.T) {
	r, err := results.Read(resultstest.MakeIncomplete(t, resultstest.Small))
	if err != nil {
		t.Fatal(err)
	}
	if r.Manifest != nil {
		t.Error("a run without a manifest looks whole")
	}
	r, err = results.Read(resultstest.Make(t, resultstest.Small))
	if err != nil {
		t.Fatal(err)
	}
	if r.Manifest == nil || len(r.Trials) != 6 || len(r.Participants) != 18 {
		t.Fatalf("read %d trials and %d participants", len(r.Trials), len(r.Participants))
	}
	if _, err := os.Stat(filepath.Join(r.Dir, "INCOMPLETE")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the mark must be gone: %v", err)
	}
}

func TestDiscardKeepsWholeRuns(t *testing.T) {
	f, err := results.Create(filepath.Join(t.TempDir(), "a"), contents())
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Discard(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(f.Dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder must be gone: %v", err)
	}
	whole := results.Folder{Dir: resultstest.Make(t, resultstest.Small)}
	if whole.Discard() == nil {
		t.Error("a whole run was removed")
	}
}

func TestReadOfAnythingElse(t *testing.T) {
	if _, err := results.Read(t.TempDir()); !errors.Is(err, results.ErrNoRun) {
		t.Errorf("want ErrNoRun, got %v", err)
	}
}

// What workers had sent to a process that was killed is in nobody's way, and not in the folder of the
// run that goes on.
func TestReopenSweepsTheSpool(t *testing.T) {
	dead := create(t)
	dir := dead.Dir
	if err := dead.Release(); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(results.SpoolDir(dir), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(results.SpoolDir(dir), "w1-1.spool"), []byte("late"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, _, err := results.Reopen(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(results.SpoolDir(dir)); !os.IsNotExist(err) {
		t.Errorf("the spool is there: %v", err)
	}
	if err := f.Release(); err != nil {
		t.Error(err)
	}
}
