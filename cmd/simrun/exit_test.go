package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"syscall"
	"testing"

	"github.com/loramesh/loramesh/plugins/remote"
	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/scenario"
)

func TestExitCodes(t *testing.T) {
	disk := &fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, exitOK},
		{errors.New("anything"), exitOther},
		{misuse("x"), exitInput},
		{scenarioError{{Text: "x"}}, exitInput},
		{scenario.Problem{Text: "x"}, exitInput},
		{fmt.Errorf("a: %w", sim.ErrInput), exitInput},
		{fmt.Errorf("a: %w", results.ErrPlace), exitInput},
		{fmt.Errorf("a: %w", results.ErrNoRun), exitInput},
		{fmt.Errorf("a: %w", errTimeout), exitTimeout},
		{fmt.Errorf("a: %w", errInterrupted), exitInterrupted},
		{fmt.Errorf("a: %w", &remote.Fault{}), exitPlugin},
		{fmt.Errorf("a: %w", results.ErrMismatch), exitMismatch},
		{fmt.Errorf("a: %w", ledger.ErrBroken), exitMismatch},
		{fmt.Errorf("a: %w", disk), exitInfra},
		{errUnwell, exitInfra},
		{errors.Join(&remote.Fault{Err: disk}, disk), exitPlugin},
		{errors.Join(errInterrupted, &remote.Fault{}), exitInterrupted},
	} {
		if got := codeOf(c.err); got != c.want {
			t.Errorf("%v: exit code %d, want %d", c.err, got, c.want)
		}
	}
}

// Every code is in the text that "simrun help exit-codes" prints.
func TestExitCodesAreDocumented(t *testing.T) {
	for code := range exitInfra + 1 {
		if !strings.Contains(exitCodesText, fmt.Sprintf("%d  ", code)) {
			t.Errorf("code %d is not documented", code)
		}
	}
}

func TestCauseOfCancellationIsKept(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	broke := errors.New("a pipe broke on the way down")
	if got := because(ctx, broke); !errors.Is(got, broke) {
		t.Errorf("nothing was cancelled, and the error became %v", got)
	}
	cancel(errInterrupted)
	if got := because(ctx, broke); !errors.Is(got, errInterrupted) {
		t.Errorf("got %v", got)
	}
	told := fmt.Errorf("%w; run it again so", errInterrupted)
	if got := because(ctx, told); got.Error() != told.Error() {
		t.Errorf("what was said is lost: %v", got)
	}
	if because(ctx, nil) != nil {
		t.Error("an error was made of nothing")
	}
}

func TestExplainBeginsWithThePlace(t *testing.T) {
	var b bytes.Buffer
	code := explain(&b, scenarioError{{File: "a.yaml", Line: 3, Column: 5, Text: "no"}, {File: "a.yaml", Line: 4, Column: 1, Text: "nor this"}})
	if code != exitInput || b.String() != "a.yaml:3:5: no\na.yaml:4:1: nor this\nsimrun: 2 problems; nothing was run\n" {
		t.Errorf("%d: %q", code, b.String())
	}
}

func TestQuote(t *testing.T) {
	for word, want := range map[string]string{
		"quickstart": "quickstart", "a.b=c": "a.b=c", "": "''", "two words": "'two words'", "it's": `'it'\''s'`, "{a: 1}": "'{a: 1}'", "$HOME": "'$HOME'",
	} {
		if got := quote(word); got != want {
			t.Errorf("%q: got %s, want %s", word, got, want)
		}
	}
}

// Whoever is the first to find that the folder of a run has gone, it is not at fault.
func TestNobodyIsAtFaultForAFolderThatIsGone(t *testing.T) {
	p := &performance{folder: &results.Folder{Dir: "not/here"}, show: newDisplay(io.Discard, true)}
	err := p.incomplete(fmt.Errorf("a: %w", &remote.Fault{Plugin: "p", Why: "no such file"}))
	if codeOf(err) != exitInfra || !strings.Contains(err.Error(), "plugin p") || !strings.Contains(err.Error(), "was it moved?") {
		t.Errorf("code %d: %v", codeOf(err), err)
	}
}
