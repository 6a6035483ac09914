package tokenizer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
)

// file is a tokenizer.json. Parts with a `type` are kept raw until the type is known.
type file struct {
	Version       string          `json:"version"`
	Truncation    json.RawMessage `json:"truncation"`
	Padding       json.RawMessage `json:"padding"`
	AddedTokens   []addedToken    `json:"added_tokens"`
	Normalizer    json.RawMessage `json:"normalizer"`
	PreTokenizer  json.RawMessage `json:"pre_tokenizer"`
	PostProcessor json.RawMessage `json:"post_processor"`
	Decoder       json.RawMessage `json:"decoder"`
	Model         json.RawMessage `json:"model"`
}

// Parse reads a tokenizer.json. An error names the place inside the file, what was expected
// and, for a part of an unknown type, the types that are known; the caller adds the file's
// name. Nothing is passed over: a field that would change the ids and is not carried out is
// an error.
func Parse(tokenizerJSON []byte) (*Tokenizer, error) {
	var f file
	if err := strict(tokenizerJSON, &f); err != nil {
		return nil, fmt.Errorf("not a tokenizer.json: %w", err)
	}
	t := &Tokenizer{source: bytes.Clone(tokenizerJSON)}
	var err error
	if t.split, err = parsePreTokenizer(f.PreTokenizer); err != nil {
		return nil, err
	}
	if err := t.parseModel(f.Model, f.AddedTokens, isByteLevel(t.split)); err != nil {
		return nil, err
	}
	var errs [5]error
	t.normal, errs[0] = parseNormalizer(f.Normalizer)
	t.post, errs[1] = parsePostProcessor(f.PostProcessor, t.vocab)
	t.decoders, errs[2] = parseDecoder(f.Decoder)
	t.truncate, errs[3] = parseTruncation(f.Truncation)
	t.pad, errs[4] = parsePadding(f.Padding, t.Vocab())
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	t.added = newAddedTokens(f.AddedTokens, t.normal)
	t.spare = &sync.Pool{New: func() any { return t.newWork() }}
	return t, nil
}

// strict is json.Unmarshal that refuses fields it does not know and anything behind the value.
func strict(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		if err == io.EOF {
			return errors.New("the file is empty")
		}
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("something follows the closing brace")
	}
	return nil
}

func absent(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

// kindOf returns the `type` of a part, "" where it has none. It reads no further: a model's
// type stands in front of megabytes.
func kindOf(raw json.RawMessage) string {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return ""
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return ""
		}
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return ""
		}
		var kind string
		if strings.EqualFold(key.(string), "type") && json.Unmarshal(value, &kind) == nil { // the decoder has checked: a key is a string
			return kind
		}
	}
	return ""
}

// unknown refuses a part by its type and lists the types that are carried out.
func unknown(where string, raw json.RawMessage, known ...string) error {
	kind := kindOf(raw)
	if kind == "" {
		return fmt.Errorf("%s: expected an object with a type, found %s", where, clip(raw))
	}
	slices.Sort(known)
	return fmt.Errorf("%s: type %s is not supported; supported: %s", where, kind, strings.Join(known, ", "))
}

// flatten opens Sequences: it returns the parts of raw one after the other. list is the
// field in which a Sequence of this place keeps its parts.
func flatten(raw json.RawMessage, list string) ([]json.RawMessage, error) {
	if absent(raw) {
		return nil, nil
	}
	if kindOf(raw) != "Sequence" {
		return []json.RawMessage{raw}, nil
	}
	fields := map[string]json.RawMessage{}
	var parts []json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(fields[list], &parts); err != nil {
		return nil, fmt.Errorf("a Sequence keeps its parts in %q: %w", list, err)
	}
	var flat []json.RawMessage
	for _, part := range parts {
		if kindOf(part) == "Sequence" {
			return nil, errors.New("a Sequence inside a Sequence is not supported")
		}
		flat = append(flat, part)
	}
	return flat, nil
}
