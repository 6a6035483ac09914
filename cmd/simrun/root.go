package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/loramesh/loramesh/linalg/kernel"
)

// streams are where a command reads and writes. Results go to out, all else to err.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// execute runs one command line and returns the exit code. A panic is a fault of simrun: it
// is told as such, and a run folder stays marked INCOMPLETE.
func execute(args []string, s streams) (code int) {
	defer func() {
		if broken := recover(); broken != nil {
			_, _ = fmt.Fprintf(s.err, "simrun: a fault of simrun itself; please report it with what follows: %v\n\n%s", broken, debug.Stack())
			code = exitOther
		}
	}()
	if err := kernel.CheckCPU(); err != nil {
		return explain(s.err, inputError{err.Error()})
	}
	ctx, stop := interruptible(context.Background(), s.err, endings(args)...)
	defer stop()
	root := newRoot(s, args)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	return explain(s.err, err)
}

func newRoot(s streams, args []string) *cobra.Command {
	root := &cobra.Command{
		Use:   "simrun",
		Short: "simulate LoRA methods over simulated participants",
		Long: `simrun simulates LoRA methods: it really trains small transformers, over a
population of simulated participants, on this machine, and gives the same bits
however it is run.

Begin with:  simrun run quickstart`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          noArgs,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return misuse("%v%s; %q lists the flags", err, strings.TrimSuffix(flagHint(c, err), "?"), c.CommandPath()+" --help")
	})
	root.AddGroup(&cobra.Group{ID: "scenario", Title: "Scenarios:"}, &cobra.Group{ID: "run", Title: "Runs:"}, &cobra.Group{ID: "mesh", Title: "Many processes:"}, &cobra.Group{ID: "look", Title: "Methods, metrics, adapters and models:"}, &cobra.Group{ID: "measure", Title: "Measurements:"}, &cobra.Group{ID: "here", Title: "This machine:"})
	add := func(group string, commands ...*cobra.Command) {
		for _, c := range commands {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	add("scenario", newInit(), newList(), newShow(), newSchema(), newValidate(), newPlan(), newRun(args))
	add("run", newResume(), newFork(args), newWatch(), newRuns(), newReport(), newVerify(), newDiff())
	add("run", newCompare(), newExport(), newClaims(args))
	add("mesh", newWorker())
	add("mesh", newInspect(), newTop(), newChaos(), newSoak())
	add("look", newPlugin(), newMetric())
	add("look", newAdapter(), newModel(), newPretrain())
	add("measure", newBench(newBenchEngine(), newBenchSVD(), newBenchTokenizer(), newBenchLLM()))
	add("here", newDoctor(), newCache())
	root.AddCommand(newVersion(), newExitCodes())
	root.SetHelpCommand(newHelp())
	completions(root)
	return root
}

// noArgs refuses arguments; where the command has sub-commands, the argument is taken for
// a misspelt one.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if c.HasSubCommands() {
		var names []string
		for _, sub := range c.Commands() {
			names = append(names, sub.Name())
		}
		return misuse("%q has no command %q%s", c.CommandPath(), args[0], tailOf(args[0], names))
	}
	return misuse("%q takes no arguments; %q was given", c.CommandPath(), args[0])
}

// exactly wants so many arguments, which usage names.
func exactly(n int, usage string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != n {
			return misuse("usage: %s %s", c.CommandPath(), usage)
		}
		return nil
	}
}

// atMost allows so many arguments, which usage names.
func atMost(n int, usage string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) > n {
			return misuse("usage: %s %s", c.CommandPath(), usage)
		}
		return nil
	}
}

// isTerminal says whether a stream is a screen.
func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// bold marks text on a screen, unless the user wants none of it (https://no-color.org).
func bold(w any) func(string) string {
	if !isTerminal(w) || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return func(s string) string { return s }
	}
	return func(s string) string { return "\x1b[1m" + s + "\x1b[0m" }
}
