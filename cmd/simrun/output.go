package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"time"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/ledger"
)

// printer writes results to stdout in the form that --output asks for.
type printer struct {
	out  io.Writer
	form string
}

func newPrinter(out io.Writer, form string) *printer { return &printer{out, form} }

// runObject is what -o json prints: one object for the run.
type runObject struct {
	RunDir string        `json:"run_dir"`
	Hash   string        `json:"hash"`
	Trials []trialObject `json:"trials,omitempty"`
}

// trialObject is one trial in it, or a line of -o jsonl. Numbers that JSON has no word for
// are strings: "NaN", "Infinity".
type trialObject struct {
	ID      string                   `json:"id"`
	Name    string                   `json:"name"`
	Arm     string                   `json:"arm"`
	Method  string                   `json:"method"`
	Ranks   string                   `json:"ranks"`
	Seed    uint64                   `json:"seed"`
	Hash    string                   `json:"hash"`
	Metrics map[string]ledger.Number `json:"metrics"`
}

func objectOf(t *results.Trial) trialObject {
	o := trialObject{ID: t.ID, Name: t.Head.Name, Arm: t.Head.Arm, Method: t.Method(), Ranks: t.Ranks(), Seed: t.Head.Seed, Hash: t.Hash, Metrics: map[string]ledger.Number{}}
	for _, m := range t.Measures() {
		o.Metrics[m.Name] = ledger.Number(m.Value)
	}
	return o
}

// trial tells of a trial that has ended, where the form has a line for that.
func (p *printer) trial(t *results.Trial) error {
	if p.form != "jsonl" {
		return nil
	}
	return p.json(objectOf(t))
}

// run tells of the whole run.
func (p *printer) run(r *results.Run) error {
	o := runObject{RunDir: r.Dir, Hash: r.Manifest.Hash}
	switch p.form {
	case "jsonl":
		return p.json(o)
	case "json":
		for _, t := range r.Trials {
			o.Trials = append(o.Trials, objectOf(t))
		}
		return p.json(o)
	}
	return p.table(r)
}

// table prints the summary, and where everything is.
func (p *printer) table(r *results.Run) error {
	b := bold(p.out)
	if r.Plan.Question != "" {
		if _, err := fmt.Fprintf(p.out, "%s\n\n", b(r.Plan.Question)); err != nil {
			return err
		}
	}
	if err := writeSummary(p.out, r.Summarise()); err != nil {
		return err
	}
	_, err := fmt.Fprintf(p.out, "\nrun     %s\nreport  %s\nhash    %s\n", r.Dir+string(filepath.Separator), r.ReportPath(), r.Manifest.Hash)
	return err
}

// writeSummary writes the table of arms and, where tasks came one after the other, the table
// of what that did.
func writeSummary(out io.Writer, s results.Summary) error {
	if err := s.Table().Write(out, bold(out)); err != nil {
		return err
	}
	t, ok := s.StreamTable()
	if !ok {
		return nil
	}
	if _, err := fmt.Fprintln(out); err != nil {
		return err
	}
	return t.Write(out, bold(out))
}

func (p *printer) json(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "%s\n", b)
	return err
}

// trialLine is what is said on stderr when a trial has ended: its scores and its hash.
func trialLine(t *results.Trial, wall time.Duration) string {
	line := ""
	for _, m := range t.Measures() {
		if _, measured := t.Measure("base." + m.Name); measured && !math.IsNaN(m.Value) {
			line += m.Name + " " + results.Plain(m.Value) + "  "
		}
	}
	return fmt.Sprintf("%s%.12s  %s", line, t.Hash, results.Wall(wall))
}
