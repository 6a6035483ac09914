package data_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/scenario"
)

// clinc are two domains of two intents each, as CLINC150 has them.
func clinc() disk {
	return disk{
		"c/domains.json": `{"bank": ["pay", "freeze"], "talk": ["joke", "hello"]}`,
		"c/data_full.json": `{"oos_train": [["what is this", "oos"]], "val": [],
 "train": [["tell a joke", "joke"], ["freeze it", "freeze"], ["pay it", "pay"], ["hi", "hello"], ["pay now", "pay"]],
 "test": [["hello you", "hello"], ["pay up", "pay"]]}`,
	}
}

func TestClinc(t *testing.T) {
	d := scenario.Data{Name: "intents", Set: "clinc150", Path: "c"}
	set, err := data.Load(d, clinc(), 1)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, e := range set.Train {
		told = append(told, e.Columns["domain"]+"/"+e.Answer+": "+e.Columns["text"])
	}
	if want := "[bank/pay: pay it bank/pay: pay now bank/freeze: freeze it talk/joke: tell a joke talk/hello: hi]"; fmt.Sprint(told) != want {
		t.Errorf("rows %v, want %s", told, want)
	}
	if fmt.Sprint(set.Classes) != "[pay freeze joke hello]" || set.Tasks != nil || set.Label != "intent" || len(set.Test) != 2 {
		t.Errorf("%+v", set)
	}
	if p := set.Train[0].Prompt; p != "pay it\nintent: " {
		t.Errorf("prompt %q", p)
	}
	for _, c := range []struct {
		tasks  scenario.Tasks
		names  string
		stream string
	}{
		{scenario.Tasks{By: "domain"}, "[{bank [pay freeze]} {talk [joke hello]}]", "class"},
		{scenario.Tasks{Cut: 3}, "[{0 [pay freeze joke]} {1 [hello]}]", "class"},
		{scenario.Tasks{By: "domain", First: 1}, "[{bank [pay freeze]}]", "class"},
	} {
		d.Tasks = c.tasks
		set, err := data.Load(d, clinc(), 1)
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(set.Tasks) != c.names || set.Stream() != c.stream {
			t.Errorf("%+v: %v, %q", c.tasks, set.Tasks, set.Stream())
		}
		for _, e := range slices.Concat(set.Train, set.Test) {
			if task := set.Tasks[e.Task]; e.Columns["task"] != task.Name || !slices.Contains(task.Classes, e.Answer) {
				t.Errorf("%+v is of task %+v", e, task)
			}
		}
	}
}

func TestTasksThatShareClasses(t *testing.T) {
	for _, c := range []struct{ rows, want string }{
		{"a,yes\nb,no\na,no\nb,yes\n", "domain"}, {"a,yes\nb,no\na,no\nb,maybe\n", "mixed"}, {"a,yes\nb,no\n", "class"},
	} {
		set, err := data.Load(scenario.Data{Name: "x", File: "x.csv", Format: "csv", Template: "{place}", Label: "y", Tasks: scenario.Tasks{By: "place"}}, disk{"x.csv": "place,y\n" + c.rows}, 1)
		if err != nil {
			t.Fatal(err)
		}
		if set.Stream() != c.want {
			t.Errorf("%q is %q, want %q", c.rows, set.Stream(), c.want)
		}
		if noted := strings.Contains(strings.Join(set.Notes, "\n"), `tasks share classes and not all have the same: ["no"]`); noted != (c.want == "mixed") {
			t.Errorf("%q: notes %q", c.rows, set.Notes)
		}
	}
}

func TestTasksThatCannotBe(t *testing.T) {
	csv := disk{"x.csv": "place,y,task\na,yes,1\nb,no,2\n", "t.csv": "place,y,task\nc,yes,1\n", "u.csv": "place,y,task\na,never,1\n"}
	base := scenario.Data{Name: "x", File: "x.csv", Format: "csv", Template: "{place}", Label: "y"}
	for _, c := range []struct {
		change func(*scenario.Data)
		want   string
	}{
		{func(d *scenario.Data) { d.Tasks.By = "plac" }, `no column "plac"; columns here: ["place" "y" "task"]; did you mean "place"?`},
		{func(d *scenario.Data) { d.Tasks.By = "place" }, `the data have a column "task" of their own ("1" in the first example); write tasks: task, or give the file's column another name`},
		{func(d *scenario.Data) { d.Tasks.Cut, d.Label, d.Columns = 1, "", map[string]string{"answer": "y"} }, `the data have a column "task"`},
		{func(d *scenario.Data) { d.Tasks.By, d.Tasks.First = "task", 3 }, `first: 3, and there are 2 tasks: ["1" "2"]`},
		{func(d *scenario.Data) { d.Tasks.By, d.Limit = "task", 1 }, `has no training example left; keep more rows (limit)`},
		{func(d *scenario.Data) { d.Test = "u.csv" }, `test example 0 is of class "never", and no training example is; there are ["yes" "no"]`},
		{func(d *scenario.Data) { d.Groups = []string{"s"} }, `groups: training example 0 has no column "s"`},
		{func(d *scenario.Data) { d.Columns = map[string]string{"answer": "place"} }, `label and columns: answer both say what the answer is`},
	} {
		d := base
		c.change(&d)
		if _, err := data.Load(d, csv, 1); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
	delete(csv, "u.csv")
	noTask := disk{"x.csv": "place,y\na,yes\nb,no\n", "t.csv": "place,y\nc,yes\n"}
	d := base
	d.Test, d.Tasks = "t.csv", scenario.Tasks{By: "place"}
	if _, err := data.Load(d, noTask, 1); err == nil || !strings.Contains(err.Error(), `test example 0 is of task "c", which has no training example; there are ["a" "b"]`) {
		t.Errorf("a task of test examples alone: %v", err)
	}
	d = base
	d.Label, d.Columns, d.Tasks = "", map[string]string{"answer": "y"}, scenario.Tasks{Cut: 1}
	if _, err := data.Load(d, noTask, 1); err == nil || !strings.Contains(err.Error(), "the data name no column of classes; write label: COLUMN") {
		t.Errorf("classes that nobody named are cut: %v", err)
	}
}

func TestClincErrors(t *testing.T) {
	for _, c := range []struct{ file, text, want string }{
		{"c/domains.json", `{"bank": ["pay"], "talk": ["pay"]}`, `intent "pay" is in the domains "bank" and "talk"`},
		{"c/domains.json", `["bank"]`, `c/domains.json:1: expected an object of lists of text`},
		{"c/domains.json", "{\"bank\":\n3}", `c/domains.json:2: bank: expected an object of lists of text`},
		{"c/data_full.json", `{"train": [["pay it", "pay", "x"]]}`, `train, row 0: [text, intent] was expected, found 3 values`},
		{"c/data_full.json", `{"train": [["pay it", "pya"]]}`, `train, row 0: intent "pya" is in no domain of domains.json`},
		{"c/data_full.json", "{\"train\":\n [[\"pay it\", ", `c/data_full.json:2: expected {"train": `},
		{"c/data_full.json", `{}`, `no training examples`},
	} {
		files := clinc()
		files[c.file] = c.text
		if _, err := data.Load(scenario.Data{Name: "x", Set: "clinc150", Path: "c"}, files, 1); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v\nwant %s", c.text, err, c.want)
		}
	}
}

// real is the folder of a real data set, where there is one.
func real(t *testing.T, name string) (string, osFiles) {
	t.Helper()
	dir := filepath.Join("..", "..", "..", "shared", "data", name)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the real files are not here: %v", err)
	}
	return dir, osFiles{}
}

type osFiles struct{}

func (osFiles) ReadFile(name string) ([]byte, error)            { return os.ReadFile(name) }
func (osFiles) Glob(pattern string) (found []string, err error) { return filepath.Glob(pattern) }

func TestRealClinc(t *testing.T) {
	dir, files := real(t, "clinc150")
	for _, c := range []struct {
		tasks scenario.Tasks
		n     int
	}{{scenario.Tasks{By: "domain"}, 10}, {scenario.Tasks{Cut: 5}, 30}} {
		set, err := data.Load(scenario.Data{Name: "intents", Set: "clinc150", Path: dir, Tasks: c.tasks}, files, 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(set.Train) != 15000 || len(set.Test) != 4500 || len(set.Classes) != 150 || len(set.Tasks) != c.n || set.Stream() != "class" {
			t.Errorf("%d and %d examples, %d classes, %d tasks, %q", len(set.Train), len(set.Test), len(set.Classes), len(set.Tasks), set.Stream())
		}
	}
}

// A stream says of itself how many tasks there are and whether they bring classes.
func TestStreamsSayWhatTheyAre(t *testing.T) {
	two := func(a, b []string) *data.Set {
		return &data.Set{Label: "label", Tasks: []data.Task{{Name: "one", Classes: a}, {Name: "two", Classes: b}}}
	}
	for want, s := range map[string]*data.Set{
		"":                           {},
		"2 tasks, class-incremental": two([]string{"a"}, []string{"b"}), "2 tasks, domain-incremental: all have": two([]string{"a"}, []string{"a"}),
		"2 tasks, mixed": two([]string{"a"}, []string{"a", "b"}), "1 task, domain-incremental: answers are texts": {Tasks: []data.Task{{Name: "one"}}},
	} {
		if got := s.StreamText(); !strings.HasPrefix(got, want) || (got == "") != (want == "") {
			t.Errorf("%q, expected %q", got, want)
		}
	}
}
