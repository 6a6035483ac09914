package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/loramesh/loramesh/results"
)

// soaked is what was seen.
type soaked struct {
	SpanSec  float64   `json:"span_sec"`
	Rate     float64   `json:"client_runs_per_sec"`
	Missed   int       `json:"looks_missed"` // the run did not answer, or the line was lost
	Measures []measure `json:"measures"`
	CPU      string    `json:"cpu"`
}

// measure is one thing that must stay flat: its median in the second and the last quarter.
type measure struct {
	Name   string  `json:"name"`
	Second float64 `json:"second_quarter"`
	Last   float64 `json:"last_quarter"`
	Grew   bool    `json:"grew"`
}

func (s soaked) print(out io.Writer, asJSON bool) error {
	var grew []string
	for _, m := range s.Measures {
		if m.Grew {
			grew = append(grew, m.Name)
		}
	}
	if asJSON {
		if err := writeJSON(out, s); err != nil {
			return err
		}
	} else {
		_, _ = fmt.Fprintf(out, "%s at %.0f client-runs/s (%s)\n", results.Wall(time.Duration(s.SpanSec*float64(time.Second))), s.Rate, s.CPU) // Flush tells of errors
		if s.Missed > 0 {
			_, _ = fmt.Fprintf(out, "%s not answered\n", count(s.Missed, "look"))
		}
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
		_, _ = fmt.Fprintln(w, "what\tsecond quarter\tlast quarter\t\t")
		for _, m := range s.Measures {
			_, _ = fmt.Fprintf(w, "%s\t%.0f\t%.0f\t%s\t\n", m.Name, m.Second, m.Last, map[bool]string{false: "flat", true: "grew"}[m.Grew])
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	if len(grew) > 0 {
		return fmt.Errorf("what must stay flat grew: %q", grew)
	}
	return nil
}
