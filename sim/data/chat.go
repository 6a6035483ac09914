package data

import (
	"encoding/json"
	"slices"
	"strings"
)

// chat is the form of conversations: a column of messages, the last of which is the answer.
// All before it are the prompt, a line each with who says it, for the small bases of scenarios
// know no marks of their own for that; the answer is what the model would say next.
const chat = "chat"

// A conversation is written in one of two ways: as of OpenAI and Hugging Face, or of ShareGPT.
var conversations = []struct {
	column, role, text string
	answers            []string // who says what is learned
}{
	{"messages", "role", "content", []string{"assistant"}},
	{"conversations", "from", "value", []string{"gpt", "assistant"}},
}

// chatRows gives each row the columns prompt and answer in the place of its messages.
func chatRows(rows []row) ([]row, error) {
	out := make([]row, len(rows))
	for i, r := range rows {
		var err error
		if out[i], err = chatRow(r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func chatRow(r row) (row, error) {
	for _, c := range conversations {
		text, ok := r.values[c.column]
		if !ok {
			continue
		}
		var said []map[string]json.RawMessage
		if err := json.Unmarshal([]byte(text), &said); err != nil {
			return r, r.errorf("column %q: expected a list of messages, [{%q: …, %q: …}, …]: %v", c.column, c.role, c.text, err)
		}
		var lines []string
		var role, content string
		for k, m := range said {
			if json.Unmarshal(m[c.role], &role) != nil || json.Unmarshal(m[c.text], &content) != nil {
				return r, r.errorf("column %q: message %d: %q and %q are expected to be text", c.column, k, c.role, c.text)
			}
			lines = append(lines, role+": "+content+"\n")
		}
		if !slices.Contains(c.answers, role) {
			return r, r.errorf("column %q: the last message is expected to be by %q, found %q", c.column, c.answers[0], role)
		}
		lines[len(lines)-1] = role + ": "
		return r.inPlaceOf(c.column, strings.Join(lines, ""), content)
	}
	return r, r.errorf(`form %s: expected the column "messages" or "conversations", found %q`, chat, r.names)
}

// inPlaceOf is the row with a prompt and an answer instead of a column.
func (r row) inPlaceOf(column, prompt, answer string) (row, error) {
	out := row{file: r.file, line: r.line, values: map[string]string{}}
	for _, name := range r.names {
		if name == "prompt" || name == "answer" {
			return r, r.errorf("column %q: form %s makes one of that name; call it otherwise", name, chat)
		}
		if name != column {
			out.names, out.values[name] = append(out.names, name), r.values[name]
		}
	}
	out.names = append(out.names, "prompt", "answer")
	out.values["prompt"], out.values["answer"] = prompt, answer
	return out, nil
}
