package data_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/scenario"
)

// parquetOf writes rows of a struct.
func parquetOf[T any](t testing.TB, rows []T) string {
	t.Helper()
	var b bytes.Buffer
	if err := parquet.Write(&b, rows); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestParquet(t *testing.T) {
	type flat struct {
		Q  string  `parquet:"q"`
		A  *string `parquet:"reply,optional"`
		N  int64   `parquet:"n"`
		X  float64 `parquet:"x"`
		OK bool    `parquet:"ok"`
	}
	yes := "yes"
	var rows []flat
	for i := range 600 { // more than one batch
		rows = append(rows, flat{fmt.Sprint("q", i), &yes, int64(i), 0.5, true})
	}
	rows[3].A = nil
	d := scenario.Data{Name: "x", File: "x.parquet", Template: "{q}", Columns: map[string]string{"answer": "reply"}}
	set, err := data.Load(d, disk{"x.parquet": parquetOf(t, rows)}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(set.Train); n != 600 || set.Train[599].Prompt != "q599" || set.Train[3].Answer != "" || set.Train[4].Answer != "yes" {
		t.Errorf("%d rows; %+v", n, set.Train[3])
	}
	if c := set.Train[7].Columns; c["n"] != "7" || c["x"] != "0.5" || c["ok"] != "true" {
		t.Errorf("columns %v", c)
	}

	type nested struct {
		Q []string `parquet:"q,list"`
	}
	type spoilt struct {
		Q string `parquet:"q"`
	}
	whole := parquetOf(t, rows)
	for text, want := range map[string]string{
		"PAR1 and nothing":                                   "x.parquet: no Parquet file",
		parquetOf(t, []nested{{[]string{"a"}}}):              `column "q.list.element" is nested or a list; expected flat columns`,
		parquetOf(t, []spoilt{{"fine"}, {"\xff"}}):           `x.parquet:2: column "q": not UTF-8`,
		whole[:200] + strings.Repeat("x", 400) + whole[600:]: "x.parquet",
	} {
		if _, err := data.Load(d, disk{"x.parquet": text}, 1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v\nwant %s", err, want)
		}
	}
}

func TestForms(t *testing.T) {
	files := disk{
		"alpaca.jsonl": `{"instruction": "Add", "input": "1 2", "output": "3"}`,
		"dolly.jsonl":  `{"instruction": "Add", "context": "1 2", "response": "3", "category": "sum"}`,
		"short.jsonl":  `{"instruction": "Say", "output": "so"}`,
		"class.csv":    "text,label\ngood,yes\nbad,no\n",
		"other.csv":    "a,b\n1,2\n",
		"plain.txt":    strings.Repeat("one two  three\n", 30),
	}
	for _, c := range []struct{ file, form, prompt, answer string }{
		{"alpaca.jsonl", "instruction", "Add\n1 2\n", "3"}, {"dolly.jsonl", "instruction", "Add\n1 2\n", "3"}, {"short.jsonl", "instruction", "Say\n", "so"},
		{"class.csv", "classification", "good\nlabel: ", "yes"}, {"class.csv", "language-model", "", "good"},
	} {
		set, err := data.Load(scenario.Data{Name: "x", File: c.file, Form: c.form}, files, 1)
		if err != nil {
			t.Errorf("%s: %v", c.file, err)
			continue
		}
		if e := set.Train[0]; e.Prompt != c.prompt || e.Answer != c.answer {
			t.Errorf("%s: %q, %q", c.file, e.Prompt, e.Answer)
		}
		if classes := fmt.Sprint(set.Classes); c.form == "classification" && classes != "[yes no]" {
			t.Errorf("classes %s", classes)
		}
	}
	set, err := data.Load(scenario.Data{Name: "x", File: "plain.txt", Form: "windows"}, files, 1)
	if err != nil || len(set.Train) != 2 || len(strings.Fields(set.Train[0].Answer)) != 64 || len(strings.Fields(set.Train[1].Answer)) != 26 || set.Train[0].Prompt != "" {
		t.Errorf("windows: %v, %d rows", err, len(set.Train))
	}
	if !strings.Contains(set.Train[0].Answer, "two  three\none") {
		t.Errorf("white space did not stay: %q", set.Train[0].Answer)
	}
	set, err = data.Load(scenario.Data{Name: "x", File: "other.csv", Form: "language-model", Columns: map[string]string{"answer": "b"}}, files, 1)
	if err != nil || set.Train[0].Prompt != "" || set.Train[0].Answer != "2" {
		t.Errorf("a text under another name: %v, %+v", err, set)
	}
	for _, c := range []struct{ file, form, want string }{
		{"other.csv", "language-model", `other.csv: form language-model: expected the column "text", found ["a" "b"]; name yours with columns: {answer: …}`},
		{"other.csv", "instruction", `other.csv: form instruction: expected the columns "instruction" and "output" (Alpaca) or "response" (Dolly), found ["a" "b"]`},
		{"other.csv", "classification", `expected the columns "text" and "label", found ["a" "b"]`},
		{"class.csv", "windows", `form windows is of format text, and class.csv is of format csv`},
	} {
		if _, err := data.Load(scenario.Data{Name: "x", File: c.file, Form: c.form}, files, 1); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v\nwant %s", err, c.want)
		}
	}
}

const mta = `[
 {"user_id": 7, "profile": [{"tag": "comedy", "description": "a funny film", "id": "70"}, {"tag": "sad", "description": "a film that is asked about", "id": "71"}],
  "query": [{"id": "7", "input": "Which tag? tags: [a, b] description: a new film", "gold": "comedy"}]},
 {"user_id": "8", "profile": [{"tag": "sad", "description": "rain", "id": "80"}], "query": [{"id": 8, "input": "tag? description: a film that is asked about", "gold": "sad"}]}
]`

func TestLaMP(t *testing.T) {
	official := disk{
		"l/train_questions.json": `[{"id": "110", "input": "Generate a headline for the following article: rain fell: a lot", "profile": [{"id": "1100", "title": "Sun", "text": "It shone."}, {"id": "1101", "title": "Snow", "text": "It fell."}]}]`,
		"l/train_outputs.json":   `{"task": "LaMP_4", "golds": [{"id": "110", "output": "Rain"}]}`,
	}
	set, err := data.Load(scenario.Data{Name: "x", File: "l/train_questions.json", Format: "lamp"}, official, 1)
	if err != nil {
		t.Fatal(err)
	}
	if e := set.Train[1]; len(set.Train) != 2 || e.Prompt != "It fell.\n" || e.Answer != "Snow" || e.Columns["user"] != "110" || e.Columns["part"] != "history" {
		t.Errorf("history %+v", set.Train)
	}
	if e := set.Test[0]; e.Prompt != "rain fell: a lot\n" || e.Answer != "Rain" || e.Columns["part"] != "query" {
		t.Errorf("query %+v", e)
	}

	d := scenario.Data{Name: "x", Set: "lamp2", Path: "m", With: map[string]any{"min_items": 2}}
	set, err = data.Load(d, disk{"m/movie_tagging.json": mta}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Train) != 1 || len(set.Test) != 1 || set.Train[0].Columns["user"] != "7" || set.Train[0].Answer != "comedy" {
		t.Errorf("%+v, %+v", set.Train, set.Test)
	}
	if want := "[1 of 2 users have fewer than 2 items and are left out 1 items whose text is that of a question are left out]"; fmt.Sprint(set.Notes) != want {
		t.Errorf("notes %v", set.Notes)
	}
	for _, c := range []struct {
		files disk
		want  string
	}{
		{disk{"l/train_questions.json": official["l/train_questions.json"]}, "the answers of train_questions.json are expected beside it"},
		{disk{"l/train_questions.json": official["l/train_questions.json"], "l/train_outputs.json": `{"golds": [{"id": "1", "output": "x"}]}`}, `entry 0: question "110" has no answer`},
		{disk{"l/train_questions.json": official["l/train_questions.json"], "l/train_outputs.json": `{"golds": [{"output": "x"}]}`}, `gold 0 has the id ""`},
		{disk{"l/train_questions.json": `[{"id": 1, "input": "x", "profile": [{"what": 1}]}]`, "l/train_outputs.json": `{}`}, `user 1, profile item 0: expected "description" and "tag"`},
		{disk{"l/train_questions.json": "[{\"id\": 1,\n \"profile\": 3}]", "l/train_outputs.json": `{}`}, `l/train_questions.json:2: expected an array of`},
		{disk{"l/train_questions.json": `[{"input": "x"}]`, "l/train_outputs.json": `{}`}, `expected a user_id or an id`},
	} {
		if _, err := data.Load(scenario.Data{Name: "x", File: "l/train_questions.json", Format: "lamp"}, c.files, 1); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v\nwant %s", err, c.want)
		}
	}
}

func TestShakespeare(t *testing.T) {
	files := disk{"s/input.txt": "First Citizen:\nBefore we proceed, hear me.\nSpeak.\n\nAll:\nSpeak, speak.\n\nFirst Citizen:\nResolved?\n\nAll:\nResolved.\n\nFirst Citizen:\nFirst.\n\nSecond Citizen:\nOne word.\n"}
	set, err := data.Load(scenario.Data{Name: "x", Set: "tinyshakespeare", Path: "s", By: "speaker"}, files, 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Natural) != 2 || len(set.Train) != 3 || len(set.Test) != 2 {
		t.Errorf("%d shards, %d and %d speeches", len(set.Natural), len(set.Train), len(set.Test))
	}
	if e := set.Train[1]; e.Prompt != "All: Speak, speak.\nFirst Citizen: " || e.Answer != "Resolved?" {
		t.Errorf("%q, %q", e.Prompt, e.Answer)
	}
	if want := "[1 of 3 speakers have fewer than 2 speeches and are left out]"; fmt.Sprint(set.Notes) != want {
		t.Errorf("notes %v", set.Notes)
	}
	files["s/input.txt"] = "All:\nSpeak.\n\nno speaker here\nwords\n"
	if _, err := data.Load(scenario.Data{Name: "x", Set: "tinyshakespeare", Path: "s"}, files, 1); err == nil || !strings.Contains(err.Error(), `s/input.txt:4: expected a speaker's name and a colon at the head of a speech, found "no speaker here"`) {
		t.Errorf("got %v", err)
	}
}

// archived is an archive of files.
func archived(t testing.TB, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range files {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func archives(t testing.TB) disk {
	return disk{
		"n/subjectivity.zip":      archived(t, map[string]string{"s/quote.tok.gt9.5000": "smart caf\xe9\n\n", "s/plot.tok.gt9.5000": "a man walks\n", "s/README.txt": "x\n"}),
		"n/sentence_polarity.zip": archived(t, map[string]string{"p/rt-polarity.neg": "dull\n", "p/rt-polarity.pos": "bright\n"}),
		"n/movie_reviews.zip":     archived(t, map[string]string{"m/neg/a.txt": "boring\nfilm", "m/pos/b.txt": "fine film"}),
		"n/pros_cons.zip":         archived(t, map[string]string{"c/IntegratedPros.txt": " <Pros>Easy</Pros>\n<Pros> </Pros>", "c/IntegratedCons.txt": "<Cons>Heavy</Cons>"}),
		"n/product_reviews_1.zip": archived(t, map[string]string{"q/Nokia.txt": "[t]title\nphone[+3], work[-1]##works well\n##nothing\nsize[-2]##too big\na[+1],b[-1]##even\n"}),
		"n/product_reviews_2.zip": archived(t, map[string]string{"q/ipod.txt": "sound[+1]##good\n", "q/README.txt": "a[+1]##no\n"}),
	}
}

func TestCorpora(t *testing.T) {
	set, err := data.Load(scenario.Data{Name: "x", Set: "nltk-sentiment", Path: "n"}, archives(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, e := range append(set.Train, set.Test...) {
		got[e.Columns["text"]] = e.Columns["corpus"] + "/" + e.Answer + "/" + e.Columns["product"]
	}
	want := map[string]string{"smart café": "subjectivity/subjective/", "a man walks": "subjectivity/objective/", "dull": "sentence_polarity/negative/", "bright": "sentence_polarity/positive/",
		"boring\nfilm": "movie_reviews/negative/", "fine film": "movie_reviews/positive/", "Easy": "pros_cons/positive/", "Heavy": "pros_cons/negative/",
		"works well": "product_reviews_1/positive/Nokia", "too big": "product_reviews_1/negative/Nokia", "good": "product_reviews_2/positive/ipod"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	half := strings.Repeat("x", 33<<20)
	for file, text := range map[string]string{"n/pros_cons.zip": "PK", "n/movie_reviews.zip": archived(t, map[string]string{"a.txt": "x"}),
		"n/subjectivity.zip": archived(t, map[string]string{"s/quote.tok.gt9.5000": half, "s/plot.tok.gt9.5000": half})} { // a few kilobytes
		files := archives(t)
		files[file] = text
		if _, err := data.Load(scenario.Data{Name: "x", Set: "nltk-sentiment", Path: "n"}, files, 1); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestKnownTables(t *testing.T) {
	files := disk{
		"d/train.jsonl": `{"question": "1+1?", "answer": "#### 2"}`, "d/test.jsonl": `{"question": "2+2?", "answer": "#### 4"}`,
		"d/adult.data": "age, workclass, education, marital-status, occupation, relationship, race, sex, hours-per-week, native-country, classification\n39, State-gov, Bachelors, Never-married, Clerk, Own, White, Male, 40, Cuba, <=50K\n50, ?, HS, Married, Clerk, Wife, Black, Female, 13, Cuba, >50K\n",
		"d/valid.txt":  " = Title = \n words here\n", "d/test.txt": " more words \n",
	}
	files["d/adult.test"] = files["d/adult.data"]
	for name, want := range map[string]string{
		"gsm8k": "1+1?\n|#### 2|[]", "adult": "age 39, State-gov, Bachelors, Never-married, Clerk, Own, 40 hours a week, Cuba\nincome: |<=50K|[<=50K >50K]",
		"wikitext2": "|= Title = \n words here|[]",
	} {
		set, err := data.Load(scenario.Data{Name: "x", Set: name, Path: "d"}, files, 1)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := fmt.Sprintf("%s|%s|%v", set.Train[0].Prompt, set.Train[0].Answer, set.Classes); got != want || len(set.Test) == 0 {
			t.Errorf("%s: %q\nwant %q", name, got, want)
		}
	}
	if set, err := data.Load(scenario.Data{Name: "x", Set: "adult", Path: "d", Groups: []string{"sex", "race"}}, files, 1); err != nil || set.Train[1].Columns["sex"] != "Female" {
		t.Errorf("groups of adult: %v", err)
	}
	if _, err := data.Load(scenario.Data{Name: "x", Set: "gsm8k", Path: "nowhere"}, files, 1); err == nil || !strings.Contains(err.Error(), "nowhere/train.jsonl") {
		t.Errorf("a folder without the set: %v", err)
	}
}

// Every set that is known by name reads what its authors share.
func TestRealSets(t *testing.T) {
	for _, c := range []struct {
		set, folder string
		train, test int
		change      func(*scenario.Data)
	}{
		{"dolly", "dolly15k_fed10", 14931, 80, nil}, {"gsm8k", "gsm8k", 7473, 1319, nil}, {"adult", "adult_census", 32561, 16281, func(d *scenario.Data) { d.Groups = []string{"sex", "race"} }},
		{"hatecheck", "hatecheck", -3728, -1, func(d *scenario.Data) { d.Groups = []string{"target_ident"} }}, {"mnist", "mnist_idx", 60000, 3000, func(d *scenario.Data) { d.Tasks = scenario.Tasks{Cut: 2} }},
		{"wikitext2", "wikitext2_valid_test", -1, -1, nil}, {"nltk-sentiment", "nltk_sentiment", -1, -1, func(d *scenario.Data) { d.Tasks.By = "corpus" }},
		{"tinyshakespeare", "tinyshakespeare", -1, -1, func(d *scenario.Data) { d.By, d.With = "speaker", map[string]any{"min_items": 20} }},
		{"lamp2", "lamp2_lamp4_mta", -1, 72, nil}, {"lamp4", "lamp2_lamp4_mta", -1, 100, nil},
	} {
		t.Run(c.set, func(t *testing.T) {
			if testing.Short() && (c.set == "mnist" || c.set == "nltk-sentiment" || c.set == "adult") {
				t.Skip("-short: some seconds each")
			}
			dir, files := real(t, c.folder)
			d := scenario.Data{Name: "x", Set: c.set, Path: dir}
			if c.change != nil {
				c.change(&d)
			}
			set, err := data.Load(d, files, 1)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d and %d examples, %d classes, %d tasks (%s), %d shards, %q", len(set.Train), len(set.Test), len(set.Classes), len(set.Tasks), set.Stream(), len(set.Natural), set.Notes)
			if c.train >= 0 && len(set.Train) != c.train || c.test >= 0 && len(set.Test) != c.test || c.train < -1 && len(set.Train)+len(set.Test) != -c.train {
				t.Errorf("%d and %d examples, expected %d and %d", len(set.Train), len(set.Test), c.train, c.test)
			}
			if len(set.Test) == 0 {
				t.Error("no test examples")
			}
			switch c.set {
			case "tinyshakespeare":
				if len(set.Natural) != 98 {
					t.Errorf("%d speakers have at least 20 speeches, expected 98", len(set.Natural))
				}
			case "mnist":
				if len(set.Tasks) != 5 || set.Train[0].Picture == nil {
					t.Errorf("%d pairs of digits", len(set.Tasks))
				}
			case "nltk-sentiment":
				if len(set.Tasks) != 6 || set.Stream() != "mixed" {
					t.Errorf("%d tasks, %q", len(set.Tasks), set.Stream())
				}
			}
		})
	}
}
