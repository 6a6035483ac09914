package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// errUnwell says that doctor found something that a run would break on.
var errUnwell = errors.New("something that a run needs does not work here")

// finding is what one look at the machine gave.
type finding struct {
	Check string `json:"check"`
	State string `json:"state"` // "ok", "warn" or "fail"
	Text  string `json:"text"`
	Cure  string `json:"cure,omitempty"`
}

func ok(text string, a ...any) finding { return finding{State: "ok", Text: fmt.Sprintf(text, a...)} }

// but makes a finding of another state, with what to do about it.
func (f finding) but(state, cure string) finding {
	f.State, f.Cure = state, cure
	return f
}

// failed is a finding of something that does not work.
func failed(err error, cure string) finding {
	return finding{State: "fail", Text: strings.ReplaceAll(err.Error(), "\n", "; "), Cure: cure}
}

func newDoctor() *cobra.Command {
	var output string
	c := &cobra.Command{
		Use:   "doctor",
		Short: "check that this machine has what a run needs",
		Long: `Check that this machine has what a run needs: processor and kernels, memory, room
and the right to write where runs and bases go, the temporary folder, memory shared
between processes, a plugin's start, the embedded broker. Each line is ok, warn or
fail, with a cure; the exit code is 7 if something fails.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := checkOutput(output); err != nil {
				return err
			}
			found := examine(c.Context())
			if err := printFindings(c.OutOrStdout(), output, found); err != nil {
				return err
			}
			if slices.ContainsFunc(found, func(f finding) bool { return f.State == "fail" }) {
				return errUnwell
			}
			return nil
		},
	}
	outputFlag(c, &output)
	return c
}

// examine makes all looks, in order. Each is by itself: one that fails stops no other.
func examine(ctx context.Context) []finding {
	looks := []struct {
		name string
		at   func(context.Context) finding
	}{
		{"processor", lookAtProcessor}, {"memory", lookAtMemory}, {"runs", lookAtRuns}, {"cache", lookAtCache},
		{"temporary", lookAtTemp}, {"sharing", lookAtSharing}, {"plugin", lookAtPlugin}, {"broker", lookAtBroker},
	}
	found := make([]finding, len(looks))
	for i, l := range looks {
		found[i] = l.at(ctx)
		found[i].Check = l.name
	}
	return found
}

func printFindings(out io.Writer, form string, found []finding) error {
	if form == "json" {
		b, err := json.Marshal(found)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "%s\n", b)
		return err
	}
	for _, f := range found {
		line := fmt.Sprintf("%-4s  %-9s  %s\n", f.State, f.Check, f.Text)
		if f.Cure != "" {
			line += fmt.Sprintf("%17s%s\n", "", f.Cure)
		}
		if _, err := io.WriteString(out, line); err != nil {
			return err
		}
	}
	return nil
}
