package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/sim/metric"
)

func newMetric() *cobra.Command {
	c := &cobra.Command{Use: "metric", Short: "the catalogue of metrics", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	c.AddCommand(newMetricList(), newMetricShow())
	return c
}

// metricObject is a metric as -o json prints it.
type metricObject struct {
	Name      string `json:"name"`
	Formula   string `json:"formula"`
	Unit      string `json:"unit"`
	Direction string `json:"direction"`
	Split     string `json:"split"`
	Evaluate  bool   `json:"evaluate"`
	Why       string `json:"why,omitempty"`
	Doc       string `json:"doc"`
}

func metricObjectOf(m metric.Metric) metricObject {
	return metricObject{m.Name, m.Formula, m.Unit, string(m.Direction), m.Split, m.Scored, m.Why, m.Doc}
}

func newMetricList() *cobra.Command {
	var form string
	c := &cobra.Command{
		Use:   "list",
		Short: "list the metrics: formula, unit, direction, and whether \"evaluate\" can ask for it",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			asJSON, err := wantsJSON(form)
			if err != nil {
				return err
			}
			if asJSON {
				var out []metricObject
				for _, m := range metric.All() {
					out = append(out, metricObjectOf(m))
				}
				return writeJSON(c.OutOrStdout(), out)
			}
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			_, _ = fmt.Fprintln(w, "name\tunit\tbetter\tevaluate\tformula") // Flush tells of errors
			for _, m := range metric.All() {
				evaluate := "–"
				if m.Scored {
					evaluate = "yes"
				}
				_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", m.Name, m.Unit, m.Direction, evaluate, m.Formula)
			}
			return w.Flush()
		},
	}
	outputFlag(c, &form)
	return c
}

func newMetricShow() *cobra.Command {
	var form string
	c := &cobra.Command{
		Use:   "show METRIC",
		Short: "explain one metric: formula, unit, direction, split, and what it does not tell",
		Args:  exactly(1, "METRIC"),
		RunE: func(c *cobra.Command, args []string) error {
			asJSON, err := wantsJSON(form)
			if err != nil {
				return err
			}
			m, err := metric.Lookup(args[0])
			if err != nil {
				return misuse("%v", err)
			}
			if asJSON {
				return writeJSON(c.OutOrStdout(), metricObjectOf(m))
			}
			evaluate := "yes"
			if !m.Scored {
				evaluate = "no: " + m.Why
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%s\n\n%s\n\nformula   %s\nunit      %s\nbetter    %s\nsplit     %s\nevaluate  %s\n",
				m.Name, m.Doc, m.Formula, m.Unit, m.Direction, m.Split, evaluate)
			return err
		},
	}
	outputFlag(c, &form)
	return c
}

func writeJSON(w io.Writer, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", b)
	return err
}
