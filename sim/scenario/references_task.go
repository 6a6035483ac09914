package scenario

import "fmt"

// taskSplit divides data among a participant for each task.
var taskSplit = Split{Kind: "natural", By: "task"}

// withTasks lists the data sets that have tasks.
func (f finisher) withTasks() (names []string) {
	for _, d := range f.s.Data {
		if d.Tasks.Some() {
			names = append(names, d.Name)
		}
	}
	return names
}

// tasks completes a stage for each task, and accuses words that belong to those alone.
func (f finisher) tasks(at string, st *Stage) {
	for _, pool := range sortedKeys(st.Offer) {
		f.defined(at+"offer."+pool, "pool", pool, namesOf(f.s.Population, func(p Pool) string { return p.Name }))
	}
	if st.Per == "" {
		if st.Name == "" && !f.given(at+"name") {
			f.accuse(at[:len(at)-1], `a stage needs "name", a name`)
		}
		for word, has := range map[string]bool{"of": st.Of != "", "at.every": st.At.EverySec > 0} {
			if has {
				f.accuse(at+word, `%q belongs to stages for each task: write per: task`, word)
			}
		}
		if st.Show == "current" || st.Show == "seen" {
			f.accuse(at+"show", `%q belongs to stages for each task: write per: task, or show: all`, st.Show)
		}
		return
	}
	if st.Name == "" && !f.given(at+"name") {
		st.Name = "tasks"
	}
	switch names := f.withTasks(); {
	case st.Of != "":
		f.hasTasks(at+"of", st.Of)
	case f.given(at + "of"):
	case len(names) == 1:
		st.Of = names[0]
	default:
		f.accuse(at+"per", `"of" was expected, the data whose tasks are the stages; with tasks there are %q`, names)
	}
}

// hasTasks accuses a data set without tasks.
func (f finisher) hasTasks(path, name string) {
	f.defined(path, "data set", name, f.dataNames())
	for _, d := range f.s.Data {
		if d.Name == name && !d.Tasks.Some() && !f.given("data."+name+".tasks") {
			f.accuse(path, "data %q have no tasks; write tasks: COLUMN or tasks: {cut: n} at data.%s", name, name)
		}
	}
}

// perTask gives a pool with a participant for each task its split.
func (f finisher) perTask(at string, p *Pool) {
	if p.Per.Kind == "" {
		return
	}
	f.hasTasks(at+"per", p.Data)
	if f.given(at + "count") {
		f.accuse(at+"count", `a pool per task has as many participants as the data have tasks; leave "count" out, or write tasks: {first: n} at the data`)
	}
	if f.given(at+"split") && p.Split != taskSplit {
		f.accuse(at+"split", `a pool per task is divided by task; leave "split" out`)
	}
	p.Split = taskSplit
}

// each asks that there are tasks where each is to be measured.
func (f finisher) each(path string, e Evaluation) {
	if e.Each == "task" && len(f.withTasks()) == 0 {
		f.accuse(path, "no data have tasks; write tasks: COLUMN or tasks: {cut: n} at the data%s", f.only())
	}
}

// only names the one data set, if there is but one.
func (f finisher) only() string {
	if names := f.dataNames(); len(names) == 1 {
		return fmt.Sprintf(" (data.%s)", names[0])
	}
	return ""
}
