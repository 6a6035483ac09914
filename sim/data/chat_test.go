package data_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/scenario"
)

// Conversations in both ways of writing them, and what is wrong with some.
func TestChat(t *testing.T) {
	load := func(src string) (*data.Set, error) {
		return data.Load(scenario.Data{Name: "x", File: "c.jsonl", Form: "chat"}, disk{"c.jsonl": src}, 1)
	}
	for _, src := range []string{
		`{"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi!"}, {"role": "assistant", "content": "Hello."}], "topic": "a"}`,
		`{"conversations": [{"from": "system", "value": "Be brief."}, {"from": "user", "value": "Hi!"}, {"from": "assistant", "value": "Hello."}], "topic": "a"}`,
	} {
		set, err := load(src)
		if err != nil {
			t.Fatal(err)
		}
		e := set.Train[0]
		if e.Prompt != "system: Be brief.\nuser: Hi!\nassistant: " || e.Answer != "Hello." || e.Columns["topic"] != "a" || fmt.Sprint(set.Names) != "[topic prompt answer]" {
			t.Errorf("%+v, columns %q", e, set.Names)
		}
	}
	for _, c := range []struct{ src, want string }{
		{`{"messages": "hi"}`, `c.jsonl:1: column "messages": expected a list of messages, [{"role": …, "content": …}, …]`},
		{`{"messages": [{"role": "user", "content": "Hi!"}]}`, `column "messages": the last message is expected to be by "assistant", found "user"`},
		{`{"conversations": []}`, `the last message is expected to be by "gpt", found ""`},
		{`{"messages": [{"role": "user", "content": ["Hi!"]}]}`, `message 0: "role" and "content" are expected to be text`},
		{`{"messages": [{"role": "assistant", "content": "Hi!"}], "answer": "x"}`, `column "answer": form chat makes one of that name`},
		{`{"prompt": "a", "answer": "b"}`, `form chat: expected the column "messages" or "conversations", found ["prompt" "answer"]`},
	} {
		if _, err := load(c.src); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s\ngot  %v\nwant %s", c.src, err, c.want)
		}
	}
}

// What is empty is learned like any other answer, and counted.
func TestEmptyAnswersAreCounted(t *testing.T) {
	d := scenario.Data{Name: "x", File: "c.csv", Template: "{q}", Columns: map[string]string{"answer": "a"}}
	for _, c := range []struct{ label, want string }{
		{"", `[1 of 3 examples have an empty answer, of which nothing but its end is learned]`},
		{"a", `[1 of 3 examples have an empty "a", which is a class like any other]`},
	} {
		if d.Label = c.label; c.label != "" {
			d.Columns = nil
		}
		set, err := data.Load(d, disk{"c.csv": "q,a\n1,one\n2,\n3,one\n"}, 1)
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(set.Notes) != c.want {
			t.Errorf("notes %q", set.Notes)
		}
	}
}
