package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Ending is the tokenizer with another template: nothing stands before a text, and the token
// that ends texts stands behind each, as T5's tokenizers have it. A decoder that is to stop
// must have read where answers end. Ids, words and what is decoded stay as they are; a
// tokenizer without such a token is an error.
func (t *Tokenizer) Ending() (*Tokenizer, error) {
	id, ok := t.EOS()
	if !ok {
		return nil, errors.New("the tokenizer has no token that ends a text")
	}
	return t.withTemplate(id, func(text, end object) []object { return []object{text, end} })
}

// Beginning is Ending for the token that begins texts, before each, as Llama's tokenizers have
// it: where the template is silent, other libraries add none.
func (t *Tokenizer) Beginning() (*Tokenizer, error) {
	id, ok := t.BOS()
	if !ok {
		return nil, errors.New("the tokenizer has no token that begins a text")
	}
	return t.withTemplate(id, func(text, begin object) []object { return []object{begin, text} })
}

// withTemplate puts a token beside each text.
func (t *Tokenizer) withTemplate(id int32, beside func(text, token object) []object) (*Tokenizer, error) {
	var file map[string]any
	if err := json.Unmarshal(t.source, &file); err != nil {
		return nil, fmt.Errorf("a tokenizer.json that was read before: %w", err)
	}
	name := t.vocab.piece[id]
	token := object{"SpecialToken": object{"id": name, "type_id": 0}}
	text := func(of string) object { return object{"Sequence": object{"id": of, "type_id": 0}} }
	file["post_processor"] = object{
		"type":           "TemplateProcessing",
		"single":         beside(text("A"), token),
		"pair":           append(beside(text("A"), token), beside(text("B"), token)...),
		"special_tokens": object{name: object{"id": name, "ids": []int32{id}, "tokens": []string{name}}},
	}
	source, err := json.Marshal(file)
	if err != nil {
		return nil, fmt.Errorf("writing a tokenizer.json: %w", err)
	}
	return Parse(source)
}
