package results_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/results/report"
)

// testdata/layout-1 was written by a simrun before there were checkpoints, and before
// ledgers said their version. It must be read for ever.
func TestFoldersOfLayout1AreRead(t *testing.T) {
	old := filepath.Join("testdata", "layout-1")
	c, err := results.Verify(old)
	if err != nil || c.Trials != 2 || c.Lines != 28 || c.Hash != "e9527b24f28ca092de4fdd3d7e4e02f12a2b2c3cc628b2f960b7b6625a4e4187" || len(c.Strangers) > 0 {
		t.Errorf("verify: %+v, %v", c, err)
	}
	if d, err := results.Diff(old, old); err != nil || d != nil {
		t.Errorf("diff: %+v, %v", d, err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(old)); err != nil {
		t.Fatal(err)
	}
	r, err := results.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Rewrite(); err != nil {
		t.Error(err)
	}
	if err := report.Write(r); err != nil {
		t.Error(err)
	}
	if rows := r.Summarise().Table().Rows; len(rows) != 1 || rows[0][0] != "flora" {
		t.Errorf("the table has %q", rows)
	}
	if e, err := results.Describe(dir); err != nil || e.State != results.Whole || e.Done != 2 {
		t.Errorf("in a list it is %+v, %v", e, err)
	}
}

func TestALaterLayoutIsRefusedByName(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "layout-1"))); err != nil {
		t.Fatal(err)
	}
	edit(t, filepath.Join(dir, "manifest.json"), `"layout": 1`, `"layout": 99`)
	if _, err := results.Read(dir); err == nil {
		t.Error("a folder of layout 99 was read")
	}
}
