package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/plugins/blob/owner"
	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/results/resultstest"
)

// Of a run that somebody is at work on the table is printed, and no file is made anew: the run may be about to
// take their hashes.
func TestReportOfARunThatIsRunning(t *testing.T) {
	if !owner.Tells {
		t.Skip("this system does not tell whose a folder is")
	}
	dir := resultstest.MakeIncomplete(t, resultstest.Small)
	page := filepath.Join(dir, "report.html")
	release, err := results.Own(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, running := range []bool{true, false} {
		c, out := simrunIn(t, t.TempDir(), t.TempDir(), "report", dir)
		var said bytes.Buffer
		c.Stderr = &said
		if err := c.Run(); err != nil || !strings.Contains(out.String(), "flora") || strings.Contains(said.String(), "is running") != running {
			t.Errorf("running is %v: %v\n%s%s", running, err, out, said.String())
		}
		if _, err := os.Stat(page); errors.Is(err, fs.ErrNotExist) != running {
			t.Errorf("running is %v, and the page: %v", running, err)
		}
		if running {
			if err := release(); err != nil {
				t.Fatal(err)
			}
		}
	}
}
