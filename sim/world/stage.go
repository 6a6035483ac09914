package world

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/scenario"
)

// stage is one stretch of a trial. A stage of the scenario that is written for each task is
// one for each here.
type stage struct {
	scenario.Stage
	called string // the whole name: "train", "tasks/banking"
	set    *set   // whose task it shows; nil: it is no stage for a task
	task   int    // of the set
	after  float64
	// classes are those that can be answered in it, of each set in the world's order.
	classes [][]string
}

// setTheStages writes out the stages of each task, once it is known which tasks there are.
func (w *World) setTheStages(accuse accusation) {
	for _, st := range w.Trial.Scenario.Stages {
		if st.Per == "" {
			w.stages = append(w.stages, stage{Stage: st, called: st.Name, after: st.At.Sec})
			continue
		}
		s, err := w.named(st.Of)
		if err != nil {
			accuse("stages", "%v", err)
			return
		}
		for i, t := range s.Tasks {
			w.stages = append(w.stages, stage{Stage: st, called: st.Name + "/" + t.Name, set: s, task: i, after: st.At.Of(i)})
		}
	}
	for i, st := range w.Trial.Scenario.Stages {
		for _, p := range w.pools {
			if o := st.Offer[p.name]; o.Of > p.size {
				accuse(fmt.Sprintf("stages.%d.offer.%s.of", i, p.name), "at most %d was expected, as many as pool %q has, found %d", p.size, p.name, o.Of)
			}
		}
	}
	for i := range w.stages {
		for _, s := range w.sets {
			w.stages[i].classes = append(w.stages[i].classes, w.answerable(i, s))
		}
		if !w.someoneSees(i) {
			accuse("stages", "in stage %q nobody sees an example: raise the number of examples, or write show: none", w.stages[i].called)
		}
	}
}

// someoneSees says whether a stage shows anything to anyone.
func (w *World) someoneSees(i int) bool {
	if show := w.stages[i].Show; show == "all" || show == "none" {
		return true
	}
	for _, p := range w.pools {
		for k := range p.size {
			if w.Sees(i, method.ID{Pool: p.name, Index: k}) > 0 {
				return true
			}
		}
	}
	return false
}

// fixed is the stage as the coordinator has it.
func (st stage) fixed() coordinator.Stage {
	out := coordinator.Stage{Name: st.called, Base: st.Base, At: method.Seconds(st.after), Blind: st.Show == "none"}
	if st.set != nil {
		out.Task, out.Labels = st.set.Tasks[st.task].Name, len(st.set.Tasks[st.task].Classes)
	}
	for pool, o := range st.Offer {
		if out.Offers == nil {
			out.Offers = map[string]coordinator.Offer{}
		}
		out.Offers[pool] = offered(o)
	}
	return out
}

// offered is how a pool is offered as the coordinator has it.
func offered(o scenario.Offer) coordinator.Offer {
	return coordinator.Offer{Sweep: o.Kind == "sweep", Cohort: o.N, Turns: o.Of}
}

// stagesOf are the stages that a member of the chain works in, by their whole names; none: all.
func (w *World) stagesOf(m scenario.Member) (names []string) {
	for _, st := range w.stages {
		if slices.Contains(m.In, st.Name) {
			names = append(names, st.called)
		}
	}
	return names
}

// Rounds is how many rounds a trial has; 0 where a method goes on until it has finished.
func (w *World) Rounds() (n int) {
	for _, m := range w.Trial.Scenario.Method {
		stages := len(w.stagesOf(m))
		if len(m.In) == 0 {
			stages = len(w.stages)
		}
		if m.Rounds == 0 {
			return 0
		}
		n += m.Rounds * stages
	}
	return n
}

// by lists the columns by which an evaluation groups.
func by(e scenario.Evaluation) []string {
	if e.Each != coordinator.EachTask {
		return e.By
	}
	return append([]string{data.TaskColumn}, e.By...)
}

// offerOf is how a pool is offered in the stage.
func (st stage) offerOf(p *pool) scenario.Offer {
	if o, own := st.Offer[p.name]; own {
		return o
	}
	return p.offer
}

// idle is busy, where who sees nothing is busy too.
func (w *World) idle(stage int, p *pool, busy func(int) bool) func(int) bool {
	if show := w.stages[stage].Show; show == "all" || show == "none" {
		return busy
	}
	return func(i int) bool { return busy(i) || w.Sees(stage, method.ID{Pool: p.name, Index: i}) == 0 }
}

// Sees counts the examples that a stage shows to a participant.
func (w *World) Sees(stage int, id method.ID) int {
	return len(w.visible(stage, w.pool(id.Pool), w.person(id).train))
}

// visible are those of a participant's rows that a stage shows. Rows of other data than those
// whose tasks are the stages are no part of any task, and shown in all of them.
func (w *World) visible(i int, p *pool, rows []int) []int {
	st := w.stages[i]
	if st.Show == "none" {
		return nil
	}
	if st.set != p.set || st.Show == "all" {
		return rows
	}
	var out []int
	for _, r := range rows {
		if t := p.set.Train[r].Task; t == st.task || st.Show == "seen" && t < st.task {
			out = append(out, r)
		}
	}
	return out
}
