package data

import (
	"fmt"
	"maps"
	"slices"

	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/sim/scenario"
)

// TaskColumn is the column that tells an example's task, in data that have tasks.
const TaskColumn = "task"

// Task is one of the tasks of a data set.
type Task struct {
	Name    string
	Classes []string // those of its training examples, in the order of [Set.Classes]
}

// Stream says what changes from task to task (van de Ven and Tolias 2019, §2): "class" where
// each task has classes of its own, "domain" where all have the same, "mixed" where some
// classes are in several tasks and not in all; "" where answers are no classes.
func (s *Set) Stream() string {
	if s.Label == "" || len(s.Tasks) == 0 {
		return ""
	}
	times := map[string]int{}
	for _, t := range s.Tasks {
		for _, c := range t.Classes {
			times[c]++
		}
	}
	own, shared := true, true
	for _, n := range times {
		own, shared = own && n == 1, shared && n == len(s.Tasks)
	}
	switch {
	case own:
		return "class"
	case shared:
		return "domain"
	}
	return "mixed"
}

// StreamText says in words what comes with the tasks, and what tells them apart; "" where there are
// none.
func (s *Set) StreamText() string {
	if len(s.Tasks) == 0 {
		return ""
	}
	what := map[string]string{
		"class":  "class-incremental: each has classes of its own",
		"domain": "domain-incremental: all have the same classes",
		"mixed":  "mixed: some classes are in several and not in all",
		"":       "domain-incremental: answers are texts, not classes",
	}[s.Stream()]
	if len(s.Tasks) == 1 {
		return "1 task, " + what
	}
	return fmt.Sprintf("%d tasks, %s", len(s.Tasks), what)
}

// classify lists the classes, in the order in which they first appear. Nothing to do for data
// whose answers are none.
func (s *Set) classify() error {
	if s.Label == "" {
		return nil
	}
	known := map[string]bool{}
	for _, e := range s.Train {
		if !known[e.Answer] {
			known[e.Answer] = true
			s.Classes = append(s.Classes, e.Answer)
		}
	}
	for i, e := range s.Test {
		if !known[e.Answer] {
			return fmt.Errorf("test example %d is of class %q, and no training example is; there are %s", i, e.Answer, some(s.Classes))
		}
	}
	return nil
}

// some lists a few of many words.
func some(words []string) string {
	if len(words) <= 12 {
		return fmt.Sprintf("%q", words)
	}
	return fmt.Sprintf("%q and %d more", words[:12], len(words)-12)
}

// divide gives each example its task, and tasks their order. Tasks come in the order in which
// they first appear among the training examples, or in one that key draws.
func (s *Set) divide(t scenario.Tasks, key rng.Key) error {
	if !t.Some() {
		return nil
	}
	of, err := s.taskOf(t)
	if err != nil {
		return err
	}
	var names []string
	place := map[string]int{}
	for _, e := range s.Train {
		if name := of(e); place[name] == 0 {
			names = append(names, name)
			place[name] = len(names)
		}
	}
	if t.Order > 0 {
		order, shuffled := key.Permutation(len(names)), make([]string, len(names))
		for i := range names {
			shuffled[i] = names[order.At(i)]
		}
		names = shuffled
	}
	if t.First > len(names) {
		return fmt.Errorf("first: %d, and there are %d tasks: %s", t.First, len(names), some(names))
	}
	if t.First > 0 {
		names = names[:t.First]
	}
	for i, name := range names {
		s.Tasks = append(s.Tasks, Task{Name: name})
		place[name] = i
	}
	for i, e := range s.Test {
		if _, known := place[of(e)]; !known {
			return fmt.Errorf("test example %d is of task %q, which has no training example; there are %s", i, of(e), some(names))
		}
	}
	s.assign(of, place, names)
	return nil
}

// assign writes tasks into examples; those of tasks that are left out leave.
func (s *Set) assign(of func(Example) string, place map[string]int, names []string) {
	mark := func(e Example) (Example, bool) {
		name := of(e)
		i := place[name]
		if i >= len(names) || names[i] != name {
			return e, false
		}
		e.Task, e.Columns = i, maps.Clone(e.Columns)
		e.Columns[TaskColumn] = name
		return e, true
	}
	var rows []int
	for i, e := range s.Train {
		if e, stays := mark(e); stays {
			s.Train[i] = e
			rows = append(rows, i)
		}
	}
	if len(rows) < len(s.Train) {
		s.keep(rows)
	}
	var test []Example
	for _, e := range s.Test {
		if e, stays := mark(e); stays {
			test = append(test, e)
		}
	}
	s.Test = test
	if !slices.Contains(s.Names, TaskColumn) {
		s.Names = append(slices.Clone(s.Names), TaskColumn)
	}
}

// taskOf tells the name of an example's task.
func (s *Set) taskOf(t scenario.Tasks) (func(Example) string, error) {
	if t.By != "" {
		if err := s.hasColumn(t.By); err != nil {
			return nil, err
		}
	}
	if e := s.Train[0]; t.By != TaskColumn {
		if own, has := e.Columns[TaskColumn]; has {
			return nil, fmt.Errorf("the data have a column %q of their own (%q in the first example); write tasks: %s, or give the file's column another name", TaskColumn, own, TaskColumn)
		}
	}
	if t.By != "" {
		return func(e Example) string { return e.Columns[t.By] }, nil
	}
	if s.Classes == nil {
		return nil, fmt.Errorf("cut: %d classes make a task, and the data name no column of classes; write label: COLUMN", t.Cut)
	}
	digits := len(fmt.Sprint((len(s.Classes) - 1) / t.Cut))
	place := map[string]int{}
	for i, c := range s.Classes {
		place[c] = i / t.Cut
	}
	return func(e Example) string { return fmt.Sprintf("%0*d", digits, place[e.Answer]) }, nil
}

// settleTasks lists the classes of each task once it is known which examples there are.
func (s *Set) settleTasks() error {
	has := make([]map[string]bool, len(s.Tasks))
	for i := range has {
		has[i] = map[string]bool{}
	}
	for _, e := range s.Train {
		if len(s.Tasks) > 0 {
			has[e.Task][e.Answer] = true
		}
	}
	for i, t := range s.Tasks {
		if len(has[i]) == 0 {
			return fmt.Errorf("task %q has no training example left; keep more rows (limit)", t.Name)
		}
		for _, c := range s.Classes {
			if has[i][c] {
				s.Tasks[i].Classes = append(s.Tasks[i].Classes, c)
			}
		}
	}
	s.noteShared()
	return nil
}

// noteShared notes the classes that some tasks have in common and others lack. Such a class is
// right whichever of its tasks it is answered for, and stands among the seen ones once.
func (s *Set) noteShared() {
	if s.Stream() != "mixed" {
		return
	}
	times := map[string]int{}
	for _, t := range s.Tasks {
		for _, c := range t.Classes {
			times[c]++
		}
	}
	var shared []string
	for _, c := range s.Classes {
		if times[c] > 1 {
			shared = append(shared, c)
		}
	}
	s.Notes = append(s.Notes, fmt.Sprintf("tasks share classes and not all have the same: %s; each is one class, right whichever task it is answered for", some(shared)))
}
