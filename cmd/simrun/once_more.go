package main

import (
	"errors"
	"path/filepath"

	"github.com/loramesh/loramesh/results"
)

// A run's scenario.yaml is the file as it was written: what --set and --seeds laid over it is in the
// trials, not there. So who wants a run once more names its folder, and who names the file is told
// where that makes another run.

// isRun says whether a path is the folder of a run, whole or not.
func isRun(path string) bool { return there(filepath.Join(path, "plan.json")) }

// ofRun takes the trials of a run for what is asked. They are what they are: nothing is laid over
// them, and those of a fork cannot be done without the run that they come from.
func (a asked) ofRun() (asked, error) {
	p, err := results.ReadPlan(a.name)
	if err != nil {
		return a, err
	}
	switch {
	case len(a.changes.all()) > 0:
		return a, misuse("%s is a run, and its trials are taken as they were; --set and --seeds go with a scenario, as in %s, and simrun fork goes on from a round under other words",
			a.name, filepath.Join(a.name, "scenario.yaml"))
	case p.Fork != nil:
		return a, misuse("%s went on from %s after %s, and cannot be run from its beginning; it was made by: %s", a.name, p.Fork.Run, count(p.Fork.Round, "round"), p.Command)
	}
	a.run = a.name
	a.text, err = p.ScenarioText(a.run)
	return a, err
}

// hinted adds to what is wrong in what was asked for where the run was asked for, if a run's trials
// are done once more: files may be missing here.
func (a asked) hinted(err error) error {
	if a.run == "" || codeOf(err) != exitInput {
		return err
	}
	p, e := results.ReadPlan(a.run)
	return errors.Join(hinted(p, err), e)
}

// otherRun is what whoever runs the scenario of a run by its file should know: that its trials are
// not those of the run. "" where they are, where it is no run's, and where changes were asked for.
func (a asked) otherRun(made results.Plan) string {
	dir := filepath.Dir(a.name)
	if filepath.Base(a.name) != "scenario.yaml" || len(a.changes.all()) > 0 || !isRun(dir) {
		return ""
	}
	was, err := results.ReadPlan(dir)
	if err != nil || was.Hash == made.Hash { // of a damaged folder nothing is known that this run would need
		return ""
	}
	return "this is another run than " + dir + ", which was made by: " + was.Command + "\nsimrun run " + quote(dir) + " runs its trials again"
}
