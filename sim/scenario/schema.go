package scenario

import (
	"encoding/json"
	"fmt"
)

// Schema is the JSON Schema (draft 2020-12) of a scenario file, for editors: it knows
// every word, kind, bound and default of the tables. What a schema cannot say (that a name
// is defined, that heads divide the width, that a set needs its path, which may come by
// --set) is left to [Parse].
func Schema() []byte {
	s := top.schema()
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	s["title"] = "loramesh scenario"
	out, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		panic(fmt.Sprintf("scenario: a table makes a schema that is not JSON: %v", err))
	}
	return append(out, '\n')
}

func (k *record) schema() object {
	props, required, owners := object{}, []string{}, object{}
	for _, f := range k.fields {
		props[f.key] = f.schema()
		if f.must && len(f.of) == 0 {
			required = append(required, f.key)
		}
		if len(f.of) > 0 {
			owners[f.key] = object{"anyOf": needs(f.of)}
		}
	}
	s := object{"type": "object", "properties": props, "additionalProperties": false}
	if k.doc != "" {
		s["description"] = k.doc
	}
	if len(required) > 0 {
		s["required"] = required
	}
	if len(owners) > 0 {
		s["dependentSchemas"] = owners
	}
	if pairs := k.rivals(); len(pairs) > 0 {
		s["allOf"] = pairs
	}
	return s
}

// rivals forbids two words of one. None at all is allowed: it may come by --set.
func (k *record) rivals() []any {
	var out []any
	for i, a := range k.one {
		for _, b := range k.one[i+1:] {
			out = append(out, object{"not": object{"required": []string{a, b}}})
		}
	}
	return out
}

func needs(words []string) []any {
	var out []any
	for _, w := range words {
		out = append(out, object{"required": []string{w}})
	}
	return out
}

func (f field) schema() object {
	s := f.kind.schema()
	s["description"] = f.doc
	if f.def != "" {
		if v := f.fallback(); v.shape == scalar {
			s["default"] = values{}.value(check{problems: new([]Problem)}, v, false)
		}
	}
	return s
}
