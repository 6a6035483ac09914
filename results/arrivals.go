package results

import (
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

// arrive finds when the stages of a trial came, where its scenario gives any a time.
func (t *Trial) arrive(s *scenario.Scenario) {
	some := false
	tasks := map[string]int{} // begun so far of a stage for each task
	for _, b := range t.begun {
		for _, st := range s.Stages {
			if b.stage != st.Name && (st.Per == "" || !strings.HasPrefix(b.stage, st.Name+"/")) {
				continue
			}
			at := st.At.Sec + float64(float64(tasks[st.Name])*st.At.EverySec)
			tasks[st.Name]++
			some = some || st.At != (scenario.Arrival{})
			t.Arrivals = append(t.Arrivals, Arrived{Stage: b.stage, At: at, Began: b.at})
		}
	}
	if !some {
		t.Arrivals = nil
	}
	for i := range t.Arrivals {
		for _, later := range t.Arrivals[i+1:] {
			if later.At <= t.Arrivals[i].Began {
				t.Arrivals[i].Waiting++
			}
		}
	}
}
