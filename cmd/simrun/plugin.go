package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/plugins/builtin"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/remote"
	"github.com/loramesh/loramesh/sim/suggest"
)

func newPlugin() *cobra.Command {
	c := &cobra.Command{Use: "plugin", Short: "the methods, and the plugins they come from", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	c.AddCommand(newPluginList(), newPluginInfo(), newPluginServe())
	return c
}

func newPluginList() *cobra.Command {
	var mf methodFlags
	c := &cobra.Command{
		Use:   "list",
		Short: "list the methods: those that came with simrun, and those of plugins",
		Long: `List the methods. Those of plugins come from programs named ` + prefix + `NAME, in the
folders of --plugin-path, of $SIMRUN_PLUGIN_PATH, and beside simrun itself; each is
started once to ask what it serves. How to write one is shown in docs/plugins.md.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := mf.shelf(slog.New(slog.DiscardHandler))
			if err != nil {
				return err
			}
			defer func() { _ = s.close() }()
			return listMethods(c.Context(), c.OutOrStdout(), s)
		},
	}
	mf.flags(c)
	return c
}

func listMethods(ctx context.Context, out io.Writer, s *shelf) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "method\tfrom\ttitle") // Flush tells of errors
	for _, set := range builtin.Sets() {
		for _, m := range set.Methods {
			card := m.Describe()
			_, _ = fmt.Fprintf(w, "%s\t%s %s\t%s\n", card.Name, fromHere, set.Name, card.Title)
		}
	}
	var broken error
	for _, f := range s.started() {
		p, err := s.serve(ctx, f)
		if err != nil {
			_, _ = fmt.Fprintf(w, "–\t%s\tdoes not start\n", f.path)
			broken = errors.Join(broken, err)
			continue
		}
		for _, m := range p.Methods() {
			card := m.Describe()
			_, _ = fmt.Fprintf(w, "%s\t%s\t%s\n", card.Name, f.path, card.Title)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return broken
}

func newPluginInfo() *cobra.Command {
	var mf methodFlags
	var run string
	c := &cobra.Command{
		Use:   "info METHOD",
		Short: "print a method's card: its paper, parameters, roles and needs",
		Long: `Print a method's card: its paper, parameters, roles and needs. With --run, the folder of
a run that can be asked (it has --workers, --listen or --nats), also which process serves
the method there, and how often it was started again.`,
		Args: exactly(1, "METHOD"),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := mf.shelf(slog.New(slog.DiscardHandler))
			if err != nil {
				return err
			}
			defer func() { _ = s.close() }()
			cards, err := s.cards(c.Context(), args)
			if err != nil {
				return err
			}
			card, ok := cards[args[0]]
			if !ok {
				names := slices.Sorted(maps.Keys(cards))
				return misuse("no method is called %q%s", args[0], tailOf(args[0], names))
			}
			if err := printCard(c.OutOrStdout(), card); err != nil || run == "" {
				return err
			}
			return printServing(c, run, card.Name)
		},
	}
	mf.flags(c)
	c.Flags().StringVar(&run, "run", "", "folder of a run that is running: which process serves the method there")
	return c
}

// printServing asks a run which process serves a method.
func printServing(c *cobra.Command, run, name string) error {
	conn, crew, err := (&brokerFlags{}).reach(run)
	if err != nil {
		return err
	}
	defer conn.Close()
	seen, err := look(c.Context(), conn, crew, sight{})
	if err != nil {
		return err
	}
	for _, r := range seen.Runs {
		for _, p := range r.Plugins {
			if slices.Contains(p.Methods, name) {
				_, err := fmt.Fprintf(c.OutOrStdout(), "\nin %s it is served by process %d (%s), started again %s\n", run, p.PID, p.Plugin, count(p.Restarts, "time"))
				return err
			}
		}
	}
	return misuse("no process serves %q in the run %q: it uses another method, or runs with --plugins in-process", name, run)
}

// tailOf ends a message about a wrong word: the nearest right one, or all of them.
func tailOf(word string, known []string) string {
	if tail := suggest.DidYouMean(word, known); tail != "" {
		return tail
	}
	return "; there are " + strings.Join(known, ", ")
}

func printCard(out io.Writer, card method.Card) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(w, "method\t%s\ntitle\t%s\n", card.Name, card.Title) // Flush tells of errors
	if card.Paper != "" {
		_, _ = fmt.Fprintf(w, "paper\t%s\n", card.Paper)
	}
	_, _ = fmt.Fprintf(w, "roles\t%s\nneeds\t%s\nstale reports\t%t\n", join(card.Roles), join(card.Needs), card.Stale)
	trains := join(card.Trains)
	if card.Weights {
		trains = "the weights themselves"
	}
	_, _ = fmt.Fprintf(w, "trains\t%s\nkeeps\t%s\nroutes\t%t\n", trains, join(card.Keeps), card.Routes)
	if err := w.Flush(); err != nil {
		return err
	}
	_, _ = fmt.Fprintln(w, "\nparameter\tkind\tdefault\tbounds\tmeaning")
	for _, p := range card.Params {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%v\t%s\t%s\n", p.Name, p.Kind, p.Default, bounds(p), p.Doc)
	}
	return w.Flush()
}

func bounds(p method.Param) string {
	switch {
	case len(p.OneOf) > 0:
		return strings.Join(p.OneOf, " | ")
	case p.Min == 0 && p.Max == 0:
		return "–"
	}
	return fmt.Sprintf("%g … %g", p.Min, p.Max)
}

func join[T ~string](words []T) string {
	if len(words) == 0 {
		return "none"
	}
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = string(w)
	}
	return strings.Join(out, ", ")
}

func newPluginServe() *cobra.Command {
	return &cobra.Command{
		Use:   "serve SET",
		Short: "serve a set of built-in methods to the simrun that started this process",
		Long: `Serve a set of built-in methods. "simrun run" starts itself this way, so that
methods live in a process of their own; started by hand it only says so.`,
		Args: exactly(1, "SET"),
		RunE: func(_ *cobra.Command, args []string) error {
			set, err := builtin.OpenSet(args[0])
			if err != nil {
				return misuse("%v", err)
			}
			remote.Serve(set.Methods)
			return nil
		},
	}
}
