package loramesh_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// block is a command block of the README.
type block struct {
	line  int
	needs []string
	text  string
}

var needsMark = regexp.MustCompile(`^<!-- needs: (.*) -->$`)

// blocks finds the ```sh blocks, each with what the mark above it says it needs.
func blocks(readme string) []block {
	var out []block
	var needs []string
	lines := strings.Split(readme, "\n")
	for i := 0; i < len(lines); i++ {
		switch {
		case needsMark.MatchString(lines[i]):
			needs = []string{needsMark.FindStringSubmatch(lines[i])[1]}
		case lines[i] == "```sh":
			b := block{line: i + 1, needs: needs}
			for i++; lines[i] != "```"; i++ {
				b.text += lines[i] + "\n"
			}
			out = append(out, b)
			needs = nil
		case lines[i] != "":
			needs = nil
		}
	}
	return out
}

// variable matches the name of an environment variable.
var variable = regexp.MustCompile(`^[A-Z][A-Z_0-9]*$`)

// missing says why a block cannot be run here, or "".
func (b block) missing() string {
	for _, need := range b.needs {
		for _, word := range strings.Fields(need) {
			if !variable.MatchString(word) {
				return need
			}
			if os.Getenv(word) == "" {
				return "the environment variable " + word
			}
		}
	}
	return ""
}

// TestReadme runs every command block of the README, in order, in one folder, with a
// simrun that was built from this tree.
func TestReadme(t *testing.T) {
	if testing.Short() {
		t.Skip("runs scenarios")
	}
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	work := t.TempDir()
	bin := filepath.Dir(builtSimrun(t))
	found := blocks(string(text))
	if len(found) < 5 {
		t.Fatalf("only %d command blocks were found in the README", len(found))
	}
	for _, b := range found {
		t.Run(fmt.Sprintf("line %d", b.line), func(t *testing.T) {
			if why := b.missing(); why != "" {
				t.Skip("needs " + why)
			}
			c := exec.Command("sh", "-euc", b.text)
			c.Dir = work
			c.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "SIMRUN_CACHE="+filepath.Join(work, "cache"))
			if out, err := c.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s\n%s", err, b.text, out)
			}
		})
	}
}

// What the README's first screen prints is what this tree prints, down to the hash, on
// processors that share the numeric contract of the figures there.
func TestReadmeShowsWhatQuickstartPrints(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a scenario")
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, shown, found := strings.Cut(string(readme), "```text\n")
	shown, _, ends := strings.Cut(shown, "```\n")
	if !found || !ends {
		t.Fatal("the README shows no output")
	}
	work := t.TempDir()
	simrun := builtSimrun(t)
	run := func(args ...string) string {
		c := exec.Command(simrun, args...)
		c.Dir = work
		c.Env = append(os.Environ(), "SIMRUN_CACHE="+filepath.Join(work, "cache"))
		out, err := c.Output()
		if err != nil {
			t.Fatalf("simrun %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	if version := run("version"); !strings.Contains(version, "numeric contract float32/fma/") {
		t.Skipf("another numeric contract:\n%s", version)
	}
	if got := run("run", "quickstart", "-q"); got != shown {
		t.Errorf("the README shows\n%s\nand simrun run quickstart prints\n%s", shown, got)
	}
}

// builtSimrun is a simrun built from this tree, once for all tests.
func builtSimrun(t *testing.T) string {
	t.Helper()
	bin, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return bin
}

// folder is for what all tests of the package share.
var folder string

func TestMain(m *testing.M) {
	var err error
	if folder, err = os.MkdirTemp("", "loramesh-"); err != nil {
		panic(err)
	}
	code := m.Run()
	if err := os.RemoveAll(folder); err != nil {
		panic(err)
	}
	os.Exit(code)
}

var built = sync.OnceValues(func() (string, error) {
	bin := filepath.Join(folder, "simrun")
	if out, err := exec.Command("go", "build", "-o", bin, "./cmd/simrun").CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return bin, nil
})

// The README's table of exit codes is the one that the program prints.
func TestReadmeHasTheExitCodes(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("cmd/simrun/exit.go")
	if err != nil {
		t.Fatal(err)
	}
	codes := regexp.MustCompile("(?m)^`?(?:const exitCodesText = `)?([0-9])  (.*)$").FindAllStringSubmatch(strings.Replace(string(source), "const exitCodesText = `", "", 1), -1)
	if len(codes) != 8 {
		t.Fatalf("found %d exit codes in the source, want 8", len(codes))
	}
	plain := strings.ReplaceAll(string(readme), "`", "")
	for _, c := range codes {
		if !strings.Contains(plain, "| "+c[1]+" | "+c[2]+" |") {
			t.Errorf("the README does not say that %s is %q", c[1], c[2])
		}
	}
}

func TestBlocksAreFound(t *testing.T) {
	got := blocks("# a\n\n<!-- needs: X_Y -->\n```sh\nfalse\n```\ntext\n```sh\ntrue\n```\n")
	if len(got) != 2 || got[0].missing() == "" || got[1].missing() != "" || got[1].text != "true\n" {
		t.Errorf("%+v", got)
	}
}
