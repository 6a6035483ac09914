package data_test

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/scenario"
)

// disk is files in memory.
type disk map[string]string

func (d disk) ReadFile(name string) ([]byte, error) {
	src, ok := d[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return []byte(src), nil
}

func (d disk) Glob(pattern string) (list []string, err error) {
	for name := range d { // in any order: Load sorts
		ok, err := path.Match(pattern, name)
		if err != nil {
			return nil, err
		}
		if ok {
			list = append(list, name)
		}
	}
	return list, nil
}

func row(category, text string) string {
	return fmt.Sprintf(`{"instruction": %q, "context": "", "response": "R", "category": %q}`, text, category)
}

func TestDolly(t *testing.T) {
	files := disk{"d[1]/global_test.json": "[" + row("qa", "test") + "]"}
	for i := range 12 {
		files[fmt.Sprintf("d[1]/local_training_%d.json", i)] = "[" + row("qa", fmt.Sprint("a", i)) + ",\n" + row("open", fmt.Sprint("b", i)) + "]\n"
	}
	set, err := data.Load(scenario.Data{Name: "dolly", Set: "dolly", Path: "d[1]", By: "category"}, files, 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Train) != 24 || len(set.Test) != 1 || len(set.Natural) != 12 {
		t.Fatalf("%d train, %d test, %d shards", len(set.Train), len(set.Test), len(set.Natural))
	}
	// Numeric order: shard 10 holds file 10, not file 2.
	e := set.Train[set.Natural[10][1]]
	if e.Prompt != "Q: b10\n\nA:" || e.Answer != "R" || e.Columns["category"] != "open" {
		t.Errorf("example: %+v", e)
	}
	if got := set.Texts()[0]; got != "Q: a0\n\nA: R" {
		t.Errorf("text %q", got)
	}
	again, err := data.Load(scenario.Data{Name: "dolly", Set: "dolly", Path: "d[1]", Limit: 5}, files, 1)
	if err != nil {
		t.Fatal(err)
	}
	var kept []int
	for _, shard := range again.Natural {
		kept = append(kept, shard...)
	}
	if len(again.Train) != 5 || !slices.Equal(kept, []int{0, 1, 2, 3, 4}) {
		t.Errorf("limit 5 keeps %d examples in shards %v", len(again.Train), again.Natural)
	}
}

func TestFiles(t *testing.T) {
	files := disk{
		"a.jsonl":    "{\"q\": \"two\\nlines\", \"reply\": \"A\", \"n\": 1.50, \"ok\": true, \"no\": null, \"list\": [1, 2]}\n\n",
		"a.csv":      "\uFEFFq,reply\r\n\"two\nlines\",A\r\n",
		"a.tsv":      "q\treply\n\"two\tA\n",
		"a.txt":      "first line\n\n  second line \n",
		"part2.txt":  "b",
		"part10.txt": "c",
	}
	columns := map[string]string{"prompt": "q", "answer": "reply"}
	for _, c := range []struct {
		d              scenario.Data
		prompt, answer string
	}{
		{scenario.Data{File: "a.jsonl", Columns: columns}, "two\nlines", "A"},
		{scenario.Data{File: "a.jsonl", Columns: map[string]string{"answer": "reply"}, Template: "{{{n}}}: {q} {ok}{no}{list}"}, "{1.50}: two\nlines true[1,2]", "A"},
		{scenario.Data{File: "a.csv", Columns: columns}, "two\nlines", "A"},
		{scenario.Data{File: "a.tsv", Columns: columns}, `"two`, "A"},
		{scenario.Data{File: "a.txt"}, "", "first line"},
		{scenario.Data{File: "a.txt", Template: "line:"}, "line:", "first line"},
		{scenario.Data{File: "a.txt", Format: "csv", Template: "x", Columns: map[string]string{"answer": "first line"}}, "x", "  second line "},
	} {
		set, err := data.Load(c.d, files, 1)
		if err != nil {
			t.Errorf("%+v: %v", c.d, err)
			continue
		}
		if e := set.Train[0]; e.Prompt != c.prompt || e.Answer != c.answer {
			t.Errorf("%+v: prompt %q, answer %q", c.d, e.Prompt, e.Answer)
		}
	}
	set, err := data.Load(scenario.Data{File: "part*.txt", Test: "a.txt"}, files, 1)
	if err != nil {
		t.Fatal(err)
	}
	if set.Train[0].Answer != "b" || len(set.Natural) != 2 || len(set.Test) != 2 || set.Test[1].Answer != "second line" {
		t.Errorf("%+v", set)
	}
}

// Equal rows have one hash, whatever the order of columns; rows that differ in where a value
// ends have two.
func TestRowHash(t *testing.T) {
	files := disk{"a.jsonl": `{"prompt":"ab","answer":"c"}
{"answer":"c","prompt":"ab"}
{"prompt":"a","answer":"bc"}`}
	set, err := data.Load(scenario.Data{File: "a.jsonl"}, files, 1)
	if err != nil {
		t.Fatal(err)
	}
	if set.Train[0].Hash != set.Train[1].Hash || set.Train[0].Hash == set.Train[2].Hash {
		t.Errorf("hashes %x %x %x", set.Train[0].Hash, set.Train[1].Hash, set.Train[2].Hash)
	}
}

func TestLoadErrors(t *testing.T) {
	good := `{"prompt": "p", "answer": "a", "topic": "x"}`
	for _, c := range []struct {
		d    scenario.Data
		src  string // of f.jsonl, f.csv …: whatever d.File names
		want string
	}{
		{scenario.Data{}, "", "exactly one of set, file and generate, found 0"},
		{scenario.Data{Set: "dolly", Generate: "phrases"}, "", "found 2"},
		{scenario.Data{Set: "doly"}, "", `unknown layout "doly"; known: ["adult" "clinc150" "coloured-mnist" "dolly" "gsm8k" "hatecheck" "lamp2" "lamp4" "mnist" "nltk-sentiment" "tinyshakespeare" "wikitext2"]; did you mean "dolly"?`},
		{scenario.Data{Set: "dolly"}, "", "--set data.x.path=DIR"},
		{scenario.Data{Set: "dolly", Path: "nowhere"}, "", `no file matches "nowhere/local_training_*.json"`},
		{scenario.Data{Generate: "phrase"}, "", `did you mean "phrases"?`},
		{scenario.Data{Generate: "phrases", With: map[string]any{"topcs": 3}}, "", `unknown parameter "topcs"; known: ["topics" "train" "test" "generic" "clauses" "noise" "even" "seed"]; did you mean "topics"?`},
		{scenario.Data{Generate: "phrases", With: map[string]any{"topics": 13}}, "", "with.topics: expected a whole number from 2 to 12, found 13"},
		{scenario.Data{Generate: "phrases", With: map[string]any{"train": 1.5}}, "", "with.train: expected a whole number"},
		{scenario.Data{Generate: "phrases", With: map[string]any{"noise": "a lot"}}, "", "with.noise: expected a number from 0 to 1, found a lot"},
		{scenario.Data{File: "none.jsonl"}, "", `no file matches "none.jsonl"`},
		{scenario.Data{File: "[.jsonl"}, "x", "syntax error in pattern"},
		{scenario.Data{File: "f.dat"}, "x", `does not tell it; write format: with one of ["jsonl" "csv" "tsv" "text" "parquet" "idx" "lamp"]`},
		{scenario.Data{File: "f.jsonl", Format: "json"}, good, `format: unknown "json"; known: ["jsonl" "csv" "tsv" "text" "parquet" "idx" "lamp"]; did you mean "jsonl"?`},
		{scenario.Data{File: "f.jsonl"}, "\n\n", "f.jsonl: no rows"},
		{scenario.Data{File: "f.jsonl"}, good + "\n{oops", "f.jsonl:2: "},
		{scenario.Data{File: "f.jsonl"}, good + "\n[1]", "f.jsonl:2: expected an object"},
		{scenario.Data{File: "f.jsonl"}, good + good, "f.jsonl:1: expected one object a line"},
		{scenario.Data{File: "f.jsonl"}, good + "\n{\"prompt\": \"p\", ", "f.jsonl:2: the JSON ends in the middle"},
		{scenario.Data{File: "f.jsonl"}, `{"prompt": 1, "prompt": 2}`, `f.jsonl:1: column "prompt" stands twice`},
		{scenario.Data{File: "f.jsonl"}, good + "\n{\"prompt\": \"\xff\"}", "f.jsonl:2: not UTF-8"},
		{scenario.Data{File: "f.jsonl"}, `{"promt": "p", "answer": "a"}`, `f.jsonl:1: no column "prompt", which template needs; columns here: ["promt" "answer"]; did you mean "promt"?`},
		{scenario.Data{File: "f.jsonl"}, `{"question": "p", "answer": "a"}`, `name yours with columns: {prompt: …}, or write a template such as "{question}"`},
		{scenario.Data{File: "f.jsonl"}, `{}`, `no column "prompt"`},
		{scenario.Data{File: "f.jsonl"}, `{"prompt": "p", "reply": "a"}`, `no column "answer", which the answer needs; columns here: ["prompt" "reply"]; name yours with columns: {answer: …}`},
		{scenario.Data{File: "f.jsonl", Columns: map[string]string{"answer": "replay"}}, `{"prompt": "p", "reply": "a"}`, `no column "replay", which columns: answer needs; columns here: ["prompt" "reply"]; did you mean "reply"?`},
		{scenario.Data{File: "f.jsonl", Columns: map[string]string{"anwser": "a"}}, good, `unknown word "anwser" on the left`},
		{scenario.Data{File: "f.jsonl", By: "topik"}, good, `by: training example 0 has no column "topik"; columns here: ["prompt" "answer" "topic"]; did you mean "topic"?`},
		{scenario.Data{File: "f.jsonl", Template: "{prompt"}, good, `template: place 1 of "{prompt": expected {column}`},
		{scenario.Data{File: "f.jsonl", Template: "a}"}, good, "place 2 of"},
		{scenario.Data{File: "f.jsonl", Template: "{}"}, good, "expected {column}"},
		{scenario.Data{File: "f.jsonl", Test: "f.json?"}, good, "matched by file (\"f.jsonl\") and by test"},
		{scenario.Data{File: "f.jsonl", Test: "t.jsonl"}, good, `test: no file matches "t.jsonl"`},
		{scenario.Data{File: "f.csv"}, "", "f.csv:1: expected a header"},
		{scenario.Data{File: "f.csv"}, "prompt,prompt\n", `f.csv:1: the header's column 2 is "prompt"`},
		{scenario.Data{File: "f.csv"}, "prompt;answer\na;b\n", `f.csv:1: the header has one column, "prompt;answer"; CSV has commas between columns`},
		{scenario.Data{File: "f.tsv"}, "prompt,answer\na,b\n", `f.tsv:1: the header has one column, "prompt,answer"`},
		{scenario.Data{File: "f.csv"}, "prompt,answer\nonly one\n", "f.csv:2: expected 2 fields, as the header has, found 1"},
		{scenario.Data{File: "f.csv"}, "prompt,answer\na,b\n\"open,b\n", "f.csv:3:9: "},
		{scenario.Data{File: "f.tsv"}, "prompt\tanswer\na\tb\tc\n", "f.tsv:2: expected 2 fields, as the header has, found 3"},
	} {
		c.d.Name = "x"
		files := disk{}
		if c.src != "" || strings.HasSuffix(c.d.File, ".csv") {
			files[c.d.File] = c.src
		}
		_, err := data.Load(c.d, files, 1)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), `data "x": `) {
			t.Errorf("%+v with %q:\ngot  %v\nwant %s", c.d, c.src, err, c.want)
		}
	}
}

// A JSON array's error names the line on which the bad row begins.
func TestDollyErrors(t *testing.T) {
	for src, want := range map[string]string{
		"{}":                             "d/local_training_0.json:1: expected a JSON array",
		"[" + row("a", "b") + ",\n 3]":   "d/local_training_0.json:2: expected an object",
		"[" + row("a", "b") + ",\n\n{}]": `d/local_training_0.json:3: no column "instruction", which template needs`,
		"[" + row("a", "b") + ",\n":      "d/local_training_0.json:2: ",
		"[" + row("a", "b") + "] x":      "something follows the array",
	} {
		files := disk{"d/local_training_0.json": src, "d/global_test.json": "[" + row("a", "b") + "]"}
		_, err := data.Load(scenario.Data{Name: "x", Set: "dolly", Path: "d"}, files, 1)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q:\ngot  %v\nwant %s", src, err, want)
		}
	}
	_, err := data.Load(scenario.Data{Name: "x", Set: "dolly", Path: "d"}, disk{"d/local_training_0.json": "[" + row("a", "b") + "]"}, 1)
	if err == nil || !strings.Contains(err.Error(), "d/global_test.json") {
		t.Errorf("without a test file: %v", err)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("f.jsonl", `{"prompt": "p", "answer": "a"}`, "{prompt}")
	f.Add("f.csv", "prompt,answer\n1,2\n", "{prompt} {{")
	f.Add("f.tsv", "prompt\tanswer\n1\t2\n", "")
	f.Add("f.txt", "a\nb", "{text}")
	f.Add("d/local_training_0.json", "["+row("a", "b")+"]", "{instruction}")
	f.Fuzz(func(t *testing.T, name, src, template string) {
		files := disk{name: src, "d/global_test.json": "[" + row("a", "b") + "]"}
		d := scenario.Data{Name: "x", File: name, Template: template}
		if strings.HasPrefix(name, "d/") {
			d = scenario.Data{Name: "x", Set: "dolly", Path: "d", Template: template}
		}
		set, err := data.Load(d, files, 1)
		if (err == nil) == (set == nil || len(set.Train) == 0) {
			t.Errorf("set %v, error %v", set, err)
		}
	})
}
