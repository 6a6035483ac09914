package sim

import "github.com/loramesh/loramesh/sim/coordinator"

// Gauge turns a trial's effects and answers into [Progress]. It never touches the trial.
type Gauge struct {
	watch func(Progress)
	now   Progress
	more  bool // work of the same turn follows
}

// NewGauge returns a gauge that tells s.Watch.
func NewGauge(s Setup) *Gauge {
	g := &Gauge{watch: s.Watch}
	g.now.Rounds = s.World.Rounds()
	return g
}

// Effect says that an effect is about to be carried out.
func (g *Gauge) Effect(e coordinator.Effect) {
	switch e.(type) {
	case coordinator.Finished, coordinator.Recall, coordinator.Rest:
		return // the last work item was the end
	}
	_, work := e.(coordinator.DoWork)
	counted := work && g.more
	if g.more = false; counted {
		return
	}
	g.now.Done, g.now.Of = 0, 0
	switch e := e.(type) {
	case coordinator.AskPlan:
		g.now.What, g.now.Stage, g.now.Round = "plan", e.Request.Stage.Name, e.Request.Round+1
	case coordinator.AskFold:
		g.now.What = "fold"
	case coordinator.DoWork:
		g.now.What, g.now.Of, g.more = "fit", len(e.Leases)+e.More, e.More > 0
		if len(e.Leases) > 0 && e.Leases[0].Key.Whom.Pool == coordinator.EvaluationPool {
			g.now.What = "evaluate"
		}
	}
	g.tell()
}

// Worked says that a lease has been done.
func (g *Gauge) Worked(lease coordinator.Key) {
	g.now.Done++
	if lease.Whom.Pool != coordinator.EvaluationPool {
		g.now.ClientRuns++
	}
	g.tell()
}

// Failed says that a lease failed and is given out again.
func (g *Gauge) Failed() {
	g.now.Failures++
	g.tell()
}

func (g *Gauge) tell() {
	if g.watch != nil {
		g.watch(g.now)
	}
}
