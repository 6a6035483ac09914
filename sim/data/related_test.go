package data_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/scenario"
)

func related(t *testing.T, with map[string]any) *data.Set {
	t.Helper()
	set, err := data.Load(scenario.Data{Name: "x", Generate: "tasks", With: with, Tasks: scenario.Tasks{By: "task"}}, nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// votes counts, for each task and word, how often each class followed it.
func votes(set *data.Set) map[string]map[string]int {
	out := map[string]map[string]int{}
	for _, e := range set.Train {
		for _, word := range strings.Fields(e.Columns["prompt"]) {
			key := e.Columns["task"] + " " + word
			if out[key] == nil {
				out[key] = map[string]int{}
			}
			out[key][e.Answer]++
		}
	}
	return out
}

// agreement is the share of words, common to two tasks, that speak for the same class in both,
// as counts tell; and how strongly words speak at all.
func agreement(set *data.Set) (alike, strength float64) {
	speaks := func(v map[string]int) (class string, share float64) {
		sum, most := 0, 0
		for _, c := range []string{"class-0", "class-1"} {
			sum += v[c]
			if v[c] > most {
				class, most = c, v[c]
			}
		}
		return class, float64(most) / float64(sum)
	}
	all := votes(set)
	same, pairs, n := 0, 0, 0
	for key, v := range all {
		word, is := strings.CutPrefix(key, "task-00 ")
		other := all["task-01 "+word]
		if !is || other == nil || word == ":" {
			continue
		}
		a, share := speaks(v)
		b, _ := speaks(other)
		pairs++
		if a == b {
			same++
		}
		strength += share
		n++
	}
	return float64(same) / float64(pairs), strength / float64(n)
}

func TestRelatedTasksAreAsAlikeAsSaid(t *testing.T) {
	at := func(similarity float64, null int) (float64, float64) {
		return agreement(related(t, map[string]any{"tasks": 2, "similarity": similarity, "train": 3000, "noise": 0.1, "null": null, "evidence": 32}))
	}
	for _, c := range []struct{ similarity, low, high float64 }{{1, 1, 1}, {0, 0.2, 0.8}, {0.5, 0.5, 0.95}} {
		alike, strength := at(c.similarity, 0)
		if alike < c.low || alike > c.high || strength < 0.8 {
			t.Errorf("similarity %g: %.2f of the words agree, speaking with %.2f", c.similarity, alike, strength)
		}
	}
	if _, strength := at(1, 1); strength > 0.56 {
		t.Errorf("in the null words speak with %.2f", strength)
	}
}

func TestRelatedStreams(t *testing.T) {
	set := related(t, map[string]any{"tasks": 32, "train": 4, "test": 2, "generic": 3})
	if len(set.Tasks) != 32 || len(set.Train) != 128 || len(set.Test) != 64 || set.Stream() != "domain" || len(set.Classes) != 2 {
		t.Errorf("%d tasks, %d and %d examples, %q", len(set.Tasks), len(set.Train), len(set.Test), set.Stream())
	}
	if own := related(t, map[string]any{"tasks": 3, "own": 1, "classes": 3}); own.Stream() != "class" || len(own.Classes) != 9 {
		t.Errorf("own classes: %q, %v", own.Stream(), own.Classes)
	}
	words := map[string]bool{}
	for _, w := range set.Words {
		if words[w] {
			t.Errorf("%q is twice in the vocabulary", w)
		}
		words[w] = true
	}
	for _, text := range set.Texts() {
		for _, w := range strings.Fields(text) {
			if !words[w] {
				t.Errorf("%q is not in the vocabulary", w)
			}
		}
	}
	few, many := related(t, map[string]any{"train": 5}), related(t, map[string]any{"train": 6})
	if fmt.Sprint(few.Train[4]) != fmt.Sprint(many.Train[4]) {
		t.Error("asking for more examples changes the first ones")
	}
	if _, err := data.Load(scenario.Data{Name: "x", Generate: "tasks", With: map[string]any{"classes": 8, "evidence": 4}}, nil, 1); err == nil || !strings.Contains(err.Error(), "4 words cannot speak for 8 classes") {
		t.Errorf("got %v", err)
	}
}

// The mix of two tasks has topic words of both, and its words mean what they mean in one of them.
func TestMixOfTasks(t *testing.T) {
	with := map[string]any{"tasks": 2, "similarity": 0, "train": 2000, "noise": 0, "mix": 1}
	mix := related(t, with)
	if len(mix.Tasks) != 1 || mix.Tasks[0].Name != "mix" || len(mix.Train) != 2000 {
		t.Fatalf("%d tasks, %d examples", len(mix.Tasks), len(mix.Train))
	}
	delete(with, "mix")
	pair := related(t, with)
	if fmt.Sprint(mix.Words) != fmt.Sprint(pair.Words) {
		t.Error("the mix has words of its own")
	}
	speaks := func(v map[string]int) string {
		if v["class-0"] > v["class-1"] {
			return "class-0"
		}
		return "class-1"
	}
	of, both := votes(pair), votes(mix)
	agree, topics := [2]int{}, 0
	for e, word := range mix.Words[:16] {
		own := speaks(both["mix "+word])
		if own != speaks(of[fmt.Sprintf("task-%02d %s", e%2, word)]) {
			t.Errorf("word %d does not speak as in task %d", e, e%2)
		}
		if own == speaks(of[fmt.Sprintf("task-%02d %s", 1-e%2, word)]) {
			agree[e%2]++
		}
	}
	for _, word := range mix.Words[16:24] {
		if both["mix "+word] != nil {
			topics++
		}
	}
	if agree[0]+agree[1] == 16 || topics != 8 {
		t.Errorf("%v words agree with the other task too, %d topic words", agree, topics)
	}
	if _, err := data.Load(scenario.Data{Name: "x", Generate: "tasks", With: map[string]any{"mix": 1, "own": 1}}, nil, 1); err == nil || !strings.Contains(err.Error(), "write one of the two") {
		t.Errorf("got %v", err)
	}
}
