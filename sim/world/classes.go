package world

import "slices"

// Classes are the answers among which an example's is looked for: seen, of all tasks that the
// stages up to this one have shown, and own, of the example's own task. Both are in the order
// of the data, and all classes where there are no tasks. None where answers are no classes.
func (w *World) Classes(stage int, r Row) (seen, own []string) {
	own = r.set.Classes
	if len(r.set.Tasks) > 0 {
		own = r.set.Tasks[r.Example().Task].Classes
	}
	return w.stages[stage].classes[slices.Index(w.sets, r.set)], own
}

// ClassesOf are all classes of an example's data, in the order in which heads number them.
func (r Row) ClassesOf() []string { return r.set.Classes }

// answerable are the classes of the tasks of a set that stages up to one have shown; all,
// if none of them is a stage of the set's tasks.
func (w *World) answerable(i int, s *set) (out []string) {
	shown := map[string]bool{}
	for _, st := range w.stages[:i+1] {
		if st.set == s {
			for _, c := range s.Tasks[st.task].Classes {
				shown[c] = true
			}
		}
	}
	if len(shown) == 0 {
		return s.Classes
	}
	for _, c := range s.Classes {
		if shown[c] {
			out = append(out, c)
		}
	}
	return out
}
