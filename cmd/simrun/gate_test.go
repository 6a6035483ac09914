package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/loramesh/loramesh/actors/mesh/meshtest"
	"github.com/loramesh/loramesh/plugins/builtin"
	"github.com/loramesh/loramesh/plugins/remote"
	"github.com/loramesh/loramesh/plugins/remote/remotetest"
)

// gateIn is the gate of the commands that have a folder for their home, which is what plugins are told
// of where they are.
func gateIn(home string) remotetest.Gate { return remotetest.Gate(filepath.Join(home, "gate")) }

// endWithTest has a process that the test itself started end with it. What those start in their turn
// ends as it does for a user.
func endWithTest() {
	line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", os.Getppid())) // where there is no /proc, nothing is done
	if name, _, _ := strings.Cut(string(line), "\x00"); strings.HasSuffix(name, ".test") {
		meshtest.EndWithParent()
	}
}

// behindGate is simrun; but where there is a gate in its home, the methods that it serves as a plugin process
// stand still there. What starts, asks and stops that process is simrun as it is.
func behindGate() {
	endWithTest()
	gate := gateIn(os.Getenv("HOME"))
	if len(os.Args) != 4 || os.Args[1] != "plugin" || os.Args[2] != "serve" || !gate.There() {
		main()
		return
	}
	set, err := builtin.OpenSet(os.Args[3])
	if err != nil {
		panic(err)
	}
	remote.Serve(gate.Around(set.Methods))
}

// patience is how long a test waits for what comes at once: so long that only what never comes is missed.
const patience = 2 * time.Minute

// comes waits until something is so.
func comes(is func() bool) bool {
	for began := time.Now(); !is(); time.Sleep(2 * time.Millisecond) {
		if time.Since(began) > patience {
			return false
		}
	}
	return true
}

// hold CALL ROUND has a run that begins after it stand still before its method's plan or fold of a
// round, until "release CALL ROUND"; "held CALL ROUND" waits until it stands there.
func hold(ts *testscript.TestScript, neg bool, args []string) {
	gate, call, round := gateOf(ts, neg, args)
	ts.Check(gate.Hold(call, round))
}

func held(ts *testscript.TestScript, neg bool, args []string) {
	gate, call, round := gateOf(ts, neg, args)
	if !comes(func() bool { return gate.Held(call, round) }) {
		ts.Fatalf("nobody has come to %s %d", call, round)
	}
}

func release(ts *testscript.TestScript, neg bool, args []string) {
	gate, call, round := gateOf(ts, neg, args)
	ts.Check(gate.Release(call, round))
}

func gateOf(ts *testscript.TestScript, neg bool, args []string) (remotetest.Gate, string, int) {
	round, err := -1, errors.New("no round")
	if len(args) == 2 {
		round, err = strconv.Atoi(args[1])
	}
	if neg || err != nil {
		ts.Fatalf("usage: hold|held|release plan|fold ROUND (%v)", err)
	}
	return gateIn(ts.Getenv("HOME")), args[0], round
}

// gated is the same for tests in Go: of the commands that simrunIn starts in a folder, a run stands still
// before the plan of each round that is held.
type gated struct {
	t    *testing.T
	gate remotetest.Gate
}

func gateAt(t *testing.T, dir string, rounds ...int) gated {
	t.Helper()
	g := gated{t, gateIn(dir)}
	for _, r := range rounds {
		g.hold(r)
	}
	return g
}

func (g gated) hold(round int) {
	g.t.Helper()
	if err := g.gate.Hold("plan", round); err != nil {
		g.t.Fatal(err)
	}
}

// held waits until a run stands there.
func (g gated) held(round int) {
	g.t.Helper()
	if !comes(func() bool { return g.gate.Held("plan", round) }) {
		g.t.Fatalf("no run has come to round %d", round)
	}
}

func (g gated) release(round int) {
	g.t.Helper()
	if err := g.gate.Release("plan", round); err != nil {
		g.t.Fatal(err)
	}
}
