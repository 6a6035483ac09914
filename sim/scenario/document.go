package scenario

import (
	"fmt"
	"strings"
)

// Document is a scenario file as given: one scenario, and what it varies. It is never
// changed; [Document.With] makes another.
type Document struct {
	file string
	root *node // without vary
	vary *node // nil: nothing varies
	axes []Axis
}

// Parse reads a scenario. name is how the file is called in messages; sets are the
// arguments of --set, "path=value" with a value in YAML, laid over the file in order
// before anything is checked, so that a file may leave to them what only the user knows.
//
// It returns every problem that it finds, in the order of the file. The document without
// `vary` must be a whole scenario; each item of `vary` is checked laid over it, with the
// first items of the other axes. What only shows when items meet is found by sim/plan.
// With problems the document is nil.
func Parse(name string, src []byte, sets ...string) (*Document, []Problem) {
	root, problems := parseYAML(name, src)
	if root == nil {
		return nil, SortProblems(problems)
	}
	c := check{pos: root.pos, problems: &problems}
	if root.shape != mapping {
		c.say(root.pos, "a map of words was expected, found %s; begin with \"version: 1\"", root.found())
		return nil, SortProblems(problems)
	}
	root, sets = applySets(c, root, sets)
	vary := root.get("vary")
	root = root.with("vary", Position{}, nil)
	d := &Document{file: name, root: root, vary: vary}
	_, ps := d.Scenario()
	problems = append(problems, ps...)
	if vary != nil {
		d.axes = readAxes(c.in("vary", vary.pos), vary, root)
		checkHidden(c, d.axes, sets)
		problems = append(problems, d.checkItems()...)
	}
	if len(problems) > 0 {
		return nil, SortProblems(problems)
	}
	return d, nil
}

// checkItems reads the scenario of every item once.
func (d *Document) checkItems() (problems []Problem) {
	first := make([]Item, len(d.axes))
	for i, a := range d.axes {
		first[i] = a.Items[0]
	}
	for i, a := range d.axes {
		for j, item := range a.Items {
			if a.ranged && j > 0 && j < len(a.Items)-1 {
				continue // bounds are intervals: both ends speak for a range
			}
			pick := append([]Item(nil), first...)
			pick[i] = item
			laid, ps := d.With(pick...)
			if len(ps) == 0 {
				_, ps = laid.Scenario()
			}
			problems = append(problems, ps...)
		}
	}
	return problems
}

// Text is the document as YAML: the file with --set laid into it, without comments and
// without defaults, so that what varies still varies.
func (d *Document) Text() []byte {
	root := d.root
	if d.vary != nil {
		root = root.with("vary", d.vary.pos, d.vary)
	}
	var b strings.Builder
	root.block(&b, "")
	return []byte(b.String())
}

// Axes are what the document varies, in the order written.
func (d *Document) Axes() []Axis { return d.axes }

// With is the document with items laid over it in order, and nothing varied any more.
func (d *Document) With(items ...Item) (*Document, []Problem) {
	out := &Document{file: d.file, root: d.root}
	for _, item := range items {
		for _, s := range item {
			root, err := layAt(top, out.root, strings.Split(s.Path, "."), s.pos, s.value)
			if err != nil {
				return nil, []Problem{{s.pos.File, s.pos.Line, s.pos.Column, s.Path, err.Error()}}
			}
			out.root = root
		}
	}
	return out, nil
}

// Scenario is what the document says when nothing varies, with defaults filled in.
func (d *Document) Scenario() (*Scenario, []Problem) {
	var problems []Problem
	s := &Scenario{}
	c := check{pos: d.root.pos, problems: &problems}
	top.read(c, d.root, s)
	finish(c, d.root, s)
	if len(problems) > 0 {
		return nil, SortProblems(problems)
	}
	return s, nil
}

// At is the place of a dotted path such as "population.client.rank.16" or
// "method.0.with.epochs": that of the word or item itself, or, for a default, that of the
// innermost entry that is written.
func (d *Document) At(path string) Position {
	return d.root.at(path)
}

// Problem accuses what stands at a path; it is how later checks (of parameters, of ranks
// against the width, of a method's own) speak with the user.
func (d *Document) Problem(path, format string, args ...any) Problem {
	p := d.At(path)
	return Problem{p.File, p.Line, p.Column, path, fmt.Sprintf(format, args...)}
}
