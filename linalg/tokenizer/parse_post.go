package tokenizer

import (
	"encoding/json"
	"fmt"
)

const postProcessor = "post_processor"

// templateFile is `post_processor` of type TemplateProcessing.
type templateFile struct {
	Type    string
	Single  []templateItem
	Pair    []templateItem
	Special map[string]struct {
		ID     string
		IDs    []int32
		Tokens []string
	} `json:"special_tokens"`
}

// templateItem is one of two things: a text or a token beside it.
type templateItem struct {
	SpecialToken *templateRef
	Sequence     *templateRef
}

type templateRef struct {
	ID     string
	TypeID int32 `json:"type_id"`
}

// bertFile is BertProcessing or, with the last two fields, RobertaProcessing.
type bertFile struct {
	Type     string
	Sep, Cls endToken
	Trim     bool `json:"trim_offsets"`
	Space    bool `json:"add_prefix_space"`
}

// endToken is a name and its id.
type endToken struct {
	name string
	id   int32
}

func (e *endToken) UnmarshalJSON(raw []byte) error {
	var pair []json.RawMessage
	if err := json.Unmarshal(raw, &pair); err != nil || len(pair) != 2 ||
		json.Unmarshal(pair[0], &e.name) != nil || json.Unmarshal(pair[1], &e.id) != nil {
		return fmt.Errorf(`expected a token and its id, as ["[SEP]", 102], found %s`, clip(raw))
	}
	return nil
}

func parsePostProcessor(raw json.RawMessage, v vocabulary) (post, error) {
	parts, err := flatten(raw, "processors")
	if err != nil {
		return post{}, fmt.Errorf("%s: %w", postProcessor, err)
	}
	p, framed := post{single: plain.single, pair: plain.pair}, false
	for _, part := range parts {
		if framed {
			return post{}, fmt.Errorf("%s: %s behind a template is not supported; a template must be the last of its Sequence", postProcessor, kindOf(part))
		}
		switch kindOf(part) {
		case "ByteLevel":
			f, err := parseByteLevel(postProcessor, part)
			if err != nil {
				return post{}, err
			}
			if f.Trim {
				p.trims = append(p.trims, trim{kept: f.Space})
			}
		case "TemplateProcessing":
			framed = true
			if err := p.parseTemplates(part, v); err != nil {
				return post{}, err
			}
		case "BertProcessing", "RobertaProcessing":
			framed = true
			if err := p.parseBert(part, v); err != nil {
				return post{}, err
			}
		default:
			return post{}, unknown(postProcessor, part, "null", "BertProcessing", "ByteLevel", "RobertaProcessing", "Sequence", "TemplateProcessing")
		}
	}
	return p, nil
}

func (p *post) parseTemplates(part json.RawMessage, v vocabulary) (err error) {
	var f templateFile
	if err := strictPart(postProcessor, part, &f); err != nil {
		return err
	}
	if p.single, err = f.template("single", f.Single, v); err != nil {
		return err
	}
	if len(f.Pair) == 0 { // a file that is not meant for pairs
		p.pair = plain.pair
		return nil
	}
	p.pair, err = f.template("pair", f.Pair, v)
	return err
}

// template reads one list of items; each text must stand in it once.
func (f templateFile) template(name string, items []templateItem, v vocabulary) (template, error) {
	var t template
	texts := map[string]int{}
	for i, item := range items {
		where := fmt.Sprintf("%s.%s[%d]", postProcessor, name, i)
		switch {
		case item.Sequence != nil && item.SpecialToken == nil:
			text := map[string]int{"A": 0, "B": 1}[item.Sequence.ID]
			texts[item.Sequence.ID]++
			t = append(t, slot{text: text, typeID: item.Sequence.TypeID})
		case item.SpecialToken != nil && item.Sequence == nil:
			special, ok := f.Special[item.SpecialToken.ID]
			if !ok {
				return nil, fmt.Errorf("%s: %q is not in special_tokens", where, item.SpecialToken.ID)
			}
			if err := v.has(fmt.Sprintf("%s.special_tokens[%q]", postProcessor, item.SpecialToken.ID), special.IDs...); err != nil {
				return nil, err
			}
			t = append(t, slot{text: none, ids: special.IDs, typeID: item.SpecialToken.TypeID})
		default:
			return nil, fmt.Errorf("%s: expected a SpecialToken or a Sequence", where)
		}
	}
	want := map[string]int{"A": 1}
	if name == "pair" {
		want["B"] = 1
	}
	for id, n := range want {
		if texts[id] != n || len(texts) != len(want) {
			return nil, fmt.Errorf("%s.%s: expected each text once, found A %d times and B %d times", postProcessor, name, texts["A"], texts["B"])
		}
	}
	return t, nil
}

// parseBert reads the two older forms of a template. RoBERTa's has two separators between
// texts, and calls all of it text 0.
func (p *post) parseBert(part json.RawMessage, v vocabulary) error {
	var f bertFile
	if err := strictPart(postProcessor, part, &f); err != nil {
		return err
	}
	if err := v.has(postProcessor, f.Cls.id, f.Sep.id); err != nil {
		return err
	}
	cls, sep := slot{text: none, ids: []int32{f.Cls.id}}, slot{text: none, ids: []int32{f.Sep.id}}
	p.single = template{cls, {text: 0}, sep}
	if f.Type == "BertProcessing" {
		end := sep
		end.typeID = 1
		p.pair = template{cls, {text: 0}, sep, {text: 1, typeID: 1}, end}
		return nil
	}
	p.pair = template{cls, {text: 0}, sep, sep, {text: 1}, sep}
	if f.Trim {
		p.trims = append(p.trims, trim{kept: f.Space})
	}
	return nil
}

// has checks ids that a part of the file puts into sequences.
func (v vocabulary) has(where string, ids ...int32) error {
	for _, id := range ids {
		if id < 0 || int(id) >= len(v.piece) {
			return fmt.Errorf("%s: id %d is outside the vocabulary of %d", where, id, len(v.piece))
		}
	}
	return nil
}
