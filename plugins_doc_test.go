package loramesh_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// fileBlock is a file that a page shows whole.
var fileBlock = regexp.MustCompile("(?s)<!-- file: (\\S+) -->\n```go\n(.*?)```\n")

// The method in docs/plugins.md is built as it stands there, in a module of its own, passes its
// exam, and every command of the page does what the page says.
func TestTheMethodOfThePageWorks(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a module and runs scenarios")
	}
	page, err := os.ReadFile("docs/plugins.md")
	if err != nil {
		t.Fatal(err)
	}
	work := t.TempDir()
	files := fileBlock.FindAllStringSubmatch(string(page), -1)
	if len(files) != 2 {
		t.Fatalf("%d files on the page", len(files))
	}
	for _, f := range files {
		write(t, filepath.Join(work, f[1]), f[2])
	}
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	// What "go mod tidy" would ask a proxy for is known here: the module's own requirements.
	ours, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	_, needs, _ := strings.Cut(string(ours), "\nrequire")
	write(t, filepath.Join(work, "go.mod"), "module example.org/median\n\ngo 1.26\n\nrequire github.com/loramesh/loramesh v0.0.0\n\nreplace github.com/loramesh/loramesh => "+root+"\n\nrequire"+needs)
	sums, err := os.ReadFile("go.sum")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(work, "go.sum"), string(sums))
	bin := filepath.Dir(builtSimrun(t))
	shown := strings.Replace(string(page), "<!-- by hand -->", "<!-- needs: a proxy -->", 1)
	for _, b := range blocks(shown) {
		if len(b.needs) > 0 {
			continue
		}
		c := exec.Command("sh", "-euc", b.text)
		c.Dir = work
		c.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "SIMRUN_CACHE="+filepath.Join(work, "cache"), "GOFLAGS="+os.Getenv("GOFLAGS")+" -mod=mod")
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s\n%s", err, b.text, out)
		}
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
