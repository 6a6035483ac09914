package main

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// survive SEED KILLS FILE OUT SIGNAL ARGUMENT... runs "simrun run ARGUMENT... --out OUT" and
// sends it a signal (KILL, INT) at a moment drawn from the seed; goes on with "simrun resume
// OUT" and does the same to that, until it has been hit so often; then lets it finish, and
// writes the JSON object of the run to FILE. A run that has ended before it was hit so often
// proves too little: it is run again, and hit sooner.
func survive(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 6 {
		ts.Fatalf("usage: survive SEED KILLS FILE OUT SIGNAL ARGUMENT...")
	}
	seed, err := strconv.ParseUint(args[0], 10, 64)
	ts.Check(err)
	kills, err := strconv.Atoi(args[1])
	ts.Check(err)
	file, out := ts.MkAbs(args[2]), args[3]
	signal := map[string]syscall.Signal{"KILL": syscall.SIGKILL, "INT": syscall.SIGINT}[args[4]]
	run := append([]string{"run"}, append(args[5:], "-q", "-o", "json", "--out", out)...)
	resume := []string{"resume", out, "-q", "-o", "json"}
	draw := rand.New(rand.NewPCG(seed, 0))
	hit, span := 0, 700*time.Millisecond
	for range 100 * (kills + 1) {
		words := resume
		if _, err := os.Stat(filepath.Join(ts.MkAbs(out), "plan.json")); err != nil {
			ts.Check(os.RemoveAll(ts.MkAbs(out))) // it was killed before there was anything to go on with
			words = run
		}
		delay := time.Hour
		if hit < kills {
			delay = time.Duration(draw.Int64N(int64(span)))
		}
		said, errs, code := struck(ts, words, signal, delay)
		switch {
		case code == "0" && hit < kills, hit > 0 && strings.Contains(string(errs), "is whole"): // the last was after its last word
			hit, span = 0, max(span*3/4, time.Millisecond)
			ts.Check(os.RemoveAll(ts.MkAbs(out)))
		case code == "0":
			ts.Check(os.WriteFile(file, said, 0o600))
			ts.Logf("hit %d times, within %s", hit, span)
			return
		case code == "killed" || code == "4":
			hit++
		default:
			ts.Fatalf("simrun %s: exit code %s:\n%s", strings.Join(words, " "), code, errs)
		}
	}
	ts.Fatalf("it never came to its end")
}

// struck starts simrun, sends it a signal after a while, and waits for its end.
func struck(ts *testscript.TestScript, words []string, signal syscall.Signal, delay time.Duration) (said, errs []byte, code string) {
	path, err := exec.LookPath("simrun")
	ts.Check(err)
	c := exec.Command(path, words...)
	c.Dir = ts.MkAbs(".")
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "SIMRUN_CACHE"} {
		c.Env = append(c.Env, name+"="+ts.Getenv(name))
	}
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	ts.Check(c.Start())
	timer := time.AfterFunc(delay, func() { _ = c.Process.Signal(signal) })
	defer timer.Stop()
	err = c.Wait()
	if s, ok := c.ProcessState.Sys().(syscall.WaitStatus); ok && s.Signaled() {
		return stdout.Bytes(), stderr.Bytes(), "killed"
	}
	return stdout.Bytes(), stderr.Bytes(), codeText(err)
}

// sameLines A B WORD checks that of two ledgers the lines that hold a word are the same but
// for numbers and hashes, and that there are some.
func sameLines(ts *testscript.TestScript, _ bool, args []string) {
	if x, y := linesWith(ts, args[0], args[2]), linesWith(ts, args[1], args[2]); x == "" || x != y {
		ts.Fatalf("the lines with %s are\n%s\nand\n%s", args[2], x, y)
	}
}

// otherLines A B WORD checks that they differ.
func otherLines(ts *testscript.TestScript, _ bool, args []string) {
	if x, y := linesWith(ts, args[0], args[2]), linesWith(ts, args[1], args[2]); x == "" || x == y {
		ts.Fatalf("the lines with %s are the same, or none:\n%s", args[2], x)
	}
}

func linesWith(ts *testscript.TestScript, file, word string) (out string) {
	for line := range strings.Lines(ts.ReadFile(file)) {
		if content, _, _ := strings.Cut(line, `,"hash":"`); strings.Contains(content, word) && !strings.Contains(content, `"kind":"trial"`) {
			out += content + "\n"
		}
	}
	return out
}

// waitFor FILE TEXT waits until there is such a text in a file.
func waitFor(ts *testscript.TestScript, _ bool, args []string) {
	if !comes(func() bool {
		text, err := os.ReadFile(ts.MkAbs(args[0]))
		return err == nil && strings.Contains(string(text), args[1])
	}) {
		ts.Fatalf("%s has not come to say %q", args[0], args[1])
	}
}

// served is what "simrun plugin info --run" says of the process that serves a method.
var served = regexp.MustCompile(`served by process (\d+) \(\w+\), started again (\d+) time`)

// slay RUN METHOD kills the process that serves a method of a run, and waits until another
// does.
func slay(ts *testscript.TestScript, _ bool, args []string) {
	first := ""
	for began := time.Now(); time.Since(began) < patience; {
		err := ts.Exec("simrun", "plugin", "info", args[1], "--run", args[0])
		m := served.FindStringSubmatch(ts.ReadFile("stdout"))
		switch {
		case err != nil || m == nil:
			time.Sleep(20 * time.Millisecond) // the run is not there yet, or between two processes
		case first == "":
			first = m[1]
			pid, err := strconv.Atoi(first)
			ts.Check(err)
			its, err := os.FindProcess(pid)
			ts.Check(err)
			ts.Check(its.Kill())
		case m[1] != first && m[1] != "0":
			if m[2] != "1" {
				ts.Fatalf("it was killed once, and started again %s times", m[2])
			}
			return
		}
	}
	ts.Fatalf("nothing came in the place of process %q", first)
}
