package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/results/report"
)

// finish writes what is made of the ledgers, and the manifest last.
func (p *performance) finish() error {
	if err := p.folder.WriteParticipants(p.people); err != nil {
		return err
	}
	m, err := p.folder.Manifest(p.made(), p.wall, p.warnings)
	if err != nil {
		return err
	}
	m.Streams = p.streams
	r, err := results.Read(p.folder.Dir)
	if err != nil {
		return err
	}
	r.Manifest = m
	if err := r.Rewrite(); err != nil {
		return err
	}
	if err := report.Write(r); err != nil {
		return err
	}
	if err := p.folder.Finish(m); err != nil {
		return err
	}
	return p.print.run(r)
}

// incomplete tells where the unfinished folder is and how to go on.
func (p *performance) incomplete(err error) error {
	p.show.clear()
	_, gone := os.Stat(p.folder.Dir)
	switch {
	case gone != nil && (errors.Is(err, errInterrupted) || errors.Is(err, errTimeout)):
		return fmt.Errorf("%w\n%s is gone", err, p.folder.Dir)
	case gone != nil: // then nobody else is at fault, whoever looked first
		return fmt.Errorf("%w: %v\nwas it moved? where it is now, \"simrun resume\" goes on with it", gone, err)
	}
	return fmt.Errorf("%w\n%s is marked INCOMPLETE; to go on with it:\n  %s", err, p.folder.Dir, results.ResumeCommand(quote(p.folder.Dir), p.shelf.again()...))
}
