package data

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/sim/scenario"
)

// LaMP (Salemi et al. 2023): users with a history of items and questions to be answered in the
// light of it. Two forms are read: that of the benchmark, questions with their histories in
// NAME_questions.json and answers in NAME_outputs.json beside it, and that of OPPU, PER-PCS and
// MTA, users with a profile and queries in one file.
const (
	lampQuestions = "_questions.json"
	lampOutputs   = "_outputs.json"
	lampPrompt    = "{payload}\n"
	lampAnswer    = "gold"
)

var lampNames = []string{"user", "id", "part", "payload", "gold", "input"}

// lampFiles are where the sets of a folder lie, in the form of MTA.
var lampFiles = map[string]string{"lamp2": "movie_tagging.json", "lamp4": "news_headline.json"}

// lampParams are the words of `with`.
var lampParams = []param{{name: "min_items", initial: 1, lowest: 1, above: 1_000_000, whole: true}}

// loadLampSet reads `set: lamp2` or `lamp4`.
func loadLampSet(d scenario.Data, files Files) (*Set, error) {
	file, src, err := readIn(d, files, lampFiles[d.Set])
	if err != nil {
		return nil, err
	}
	return loadLamp(d, files, file, src)
}

// loadLampFile reads `format: lamp`: one file, in either form.
func loadLampFile(d scenario.Data, files Files, list []string) (*Set, error) {
	if len(list) != 1 || d.Test != "" {
		return nil, fmt.Errorf("file: format lamp reads one file, whose questions are the test; %d match, and test is %q", len(list), d.Test)
	}
	src, err := files.ReadFile(list[0])
	if err != nil {
		return nil, fmt.Errorf("cannot read a data file: %w", err)
	}
	if src, err = textOf(list[0], src); err != nil {
		return nil, err
	}
	return loadLamp(d, files, list[0], src)
}

// loadLamp makes training examples of histories and test examples of questions. A row says whose
// it is (user), which part it is of (history, query), what is asked (payload), the answer (gold)
// and the whole question (input). Users with fewer items than min_items are left out; so is an
// item whose payload is that of any question, of whichever user: its answer would be known. Both
// are counted in [Set.Notes].
func loadLamp(d scenario.Data, files Files, file string, src []byte) (*Set, error) {
	with, err := readParams(d.With, lampParams)
	if err != nil {
		return nil, err
	}
	s, err := shapeOf(d, lampPrompt, lampAnswer)
	if err != nil {
		return nil, err
	}
	people, err := parseLamp(files, file, src)
	if err != nil {
		return nil, err
	}
	asked := map[string]bool{}
	for _, p := range people {
		for _, q := range p.queries {
			asked[q.values["payload"]] = true
		}
	}
	var train, test []row
	few, leaks := 0, 0
	for _, p := range people {
		if len(p.history) < int(with["min_items"]) {
			few++
			continue
		}
		for _, item := range p.history {
			if asked[item.values["payload"]] {
				leaks++
				continue
			}
			train = append(train, item)
		}
		test = append(test, p.queries...)
	}
	set := &Set{Names: lampNames, Notes: []string{
		fmt.Sprintf("%d of %d users have fewer than %d items and are left out", few, len(people), int(with["min_items"])),
		fmt.Sprintf("%d items whose text is that of a question are left out", leaks)}}
	if set.Train, err = s.examples(train); err != nil {
		return nil, err
	}
	set.Test, err = s.examples(test)
	return set, err
}

// lampPerson is one user: rows of the history and of the questions.
type lampPerson struct{ history, queries []row }

// lampEntry is an entry of either form.
type lampEntry struct {
	ID      any              `json:"id"`
	User    any              `json:"user_id"`
	Input   *string          `json:"input"`
	Profile []map[string]any `json:"profile"`
	Query   []struct {
		ID    any    `json:"id"`
		Input string `json:"input"`
		Gold  any    `json:"gold"`
	} `json:"query"`
}

func parseLamp(files Files, file string, src []byte) ([]lampPerson, error) {
	var entries []lampEntry
	d := newDecoder(src)
	if err := d.Decode(&entries); err != nil {
		return nil, jsonError(file, src, err, `an array of {"user_id" or "id", "profile": […], "query": […] or "input"}`)
	}
	var golds map[string]string
	if strings.HasSuffix(file, lampQuestions) {
		var err error
		if golds, err = lampGolds(files, strings.TrimSuffix(file, lampQuestions)+lampOutputs); err != nil {
			return nil, err
		}
	}
	var out []lampPerson
	for i, e := range entries {
		p, err := e.person(golds)
		if err != nil {
			return nil, fmt.Errorf("%s: entry %d: %w", file, i, err)
		}
		for k := range p.history {
			p.history[k].file, p.history[k].line = file, i
		}
		for k := range p.queries {
			p.queries[k].file, p.queries[k].line = file, i
		}
		out = append(out, p)
	}
	return out, nil
}

// lampGolds reads the answers of the benchmark's form, by the question's id.
func lampGolds(files Files, file string) (map[string]string, error) {
	src, err := files.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("the answers of %s are expected beside it: %w", path.Base(strings.TrimSuffix(file, lampOutputs)+lampQuestions), err)
	}
	var all struct {
		Golds []struct {
			ID     any `json:"id"`
			Output any `json:"output"`
		} `json:"golds"`
	}
	if err := newDecoder(src).Decode(&all); err != nil {
		return nil, jsonError(file, src, err, `{"golds": [{"id", "output"}, …]}`)
	}
	out := map[string]string{}
	for i, g := range all.Golds {
		id := lampText(g.ID)
		if _, twice := out[id]; twice || id == "" {
			return nil, fmt.Errorf("%s: gold %d has the id %q, which is empty or stands there twice", file, i, id)
		}
		out[id] = lampText(g.Output)
	}
	return out, nil
}

func (e lampEntry) person(golds map[string]string) (p lampPerson, err error) {
	user := lampText(e.User)
	if user == "" {
		user = lampText(e.ID)
	}
	if user == "" {
		return p, fmt.Errorf("expected a user_id or an id")
	}
	for k, item := range e.Profile {
		payload, gold, err := lampItem(item)
		if err != nil {
			return p, fmt.Errorf("user %s, profile item %d: %w", user, k, err)
		}
		p.history = append(p.history, lampRow(user, lampText(item["id"]), "history", payload, gold, ""))
	}
	for _, q := range e.Query {
		p.queries = append(p.queries, lampRow(user, lampText(q.ID), "query", lampPayload(q.Input), lampText(q.Gold), q.Input))
	}
	if e.Input != nil {
		id := lampText(e.ID)
		gold, known := golds[id]
		if !known {
			return p, fmt.Errorf("question %q has no answer: expected one in the file %s beside, under its id", id, lampOutputs)
		}
		p.queries = append(p.queries, lampRow(user, id, "query", lampPayload(*e.Input), gold, *e.Input))
	}
	if len(p.queries) == 0 {
		return p, fmt.Errorf("user %s has neither a query nor an input", user)
	}
	return p, nil
}

func lampRow(user, id, part, payload, gold, input string) row {
	return row{names: lampNames, values: map[string]string{"user": user, "id": id, "part": part, "payload": payload, "gold": gold, "input": input}}
}

// lampItem finds, by the fields that an item has, what it would be asked about and the answer:
// LaMP-2 a film's description and tag, LaMP-3 a review and its score, the older LaMP-2 an
// article and its category, LaMP-4 an article and its title, LaMP-5 an abstract and its title,
// LaMP-1 a paper's and what it cites, LaMP-7 a tweet, which has no question of its own.
func lampItem(item map[string]any) (payload, gold string, err error) {
	for _, pair := range [][2]string{{"description", "tag"}, {"text", "score"}, {"text", "category"}, {"text", "title"}, {"title", "citation"}, {"abstract", "title"}} {
		a, has := item[pair[0]]
		b, answers := item[pair[1]]
		if has && answers {
			return lampText(a), lampText(b), nil
		}
	}
	if text, has := item["text"]; has {
		return "", lampText(text), nil
	}
	var names []string
	for name := range item {
		names = append(names, name)
	}
	slices.Sort(names)
	return "", "", fmt.Errorf(`expected "description" and "tag", "text" with "score", "category" or "title", "abstract" and "title", or "text", found %q`, names)
}

// lampMarkers are the words behind which a question has what it is about, the last of which
// counts; without any it stands behind the first colon.
var lampMarkers = []string{"description:", "review:", "article:", "abstract:", "paper:"}

func lampPayload(input string) string {
	at := -1
	for _, m := range lampMarkers {
		if i := strings.LastIndex(input, m); i >= 0 {
			at = max(at, i+len(m))
		}
	}
	if at < 0 {
		at = strings.Index(input, ":") + 1
	}
	return strings.TrimSpace(input[at:])
}

// lampText is a number or a text as text; ids may be either.
func lampText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("data: what JSON gave cannot be written as JSON: %v", err))
	}
	return string(b)
}
