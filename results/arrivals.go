package results

import (
	"slices"
	"strings"

	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/scenario"
)

// Arrived is a stage that came at a time of its own: when, when it was begun, and how many more
// had come by then and waited, their turn being later.
type Arrived struct {
	Stage   string
	At      float64 // s, virtual
	Began   float64 // s, virtual
	Waiting int
}

// Waited is how long it had to wait for those before it, in virtual seconds.
func (a Arrived) Waited() float64 { return a.Began - a.At }

// begun is when the first round of a stage opened.
type begun struct {
	stage string
	at    float64
}

// entered notes a stage whose first round this is.
func (t *Trial) entered(p ledger.Plan) {
	if n := len(t.begun); n == 0 || t.begun[n-1].stage != p.Stage {
		t.begun = append(t.begun, begun{p.Stage, float64(p.Now)})
	}
}

// Arrivals is, by the ID of each trial whose scenario gives stages a time, when all of them came. A
// scenario of an older version that does not read any more says nothing.
func (r *Run) Arrivals() map[string][]Arrived {
	texts, all := textsOf(r.Resolved), map[string][]Arrived{}
	for _, t := range r.Trials {
		i := slices.IndexFunc(r.Plan.Trials, func(p PlanTrial) bool { return p.ID == t.ID })
		if i < 0 || i >= len(texts) {
			continue
		}
		if s, ok := ScenarioOf(t.ID, texts[i]); ok {
			if came := t.arrivals(s); came != nil {
				all[t.ID] = came
			}
		}
	}
	return all
}

// ScenarioOf reads the resolved scenario of a trial; ok is false of one of an older version that does
// not read any more.
func ScenarioOf(id string, text []byte) (s *scenario.Scenario, ok bool) {
	doc, problems := scenario.Parse(id, text)
	if len(problems) > 0 {
		return nil, false
	}
	s, problems = doc.Scenario()
	return s, len(problems) == 0
}

// arrivals finds when the stages of a trial came; none where its scenario gives none a time.
func (t *Trial) arrivals(s *scenario.Scenario) (came []Arrived) {
	some := false
	tasks := map[string]int{} // begun so far of a stage for each task
	for _, b := range t.begun {
		for _, st := range s.Stages {
			if b.stage != st.Name && (st.Per == "" || !strings.HasPrefix(b.stage, st.Name+"/")) {
				continue
			}
			at := st.At.Of(tasks[st.Name])
			tasks[st.Name]++
			some = some || st.At != (scenario.Arrival{})
			came = append(came, Arrived{Stage: b.stage, At: at, Began: b.at})
		}
	}
	if !some {
		return nil
	}
	for i := range came {
		for _, later := range came[i+1:] {
			if later.At <= came[i].Began {
				came[i].Waiting++
			}
		}
	}
	return came
}
