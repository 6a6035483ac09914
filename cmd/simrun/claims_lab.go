package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/results/claims"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/plan"
	"github.com/loramesh/loramesh/sim/world"
)

// lab carries out what claims ask for, with what the command readied.
type lab struct {
	flags *claimFlags
	ready *performance
}

// inputFiles are the files of this machine, and under the paths of inputs, which claims put into
// scenarios, those of their folders.
type inputFiles struct {
	files
	dirs map[string]string // by [claims.Input.Path]
}

func (f inputFiles) place(path string) string {
	path = filepath.ToSlash(path)
	for under, dir := range f.dirs {
		if rest, ok := strings.CutPrefix(path, under); ok && (rest == "" || rest[0] == '/') {
			return filepath.Join(dir, filepath.FromSlash(rest))
		}
	}
	return path
}

func (f inputFiles) ReadFile(path string) ([]byte, error) { return f.files.ReadFile(f.place(path)) }

// Glob lists the files that a pattern names.
func (f inputFiles) Glob(pattern string) ([]string, error) { return f.files.Glob(f.place(pattern)) }

func (l lab) trials(ctx context.Context, scenario string, sets []string) (asked, []plan.Trial, error) {
	a, err := find(scenario, changes{sets: sets})
	if err != nil {
		return a, nil, err
	}
	trials, err := a.trials(ctx, l.ready.shelf)
	return a, trials, err
}

// Heads sets the trials up and lets them go again.
func (l lab) Heads(ctx context.Context, scenario string, sets []string) ([]ledger.Trial, error) {
	_, trials, err := l.trials(ctx, scenario, sets)
	if err != nil {
		return nil, err
	}
	return l.heads(ctx, trials)
}

func (l lab) heads(ctx context.Context, trials []plan.Trial) (heads []ledger.Trial, err error) {
	err = check(ctx, trials, l.ready.assets, l.ready.shelf, func(_ int, head ledger.Trial) error {
		heads = append(heads, head)
		return nil
	})
	return heads, err
}

// Run runs a scenario as "simrun run" would, in a folder that its plan's hash names. Each run
// has an engine of its own.
func (l lab) Run(ctx context.Context, scenario string, sets []string, name string) (*results.Run, error) {
	a, trials, err := l.trials(ctx, scenario, sets)
	if err != nil {
		return nil, err
	}
	p := *l.ready
	p.engine = &engine{name: l.flags.engine, slots: l.flags.mesh.slots}
	p.print = newPrinter(io.Discard, "table")
	p.text, p.trials, p.plan = a.text, trials, planOf(trials)
	p.plan.Command = commandLine(l.flags.command)
	if p.plan.WorkDir, err = os.Getwd(); err != nil {
		return nil, err
	}
	dir := results.DefaultDir(l.flags.out, results.Plan{Name: name, Hash: p.plan.Hash})
	last := results.Newest(dir)
	if l.flags.anew || last == "" {
		err = p.perform(ctx, dir)
		return readPerformed(&p, err)
	}
	state, err := results.StateOf(last)
	if err != nil {
		return nil, err
	}
	if state != results.Whole {
		err = p.resume(ctx, last)
		return readPerformed(&p, err)
	}
	return l.read(ctx, last, trials)
}

func readPerformed(p *performance, err error) (*results.Run, error) {
	if err != nil {
		return nil, fmt.Errorf("%w\nthe claim goes on from there when it is run again in the same way", err)
	}
	return results.Read(p.folder.Dir)
}

// read takes a whole run for what it would be now, if its ledgers begin as they would now.
func (l lab) read(ctx context.Context, dir string, trials []plan.Trial) (*results.Run, error) {
	r, err := results.Read(dir)
	if err != nil {
		return nil, err
	}
	heads, err := l.heads(ctx, trials)
	if err != nil {
		return nil, err
	}
	for i, h := range heads {
		if err := results.SameTrial(r.Trials[i].ID, r.Trials[i].Head, h); err != nil {
			return nil, fmt.Errorf("%s: %w\n--anew runs it again, in a folder beside it", dir, err)
		}
	}
	l.ready.show.say("%s is whole: it is read and not run; --anew runs it again", dir)
	return r, nil
}

// World builds that of the first trial.
func (l lab) World(ctx context.Context, scenario string, sets []string) (*world.World, error) {
	_, trials, err := l.trials(ctx, scenario, sets)
	if err != nil {
		return nil, err
	}
	return build(trials[0], l.ready.assets)
}

// inputsOf reads --input NAME=DIR for the claims that are to be tried, and refuses before any
// work begins what they lack.
func (f *claimFlags) inputsOf(chosen []claims.Claim) (map[string]string, error) {
	given := map[string]string{}
	for _, text := range f.inputs {
		name, dir, ok := strings.Cut(text, "=")
		if !ok || name == "" || dir == "" {
			return nil, misuse("--input %s: NAME=DIR was expected", quote(text))
		}
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return nil, misuse("--input %s: %s is no folder", quote(text), quote(dir))
		}
		given[claims.Input{Name: name}.Path()] = dir
	}
	var lack []string
	var lacking []claims.Claim
	known := map[string]bool{}
	for _, x := range chosen {
		for _, in := range x.Inputs {
			known[in.Path()] = true
		}
		for _, in := range x.Needed(f.sets) {
			line := fmt.Sprintf("  --input %s=DIR  %s", in.Name, in.Is)
			if given[in.Path()] != "" {
				continue
			}
			if !slices.Contains(lack, line) {
				lack = append(lack, line)
			}
			if len(lacking) == 0 || lacking[len(lacking)-1].ID != x.ID {
				lacking = append(lacking, x)
			}
		}
	}
	if len(lack) > 0 {
		return nil, misuse("simrun does not bring all that these claims are about (%s); give the folders:\n%s", idsOf(lacking), strings.Join(lack, "\n"))
	}
	for _, text := range f.inputs {
		if name, _, _ := strings.Cut(text, "="); !known[claims.Input{Name: name}.Path()] {
			return nil, misuse("--input %s: none of %s needs it", quote(text), idsOf(chosen))
		}
	}
	return given, nil
}
