package sim_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/simtest"
	"github.com/loramesh/loramesh/sim/world"
)

// streamWorld is that of [simtest.Stream] with sets.
func streamWorld(t *testing.T, sets ...string) *world.World {
	t.Helper()
	trials := simtest.Trials(t, simtest.Stream, sets...)
	return simtest.World(t, trials[0], world.NewAssets(simtest.StreamFiles(), &simtest.Cache{}, nil))
}

func valueOf(e ledger.Evaluate, name, group string) (ledger.Value, bool) {
	for _, v := range e.Values {
		if v.Name == name && v.Group == group {
			return v, true
		}
	}
	return ledger.Value{}, false
}

// A stage, a participant and a row of the matrix for each task, in the tasks' order.
func TestStreamOfTasks(t *testing.T) {
	hash, lines := simtest.Run(t, streamWorld(t))
	if again, _ := simtest.Run(t, streamWorld(t)); again != hash {
		t.Errorf("%s, then %s", hash, again)
	}
	tasks := []string{"sea", "wood", "town"}
	reports := simtest.Of[ledger.Report](lines)
	if len(reports) != 3 {
		t.Fatalf("%d reports; each task has one participant and one round", len(reports))
	}
	for i, r := range reports {
		if r.From != fmt.Sprintf("expert/%d", i) {
			t.Errorf("task %d is learned by %s", i, r.From)
		}
	}
	for i, p := range simtest.Of[ledger.Plan](lines) {
		if p.Stage != "tasks/"+tasks[i] || p.Offered != 1 {
			t.Errorf("plan %d: stage %q, %d offered", i, p.Stage, p.Offered)
		}
	}
	rows := simtest.Of[ledger.Evaluate](lines)
	if len(rows) != 4 || rows[0].At != "start" || rows[0].Task != "" || rows[3].At != "end" {
		t.Fatalf("%d evaluations", len(rows))
	}
	for i, e := range rows[1:] {
		if e.Task != tasks[i] {
			t.Errorf("row %d is after %q", i, e.Task)
		}
		for j, task := range tasks {
			v, ok := valueOf(e, "class-accuracy", "task="+task)
			own, _ := valueOf(e, "class-accuracy.task", "task="+task)
			switch {
			case !ok || v.Weight != 12:
				t.Errorf("row %d has no score of %s over its 12 examples: %+v", i, task, v)
			case j > i && v.Value != 0:
				t.Errorf("after %s, %v of %s is right, and no stage has shown its classes", e.Task, v.Value, task)
			case own.Value < v.Value:
				t.Errorf("after %s, %v of %s is right among all classes and %v among its own two", e.Task, v.Value, task, own.Value)
			}
		}
	}
	if first, _ := valueOf(rows[1], "class-accuracy", "task=sea"); first.Value == 0 {
		t.Error("nothing of the first task was learned")
	}
}

func TestTasksInAnotherOrder(t *testing.T) {
	order := func(sets ...string) (out []string) {
		_, lines := simtest.Run(t, streamWorld(t, sets...))
		for _, p := range simtest.Of[ledger.Plan](lines) {
			out = append(out, strings.TrimPrefix(p.Stage, "tasks/"))
		}
		return out
	}
	met := map[string]bool{}
	for k := range 4 {
		got := order("data.words.tasks={by: place, order: "+fmt.Sprint(k)+"}", "evaluate=[{at: end}]")
		met[fmt.Sprint(got)] = true
		if again := order("data.words.tasks={by: place, order: "+fmt.Sprint(k)+"}", "evaluate=[{at: end}]", "seed=5"); fmt.Sprint(again) != fmt.Sprint(got) {
			t.Errorf("order %d is %v for one seed and %v for another", k, got, again)
		}
	}
	if len(met) < 2 {
		t.Errorf("four orders are one: %v", met)
	}
	if got := order("data.words.tasks={cut: 4}", "evaluate=[{at: end}]"); fmt.Sprint(got) != "[0 1]" {
		t.Errorf("six classes, four a task, are tasks %v", got)
	}
	if got := order("data.words.tasks={by: place, first: 2}", "evaluate=[{at: end}]"); fmt.Sprint(got) != "[sea wood]" {
		t.Errorf("the first two of three are %v", got)
	}
}

// What participants see is what the stage shows and the scenario grants, and no more.
func TestStagesShowAndGrantsHold(t *testing.T) {
	sees := func(w *world.World, stage, who int, name string) int {
		rows, err := w.Rows(stage, method.ID{Pool: "client", Index: who}, name)
		if err != nil {
			return -1
		}
		return len(rows)
	}
	pool := "population={client: {count: 1, rank: 2}}"
	roles := "method.0.roles={client: client}"
	for _, c := range []struct {
		show, grant    string
		now, seen, end int // of 60 examples: in the second stage, "seen" in it, and in the last
	}{
		{"current", "", 20, -1, -1}, {"current", "{data-of-past-stages: all}", 20, 40, 60}, {"current", "{data-of-past-stages: 3}", 20, 23, 23},
		{"seen", "{data-of-past-stages: all}", 40, 40, 60}, {"all", "", 60, -1, -1}, {"all", "{data-of-past-stages: 3}", 60, 60, 60},
	} {
		sets := []string{pool, roles, "stages=[{per: task, show: " + c.show + "}]", "data.words.valid=0"}
		if c.grant != "" {
			sets = append(sets, "grant="+c.grant)
		}
		w := streamWorld(t, sets...)
		if now, seen, end := sees(w, 1, 0, "train"), sees(w, 1, 0, "seen"), sees(w, 2, 0, "seen"); now != c.now || seen != c.seen || end != c.end {
			t.Errorf("show %s, grant %s: %d, %d, %d are seen, expected %d, %d, %d", c.show, c.grant, now, seen, end, c.now, c.seen, c.end)
		}
	}
	w := streamWorld(t, pool, roles, "stages=[{per: task, show: current}]", "data.words.valid=0", "grant={data-of-past-stages: 0.5}")
	second, third := sees(w, 1, 0, "seen"), sees(w, 2, 0, "seen")
	if second <= 20 || second >= 40 || third <= second || third >= 60 {
		t.Errorf("of half of the past %d and %d are seen", second, third)
	}
}

func TestColumnsThatMustBeGranted(t *testing.T) {
	whom, scorer := method.ID{Pool: "expert"}, method.ID{Pool: "evaluation"}
	for _, c := range []struct {
		grant, column string
		test          bool
		known         string // "all", "some", "none"
	}{
		{"", "tone", false, "none"}, {"{groups-in-training: all}", "tone", false, "all"}, {"{groups-in-training: 0.5}", "tone", false, "some"},
		{"{groups-in-training: all}", "tone", true, "none"}, {"{groups-at-test: all}", "tone", true, "all"},
		{"", "task", false, "all"}, {"", "task", true, "none"}, {"{task-at-test: all}", "task", true, "all"}, {"", "said", true, "all"},
	} {
		sets := []string{}
		if c.grant != "" {
			sets = append(sets, "grant="+c.grant)
		}
		w := streamWorld(t, sets...)
		id, name := whom, "train"
		if c.test {
			id, name = scorer, "evaluate/0/0"
		}
		rows, err := w.Rows(0, id, name)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, r := range rows {
			if _, known, err := w.Column(id, r, c.column); err == nil && known {
				n++
			}
		}
		got := "some"
		switch n {
		case 0:
			got = "none"
		case len(rows):
			got = "all"
		}
		if got != c.known {
			t.Errorf("%+v: of %d rows %d are known", c, len(rows), n)
		}
	}
}

func TestStagesOfTheirOwn(t *testing.T) {
	w := streamWorld(t, "stages=[{per: task, show: current, at: {every: 1h}}, {name: after, at: 5h}]", "evaluate=[{at: end}]")
	_, lines := simtest.Run(t, w)
	for i, p := range simtest.Of[ledger.Plan](lines) {
		if want := []float64{0, 3600, 7200, 5 * 3600}[min(i, 3)]; i < 4 && float64(p.Now) != want {
			t.Errorf("stage %q begins at %g s, not at %g", p.Stage, p.Now, want)
		}
		if i == 3 && p.Offered != 3 {
			t.Errorf("%d of 3 are offered where all see what they hold", p.Offered)
		}
	}
}

// A head is asked for the same metrics: over all classes its likeliest is its first choice.
func TestHeadsAnswerClasses(t *testing.T) {
	bert := "bases.main.recipe={family: bert, d: 16, layers: 1, heads: 2, vocab: 270, context: 48, pretrain: {data: words, tokens: 4000, batch: 8, lr: 1e-2}}"
	_, lines := simtest.Run(t, streamWorld(t, bert, "stages=[{name: train}]", "evaluate=[{at: end, metrics: [accuracy, class-accuracy, class-accuracy.task, auroc]}]"))
	e := simtest.Of[ledger.Evaluate](lines)[0]
	plain, _ := valueOf(e, "accuracy", "")
	class, ok := valueOf(e, "class-accuracy", "")
	own, _ := valueOf(e, "class-accuracy.task", "")
	if !ok || plain.Value != class.Value || own.Value < class.Value {
		t.Errorf("%v is right as a head has it, %v among all classes, %v among those of a task", plain.Value, class.Value, own.Value)
	}
	_, lines = simtest.Run(t, streamWorld(t, bert))
	if n := len(simtest.Of[ledger.Evaluate](lines)); n != 4 {
		t.Errorf("%d rows of a matrix of 3 tasks", n)
	}
}
