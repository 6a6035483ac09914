package results_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/loramesh/loramesh/plugins/blob/owner"
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

func TestReadOfAnythingElse(t *testing.T) {
	if _, err := results.Read(t.TempDir()); !errors.Is(err, results.ErrNoRun) {
		t.Errorf("want ErrNoRun, got %v", err)
	}
}

// What a process that was killed was writing, or had been sent, is in nobody's way, and not in the
// folder of the run that goes on; what it does not know stays.
func TestReopenSweepsWhatAKillLeft(t *testing.T) {
	dead := create(t)
	dir := dead.Dir
	if err := dead.Release(); err != nil {
		t.Fatal(err)
	}
	left := []string{"spool/w1-1.spool", ".INCOMPLETE.703655053", ".manifest.json.1", ".report.html.22", "checkpoints/000/.000004.json.7", "checkpoints/000/.spare",
		"checkpoints/001/.late", "adapters/000-flora/.adapter_model.safetensors.9"}
	stay := []string{".hidden.1", ".INCOMPLETE.x", ".INCOMPLETE.", "INCOMPLETE.5", "checkpoints/.spares/a", "checkpoints/000/000004.json.7", "blobs/.notes.1", "notes/.plan.json.3"}
	for _, name := range slices.Concat(left, stay) {
		put(t, dir, name)
	}
	f, _, err := results.Reopen(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range left {
		if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is there: %v", name, err)
		}
	}
	for _, name := range stay {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	if err := f.Release(); err != nil {
		t.Error(err)
	}
}

// A run that was killed with the first file of its folder half written leaves the place free.
func TestCreateWhereARunWasKilledBeforeItBegan(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a")
	put(t, dir, ".INCOMPLETE.12")
	f, err := results.Create(dir, contents())
	if err != nil || f.Dir != dir {
		t.Fatalf("it lies in %+v, %v", f, err)
	}
	if _, err := os.Stat(filepath.Join(dir, ".INCOMPLETE.12")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what was left is there: %v", err)
	}
	put(t, dir+"-2", ".INCOMPLETE.12")
	put(t, dir+"-2", ".profile.1")
	if _, err := results.Create(dir, contents()); !errors.Is(err, results.ErrPlace) {
		t.Errorf("other things lie in the next place: want ErrPlace, got %v", err)
	}
}

// Nobody goes on with a run that somebody has, or removes it, whatever it looked like a moment ago: it may be
// ending, or its tables are being made again.
func TestAFolderThatSomebodyHas(t *testing.T) {
	if !owner.Tells {
		t.Skip("this system does not tell whose a folder is")
	}
	for name, dir := range map[string]string{"whole": resultstest.Make(t, resultstest.Small), "not whole": resultstest.MakeIncomplete(t, resultstest.Small)} {
		release, err := results.Own(dir)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := results.Reopen(dir); !errors.Is(err, results.ErrPlace) || !strings.Contains(err.Error(), "another simrun is running") {
			t.Errorf("%s: gone on with: %v", name, err)
		}
		if err := results.Remove(dir, false); !errors.Is(err, results.ErrPlace) {
			t.Errorf("%s: removed: %v", name, err)
		}
		if err := release(); err != nil {
			t.Fatal(err)
		}
		if err := results.Remove(dir, false); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := results.Own(t.TempDir()); !errors.Is(err, results.ErrNoRun) {
		t.Errorf("of what is no run: %v", err)
	}
}
