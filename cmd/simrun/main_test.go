package main

import (
	"flag"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/loramesh/loramesh/actors/mesh/meshtest"
)

var update = flag.Bool("update", false, "rewrite the expected output in testdata/script")

// TestMain makes the test binary answer to three names beside its own: simrun, which starts
// itself again as its own plugin process (behind a gate, where a test has one), badplugin, which misbehaves as
// its argument says, and nats-server, at the version that go.mod pins. More tests run side by side than there are
// processors, unless -parallel says otherwise.
func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", "6"); err != nil { // most of what these tests do is wait for what was lost, killed or stopped
		panic(err)
	}
	if signal.Ignored(os.Interrupt) { // as of a shell that has begun the tests behind its back: what they start would be deaf, too
		signal.Notify(make(chan os.Signal, 1), os.Interrupt)
	}
	testscript.Main(m, map[string]func(){
		"simrun":      behindGate,
		"badplugin":   badPlugin,
		"nats-server": meshtest.Main,
	})
}

// TestScript runs every script of testdata/script: a script is what a user types, and what
// must come of it. Each finds the files of testdata/work in its folder: a scenario that
// takes a fraction of a second, and its data. They share one cache, so that a base is made
// once.
func TestScript(t *testing.T) {
	t.Parallel()
	cache, temp := t.TempDir(), t.TempDir()
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		ContinueOnError:     true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("SIMRUN_CACHE", cache)
			env.Setenv("NO_COLOR", "1")
			env.Setenv("TMPDIR", temp) // short, for sockets lie in it
			env.Setenv("HOME", env.WorkDir)
			return os.CopyFS(env.WorkDir, os.DirFS(filepath.Join("testdata", "work")))
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"fails":      fails,
			"overtime":   overtime,
			"norun":      norun,
			"model":      makeModel,
			"headless":   makeHeadless,
			"adapter":    makeAdapter,
			"sabotage":   sabotage,
			"samehash":   sameHash,
			"interrupt":  interrupt,
			"survive":    survive,
			"samelines":  sameLines,
			"otherlines": otherLines,
			"waitfor":    waitFor,
			"slay":       slay,
			"hold":       hold,
			"held":       held,
			"release":    release,
		},
	})
}

// fails CODE WORD... runs a program that must exit with just that code.
func fails(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: fails CODE PROGRAM ARGUMENT...")
	}
	err := ts.Exec(args[1], args[2:]...)
	if got := codeText(err); got != args[0] {
		ts.Fatalf("exit code %s, want %s", got, args[0])
	}
}

// overtime TEXT PROGRAM ARGUMENT... runs a program to which --timeout puts an end, with exit code 3. Where the
// machine was too slow for it to come to what TEXT says, it is given more time.
func overtime(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: overtime TEXT PROGRAM ARGUMENT...")
	}
	for _, timeout := range []string{"4s", "16s", "64s", "256s"} {
		if got := codeText(ts.Exec(args[1], append(args[2:len(args):len(args)], "--timeout", timeout)...)); got != "3" {
			ts.Fatalf("exit code %s, want 3", got)
		}
		if strings.Contains(ts.ReadFile("stderr"), args[0]) {
			return
		}
	}
	ts.Fatalf("it never says %q", args[0])
}

// norun checks that no run folder looks whole: there is no manifest anywhere under here.
func norun(ts *testscript.TestScript, _ bool, _ []string) {
	err := filepath.WalkDir(ts.Getenv("WORK"), func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Name() == "manifest.json" {
			ts.Fatalf("%s looks like a whole run", filepath.Dir(path))
		}
		return err
	})
	ts.Check(err)
}

// sameHash FILE... checks that the JSON objects of -o json in the files name one run hash; with !,
// that those of the others are not the first.
func sameHash(ts *testscript.TestScript, neg bool, args []string) {
	first := ""
	for _, name := range args {
		_, rest, ok := strings.Cut(ts.ReadFile(name), `"hash":"`)
		hash, _, _ := strings.Cut(rest, `"`)
		if !ok || len(hash) != 64 {
			ts.Fatalf("%s has no hash", name)
		}
		if first == "" {
			first = hash
		}
		if same := hash == first; name != args[0] && same == neg {
			ts.Fatalf("%s has hash %.12s…, %s has %.12s…", name, hash, args[0], first)
		}
	}
}
