package scenarios

import (
	"os"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/sim/plan"
	"github.com/loramesh/loramesh/sim/scenario"
)

// needs are the arguments that a scenario leaves to its user.
var needs = map[string][]string{
	"federated/dolly":        {"bases.main.hf=DIR", "data.dolly.path=DIR"},
	"federated/instructions": {"bases.main.hf=DIR", "data.dolly.path=DIR"},
	"ailora/instructions":    {"bases.main.hf=DIR", "data.dolly.path=DIR"},
}

func TestEveryScenarioValidatesAndExpands(t *testing.T) {
	trials := map[string]int{"quickstart": 15, "federated/dolly": 5, "federated/starter": 9, "federated/even": 1, "federated/million": 9, "federated/noise": 12,
		"federated/instructions": 12, "ailora/instructions": 18, "ailora/chain": 15, "ailora/start": 18, "federated/rivals": 24, "federated/uplink": 15, "federated/users": 6, "federated/newcomers": 6,
		"continual/topics": 42, "continual/memory": 24, "continual/cohort": 9, "continual/related": 42, "continual/routers": 27, "continual/strengths": 34}
	for _, e := range List() {
		src, err := Read(e.Name)
		if err != nil {
			t.Fatal(err)
		}
		doc, problems := scenario.Parse(e.Name, src, needs[e.Name]...)
		for _, p := range problems {
			t.Error(p)
		}
		if doc == nil {
			continue
		}
		ts, problems := plan.Expand(doc)
		if len(problems) > 0 || len(ts) != trials[e.Name]+trialsOfData[e.Name] {
			t.Errorf("%s: want %d trials, got %d, %v", e.Name, trials[e.Name], len(ts), problems)
		}
		if ts[0].Scenario.Question != e.Question {
			t.Errorf("%s: List says %q, the file %q", e.Name, e.Question, ts[0].Scenario.Question)
		}
	}
}

func TestDollyAsksForItsFolders(t *testing.T) {
	src, _ := Read("federated/dolly")
	_, problems := scenario.Parse("dolly.yaml", src)
	if len(problems) != 2 {
		t.Fatalf("want two problems, got %v", problems)
	}
	for i, arg := range []string{"--set bases.main.hf=…", "--set data.dolly.path=…"} {
		if !strings.Contains(problems[i].Text, arg) {
			t.Errorf("want %q in %q", arg, problems[i])
		}
	}
}

// The arms of a question with unequal ranks differ in nothing but what they say.
func TestQuickstartArms(t *testing.T) {
	src, _ := Read("quickstart")
	doc, _ := scenario.Parse("quickstart", src)
	ts, _ := plan.Expand(doc)
	var arms []string
	for i := 0; i < len(ts); i += 3 {
		arms = append(arms, ts[i].Arm)
		for j, trial := range ts[i : i+3] {
			if trial.Arm != ts[i].Arm || trial.Seed != uint64(j+1) {
				t.Errorf("trial %d is %q, seed %d", i+j, trial.Arm, trial.Seed)
			}
		}
	}
	if got, want := strings.Join(arms, ", "), "flora, zeropad, fedit, fedit-restart, fedit rank=6"; got != want {
		t.Errorf("arms %q, want %q", got, want)
	}
	for _, trial := range ts {
		total, count := 0.0, 0.0
		for _, s := range trial.Scenario.Population[0].Ranks {
			total, count = total+float64(s.Rank)*s.Share, count+s.Share
		}
		if total*float64(trial.Scenario.Population[0].Count)/count != 48 {
			t.Errorf("%s: ranks %v do not add up to 48", trial.Name, trial.Scenario.Population[0].Ranks)
		}
	}
}

func TestReadSuggests(t *testing.T) {
	_, err := Read("federated/doly")
	if err == nil || err.Error() != `no embedded scenario is called "federated/doly"; did you mean "federated/dolly"?` {
		t.Errorf("got %v", err)
	}
}

func TestReadmeHasALineEach(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range List() {
		if !strings.Contains(string(readme), "| `"+e.Name+"` | "+e.Question+" |") {
			t.Errorf("README.md has no line for %s with its question", e.Name)
		}
	}
}
