package world

import (
	"fmt"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/sim/metric"
)

// unfit says why a metric cannot be had of examples that are asked, grouped by columns, or "":
// what their data or the bases lack would else be met at the first evaluation.
func (w *World) unfit(rows []Row, by []string, name string) string {
	classes, writes := metric.Classifies([]string{name}), metric.Writes([]string{name})
	if classes {
		if why := unclassed(rows, name); why != "" {
			return why
		}
	}
	if metric.OfRouters(name) {
		if why := untasked(rows); why != "" {
			return why
		}
	}
	for _, b := range w.Bases {
		c := b.Model.Config()
		if !slices.ContainsFunc(w.stages, func(s stage) bool { return s.Base == b.Name }) {
			continue
		}
		switch {
		case writes && b.Answers():
			return fmt.Sprintf("it judges what a model writes, and base %q writes nothing: it tells %d classes apart", b.Name, len(b.Classes()))
		case classes && (c.Answer.Regression || c.Answer.Several):
			return fmt.Sprintf("it judges one class an example, and the head of base %q gives numbers", b.Name)
		}
	}
	if metric.ComparesGroups(name) {
		return ungrouped(rows, by)
	}
	return ""
}

// unclassed is about data without classes, or with classes that are no ratings.
func unclassed(rows []Row, name string) string {
	for _, r := range rows {
		if len(r.set.Classes) == 0 {
			return fmt.Sprintf("it judges classes, and data %q name no column of them; write label: COLUMN at data.%s", r.set.Name, r.set.Name)
		}
		if !metric.Rates(name) {
			continue
		}
		if k := slices.IndexFunc(r.set.Classes, func(c string) bool { return !metric.IsRating(c) }); k >= 0 {
			return fmt.Sprintf("it judges ratings, and the class %q of data %q is no number; write label: COLUMN of a column of numbers, as stars from 1 to 5", r.set.Classes[k], r.set.Name)
		}
	}
	return ""
}

// untasked is about data in which no example is of a task.
func untasked(rows []Row) string {
	for _, r := range rows {
		if len(r.set.Tasks) == 0 {
			return fmt.Sprintf("it asks whether the expert of an example's task is found, and the examples of data %q are of none; write tasks: COLUMN at data.%s", r.set.Name, r.set.Name)
		}
	}
	return ""
}

// ungrouped is about examples that are all of one group.
func ungrouped(rows []Row, by []string) string {
	if len(by) == 0 {
		return "it compares groups; write by: [COLUMN] beside it, a column of several groups"
	}
	first := ""
	for i, r := range rows {
		var cells []string
		for _, column := range by {
			cell, _ := r.Cell(column)
			cells = append(cells, cell)
		}
		switch cell := strings.Join(cells, ","); {
		case i == 0:
			first = cell
		case cell != first:
			return ""
		}
	}
	return fmt.Sprintf("it compares groups, and by %s all %d examples are of one, %q", strings.Join(by, ", "), len(rows), first)
}
