package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/actors"
	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/plugins/remote"
	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/results/export"
	"github.com/loramesh/loramesh/sim"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/scenario"
)

// The exit codes. They are part of the interface: scripts branch on them.
const (
	exitOK          = 0
	exitOther       = 1
	exitInput       = 2
	exitTimeout     = 3
	exitInterrupted = 4
	exitPlugin      = 5
	exitMismatch    = 6
	exitInfra       = 7
)

const exitCodesText = `0  all went well
1  anything that is not below
2  something is wrong in what the user gave; found before any work began
3  the time given by --timeout was over
4  interrupted (Ctrl-C, SIGTERM); the run folder is marked INCOMPLETE, and simrun resume goes on with it (model train: --resume)
5  a plugin is at fault: it crashed, hung, or answered nonsense
6  verify, diff or resume found a mismatch
7  the ground gave way: disk full, folder not writable, file vanished, broker away
`

// Causes with which a context is cancelled.
var (
	errInterrupted = errors.New("interrupted")
	errTimeout     = errors.New("the time given by --timeout is over")
)

// inputError is something wrong in what the user gave.
type inputError struct{ text string }

func (e inputError) Error() string { return e.text }

// misuse is an inputError about the command line.
func misuse(format string, args ...any) error { return inputError{fmt.Sprintf(format, args...)} }

// scenarioError is all that is wrong in a scenario, a line each.
type scenarioError []scenario.Problem

func (e scenarioError) Error() string {
	lines := make([]string, len(e))
	for i, p := range e {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// problemsOrNil makes an error of problems, if there are any.
func problemsOrNil(ps []scenario.Problem) error {
	if len(ps) == 0 {
		return nil
	}
	return scenarioError(scenario.SortProblems(ps))
}

// codeOf maps an error to its exit code. Why a context was cancelled comes before what
// broke on its way down.
func codeOf(err error) int {
	var (
		input    inputError
		problems scenarioError
		problem  scenario.Problem
		fault    *remote.Fault
		file     *fs.PathError
		errno    syscall.Errno
	)
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errInterrupted):
		return exitInterrupted
	case errors.Is(err, errTimeout):
		return exitTimeout
	case errors.Is(err, results.ErrMismatch), errors.Is(err, ledger.ErrBroken):
		return exitMismatch
	case errors.As(err, &fault):
		return exitPlugin
	case errors.As(err, &input), errors.As(err, &problems), errors.As(err, &problem), errors.Is(err, sim.ErrInput),
		errors.Is(err, results.ErrPlace), errors.Is(err, results.ErrNoRun), errors.Is(err, results.ErrCompare), errors.Is(err, export.ErrExport):
		return exitInput
	case errors.Is(err, errUnwell), errors.As(err, &file), errors.As(err, &errno), errors.Is(err, mesh.ErrBroker), errors.Is(err, actors.ErrAway), errors.Is(err, actors.ErrGround):
		return exitInfra
	}
	return exitOther
}

// explain prints an error and returns its code.
func explain(w io.Writer, err error) int {
	code := codeOf(err)
	var problems scenarioError
	switch {
	case code == exitOK:
	case errors.As(err, &problems): // each line begins with its place, so that editors jump to it
		_, _ = fmt.Fprintln(w, err)
		_, _ = fmt.Fprintf(w, "simrun: %s; nothing was run\n", count(len(problems), "problem"))
	default:
		_, _ = fmt.Fprintf(w, "simrun: %v%s\n", err, runHint(err))
	}
	return code
}

// because puts the cause of a cancelled context in the place of what broke on the way down.
func because(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil || errors.Is(err, context.Cause(ctx)) {
		return err
	}
	return context.Cause(ctx)
}

// count is "1 problem" or "3 problems".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func newExitCodes() *cobra.Command {
	return &cobra.Command{Use: "exit-codes", Short: "what the exit codes mean", Long: "Exit codes of simrun:\n\n" + exitCodesText}
}
