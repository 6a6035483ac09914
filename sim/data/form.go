package data

import (
	"fmt"
	"slices"
	"strings"
)

// Forms are the usual meanings of columns: with `form`, a file that has them needs neither
// template nor label.
var forms = map[string]func(names []string) (prompt, answer string, err error){
	"instruction": instructionForm, "classification": classificationForm, languageModel: languageForm,
}

// languageModel is the form of texts that are learned from their first word on.
const languageModel = "language-model"

// instructionForm reads Alpaca's columns (instruction, input, output) or Dolly's (instruction,
// context, response); what the instruction is about may be missing.
func instructionForm(names []string) (prompt, answer string, err error) {
	prompt = "{instruction}\n"
	for _, about := range []string{"input", "context"} {
		if slices.Contains(names, about) {
			prompt += "{" + about + "}\n"
			break
		}
	}
	for _, said := range []string{"output", "response"} {
		if slices.Contains(names, said) && slices.Contains(names, "instruction") {
			return prompt, said, nil
		}
	}
	return "", "", fmt.Errorf(`expected the columns "instruction" and "output" (Alpaca) or "response" (Dolly), found %q`, names)
}

// classificationForm reads a text and its label.
func classificationForm(names []string) (prompt, answer string, err error) {
	if !slices.Contains(names, "text") || !slices.Contains(names, "label") {
		return "", "", fmt.Errorf(`expected the columns "text" and "label", found %q`, names)
	}
	return "{text}\nlabel: ", "label", nil
}

// languageForm reads a text that has no prompt.
func languageForm(names []string) (prompt, answer string, err error) {
	if !slices.Contains(names, textColumn) {
		return "", "", fmt.Errorf(`expected the column %q, found %q; name yours with columns: {answer: …}`, textColumn, names)
	}
	return "", textColumn, nil
}

// fit takes the prompt and the answer of the form from the columns that a file has.
func (s shape) fit(file string, names []string) (shape, error) {
	of := forms[s.form]
	if of == nil || s.ownPrompt && s.ownAnswer {
		return s, nil
	}
	if s.form == languageModel && s.ownAnswer { // the column of the text is told, and nothing else is asked
		s.prompt = nil
		return s, nil
	}
	prompt, answer, err := of(names)
	if err != nil {
		return s, fmt.Errorf("%s: form %s: %w", file, s.form, err)
	}
	if !s.ownAnswer {
		s.answer = answer
	}
	if !s.ownPrompt {
		s.prompt, err = parseTemplate(prompt)
	}
	return s, err
}

// windowWords is how many words a window of plain text has at most.
const windowWords = 64

// readWindows makes rows of a plain text, each of so many words with the white space between
// them as it stands: what a language model is trained on. A row's line is where it begins.
func readWindows(file string, src []byte) ([]row, error) {
	var rows []row
	text, line := string(src), 1
	for len(text) > 0 {
		line += strings.Count(text[:len(text)-len(strings.TrimLeft(text, " \t\r\n"))], "\n")
		text = strings.TrimLeft(text, " \t\r\n")
		end := 0
		for range windowWords {
			gap := strings.IndexAny(text[end:], " \t\r\n")
			if gap < 0 {
				end = len(text)
				break
			}
			end += gap
			end += len(text[end:]) - len(strings.TrimLeft(text[end:], " \t\r\n"))
		}
		if window := strings.TrimSpace(text[:end]); window != "" {
			rows = append(rows, row{file: file, line: line, names: []string{textColumn}, values: map[string]string{textColumn: window}})
		}
		line += strings.Count(text[:end], "\n")
		text = text[end:]
	}
	return rows, nil
}
