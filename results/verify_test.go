package results_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/results/report"
	"github.com/loramesh/loramesh/results/resultstest"
)

// edit replaces bytes of one file of a run.
func edit(t *testing.T, path, before, after string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Replace(b, []byte(before), []byte(after), 1)
	if bytes.Equal(b, changed) {
		t.Fatalf("%s has no %q", path, before)
	}
	if err := os.WriteFile(path, changed, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestVerifyFindsEveryKindOfDamage(t *testing.T) {
	c, err := results.Verify(resultstest.Make(t, resultstest.Small))
	if err != nil || c.Trials != 6 || c.Blobs != 6 || len(c.Hash) != 64 {
		t.Fatalf("a sound run: %+v, %v", c, err)
	}
	for name, damage := range map[string]struct {
		do   func(dir string)
		says string
	}{
		"a number":          {func(d string) { edit(t, filepath.Join(d, "ledger/001.jsonl"), `"weight":100`, `"weight":101`) }, "001"},
		"a line gone":       {func(d string) { cut(t, filepath.Join(d, "ledger/002.jsonl")) }, "002"},
		"the scenario":      {func(d string) { edit(t, filepath.Join(d, "scenario.yaml"), "example", "another") }, "scenario.yaml"},
		"a participant":     {func(d string) { edit(t, filepath.Join(d, "participants.csv"), "laptop", "server") }, "participants.csv"},
		"the run hash":      {func(d string) { edit(t, filepath.Join(d, "manifest.json"), `"hash": "`, `"hash": "00`) }, "run hash"},
		"a blob":            {func(d string) { flip(t, filepath.Join(d, "blobs")) }, ""},
		"no manifest":       {func(d string) { remove(t, filepath.Join(d, "manifest.json")) }, "not whole"},
		"a ledger is gone":  {func(d string) { remove(t, filepath.Join(d, "ledger/000.jsonl")) }, "000"},
		"the plan is other": {func(d string) { edit(t, filepath.Join(d, "plan.json"), "flora", "aroma") }, "plan.json"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := resultstest.Make(t, resultstest.Small)
			damage.do(dir)
			_, err := results.Verify(dir)
			if !errors.Is(err, results.ErrMismatch) || !strings.Contains(err.Error(), damage.says) {
				t.Errorf("want a mismatch that names %q, got: %v", damage.says, err)
			}
		})
	}
}

// cut drops the last line of a file.
func cut(t *testing.T, path string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b = b[:bytes.LastIndexByte(b[:len(b)-1], '\n')+1]
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

// flip changes one byte of what the blobs of a run hold.
func flip(t *testing.T, dir string) {
	t.Helper()
	found := false
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".seg" {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		i := bytes.Index(b, []byte("0.q.A"))
		if i < 0 {
			return nil
		}
		found = true
		b[i] = '9'
		return os.WriteFile(path, b, 0o644)
	})
	if err != nil || !found {
		t.Fatalf("no segment with the tensor's name: %v", err)
	}
}

// Whatever file of a whole run has another byte, it is found: in its ledgers and blobs, in what it
// was asked, in what was made of it, and in what it left for others; but the report makes its own
// files again.
func TestVerifyFindsAByteInEveryFile(t *testing.T) {
	dir := resultstest.Make(t, resultstest.Small)
	remake(t, dir)
	if _, err := results.Verify(dir); err != nil {
		t.Fatal(err)
	}
	made := map[string]bool{"metrics.csv": true, "trials.csv": true, "report.html": true}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "manifest.json" {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		b[len(b)/2] ^= 1
		if err := os.WriteFile(path, b, 0o644); err != nil {
			return err
		}
		if _, err := results.Verify(dir); !errors.Is(err, results.ErrMismatch) {
			t.Errorf("a byte of %s has changed: %v", path, err)
		}
		if made[d.Name()] {
			remake(t, dir)
		} else {
			b[len(b)/2] ^= 1
			err = os.WriteFile(path, b, 0o644)
		}
		if _, err := results.Verify(dir); err != nil {
			t.Errorf("%s is as it was: %v", path, err)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// remake does what "simrun report" does.
func remake(t *testing.T, dir string) {
	t.Helper()
	r, err := results.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(r.Rewrite(), report.Write(r), r.Reseal()); err != nil {
		t.Fatal(err)
	}
}

func TestDiffNamesTheFirstLine(t *testing.T) {
	a, b := resultstest.Make(t, resultstest.Small), resultstest.Make(t, resultstest.Small)
	if d, err := results.Diff(a, b); err != nil || d != nil {
		t.Fatalf("equal runs: %+v, %v", d, err)
	}
	bent := resultstest.Small
	bent.Bend = 0.25
	d, err := results.Diff(a, resultstest.Make(t, bent))
	if err != nil || d == nil {
		t.Fatalf("unlike runs look equal: %v", err)
	}
	if d.Trial != "000 flora seed=1" || d.Line.N != 1 || !strings.Contains(d.Line.Why, "value") {
		t.Errorf("got %+v, %+v", d, d.Line)
	}
	fewer := resultstest.Small
	fewer.Seeds = 1
	d, err = results.Diff(a, resultstest.Make(t, fewer))
	if err != nil || d == nil {
		t.Errorf("runs of unlike length look equal: %v", err)
	}
	if _, err := results.Diff(a, t.TempDir()); !errors.Is(err, results.ErrNoRun) {
		t.Errorf("want ErrNoRun, got %v", err)
	}
}

// A run folder may come from anybody: names in it that lead out of it are followed nowhere.
func TestTrialsOfOthersStayInTheirFolder(t *testing.T) {
	for _, file := range []string{"plan.json", "manifest.json"} {
		dir := resultstest.Make(t, resultstest.Small)
		edit(t, filepath.Join(dir, file), `"id": "001"`, `"id": "../../001"`)
		_, read := results.Read(dir)
		_, _, reopened := results.Reopen(dir)
		for _, err := range []error{read, reopened} {
			if want := file + ` calls trial 1 "../../001", and its name is 001`; !errors.Is(err, results.ErrMismatch) || !strings.Contains(err.Error(), want) {
				t.Errorf("want a mismatch that says %q, got: %v", want, err)
			}
		}
	}
}
