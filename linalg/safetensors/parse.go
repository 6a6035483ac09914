package safetensors

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"unicode/utf8"
)

// maxHeader is the format's own ceiling on the header's length, in bytes.
const maxHeader = 100 << 20

// Parse reads a whole file. The tensors are views of b, which must stay alive and
// unchanged for as long as they are used.
func Parse(b []byte) (*File, error) {
	var room [few]span
	f, _, err := parse(b, room[:0])
	return f, err
}

// parse is Parse, and says where the tensors' bytes lie; room is memory for that.
func parse(b []byte, room []span) (*File, []span, error) {
	if len(b) < 8 {
		return nil, nil, fmt.Errorf("safetensors: the file has %d bytes; expected at least the 8 of the header's length (truncated?)", len(b))
	}
	n := binary.LittleEndian.Uint64(b)
	if n > maxHeader {
		return nil, nil, fmt.Errorf("safetensors: the header claims %d bytes, over the format's limit of %d (is this a safetensors file?)", n, maxHeader)
	}
	if n > uint64(len(b)-8) {
		return nil, nil, fmt.Errorf("safetensors: the header claims %d bytes and the file holds only %d after its length (truncated?)", n, len(b)-8)
	}
	header, data := b[8:8+n], b[8+n:]
	if !utf8.Valid(header) {
		return nil, nil, fmt.Errorf("safetensors: the header is not UTF-8")
	}
	if len(header) == 0 || header[0] != '{' {
		return nil, nil, fmt.Errorf("safetensors: the header does not begin with '{'")
	}
	f, spans, err := parseHeader(header, room)
	if err != nil {
		return nil, nil, fmt.Errorf("safetensors: header: %w", err)
	}
	if err := f.cut(data, spans); err != nil {
		return nil, nil, fmt.Errorf("safetensors: %w", err)
	}
	return f, spans, nil
}

// span is where a tensor's bytes lie, counted from the end of the header.
type span struct{ begin, end int }

// few is the number of tensors up to which names are compared one by one.
const few = 8

// parseHeader walks the header member by member, because an ordinary decode into a map
// would lose the order of the tensors and hide names that occur twice.
func parseHeader(header []byte, spans []span) (*File, []span, error) {
	c := &cursor{text: header}
	f := &File{}
	var seen map[string]bool // nil: there are few, and f has them all
	c.take('{')
	for first := true; c.more('}', first); first = false {
		key := c.key()
		if c.err != nil {
			break
		}
		meta := string(key) == "__metadata__"
		if meta && f.Meta != nil || seen == nil && f.has(key) || seen[string(key)] {
			c.fail("the name %q occurs twice", key)
			break
		}
		if meta {
			parseMeta(c, f)
			continue
		}
		t, s := parseTensor(c)
		if c.err != nil {
			c.within("tensor %q", key)
			break
		}
		t.Name = string(key)
		f.Tensors, spans = append(f.Tensors, t), append(spans, s)
		switch {
		case seen != nil:
			seen[t.Name] = true
		case len(f.Tensors) > few:
			seen = make(map[string]bool, 4*few)
			for _, t := range f.Tensors {
				seen[t.Name] = true
			}
		}
	}
	if c.err != nil {
		return nil, nil, c.err
	}
	if c.next(); c.at < len(header) {
		return nil, nil, fmt.Errorf("%d bytes follow its closing brace", len(bytes.TrimRight(header[c.at:], " \t\r\n")))
	}
	return f, spans, nil
}

func (f *File) has(name []byte) bool {
	for _, t := range f.Tensors {
		if t.Name == string(name) {
			return true
		}
	}
	return false
}

// parseMeta reads "__metadata__", a flat map from string to string.
func parseMeta(c *cursor, f *File) {
	f.Meta = map[string]string{}
	c.take('{')
	for first := true; c.more('}', first); first = false {
		key := string(c.key())
		if _, twice := f.Meta[key]; twice {
			c.fail("__metadata__: the key %q occurs twice", key)
		}
		if c.err != nil {
			return
		}
		if f.Meta[key] = string(c.string()); c.err != nil {
			c.within("__metadata__: %q", key)
		}
	}
}

// members are the keys of a tensor, all of which must be there.
var members = [...]string{"dtype", "shape", "data_offsets"}

// parseTensor reads {"dtype": …, "shape": […], "data_offsets": [begin, end]}: exactly
// these three keys, in any order.
func parseTensor(c *cursor) (t Tensor, s span) {
	var seen [len(members)]bool
	c.take('{')
	for first := true; c.more('}', first); first = false {
		key := c.key()
		if c.err != nil {
			return t, s
		}
		i := 0
		for i < len(members) && members[i] != string(key) {
			i++
		}
		if i == len(members) {
			c.fail("unknown key %q; expected dtype, shape, data_offsets", key)
			return t, s
		}
		if seen[i] {
			c.fail("the key %q occurs twice", key)
			return t, s
		}
		seen[i] = true
		switch members[i] {
		case "dtype":
			t.DType = dtype(c.string())
		case "shape":
			t.Shape = c.counts(make([]int, 0, 2))
		case "data_offsets":
			var room [4]int
			pair := c.counts(room[:0])
			if c.err == nil && len(pair) != 2 {
				c.fail("has %d numbers; expected begin and end", len(pair))
			}
			if c.err == nil {
				s = span{pair[0], pair[1]}
			}
		}
		if c.err != nil {
			c.within("%s", members[i])
			return t, s
		}
	}
	for i, has := range seen {
		if !has {
			c.fail("the key %q is missing", members[i])
		}
	}
	return t, s
}

// dtype is a word as a string, without memory of its own for the most frequent.
func dtype(word []byte) string {
	if string(word) == "F32" {
		return "F32"
	}
	return string(word)
}

// cut checks every span against its tensor and against its neighbours, and hands each
// tensor its bytes. Together the tensors must cover the data exactly: an overlap would
// alias two weights, a hole or a tail could smuggle anything.
func (f *File) cut(data []byte, spans []span) error {
	for i := range f.Tensors {
		t, s := &f.Tensors[i], spans[i]
		if s.begin > s.end || s.end > len(data) {
			return fmt.Errorf("tensor %q: data_offsets [%d, %d] lie outside the %d bytes of data (truncated?)", t.Name, s.begin, s.end, len(data))
		}
		want, err := sizeBytes(t.DType, t.Shape)
		if err != nil {
			return fmt.Errorf("tensor %q: %w", t.Name, err)
		}
		if s.end-s.begin != want {
			return fmt.Errorf("tensor %q: data_offsets span %d bytes; %s %v takes %d", t.Name, s.end-s.begin, t.DType, t.Shape, want)
		}
		t.Bytes = data[s.begin:s.end:s.end]
	}
	var room [few]int
	order := room[:0]
	for i := range spans {
		order = append(order, i)
	}
	slices.SortStableFunc(order, func(i, j int) int {
		a, b := spans[i], spans[j]
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end))
	})
	at := 0
	for _, i := range order {
		switch s := spans[i]; {
		case s.begin < at:
			return fmt.Errorf("tensor %q begins at byte %d, inside the tensor before it, which ends at %d", f.Tensors[i].Name, s.begin, at)
		case s.begin > at:
			return fmt.Errorf("tensor %q begins at byte %d and leaves a hole from %d", f.Tensors[i].Name, s.begin, at)
		}
		at = spans[i].end
	}
	if at != len(data) {
		return fmt.Errorf("%d bytes follow the last tensor", len(data)-at)
	}
	return nil
}
