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
	if len(b) < 8 {
		return nil, fmt.Errorf("safetensors: the file has %d bytes; expected at least the 8 of the header's length (truncated?)", len(b))
	}
	n := binary.LittleEndian.Uint64(b)
	if n > maxHeader {
		return nil, fmt.Errorf("safetensors: the header claims %d bytes, over the format's limit of %d (is this a safetensors file?)", n, maxHeader)
	}
	if n > uint64(len(b)-8) {
		return nil, fmt.Errorf("safetensors: the header claims %d bytes and the file holds only %d after its length (truncated?)", n, len(b)-8)
	}
	header, data := b[8:8+n], b[8+n:]
	if !utf8.Valid(header) {
		return nil, fmt.Errorf("safetensors: the header is not UTF-8")
	}
	if len(header) == 0 || header[0] != '{' {
		return nil, fmt.Errorf("safetensors: the header does not begin with '{'")
	}
	f, spans, err := parseHeader(header)
	if err != nil {
		return nil, fmt.Errorf("safetensors: header: %w", err)
	}
	if err := f.cut(data, spans); err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	return f, nil
}

// span is where a tensor's bytes lie, counted from the end of the header.
type span struct{ begin, end int }

// parseHeader walks the header member by member, because an ordinary decode into a map
// would lose the order of the tensors and hide names that occur twice.
func parseHeader(header []byte) (*File, []span, error) {
	c := &cursor{text: header}
	f := &File{}
	var spans []span
	seen := map[string]bool{}
	err := c.object(func(name string) error {
		if seen[name] {
			return fmt.Errorf("the name %q occurs twice", name)
		}
		seen[name] = true
		if name == "__metadata__" {
			return parseMeta(c, f)
		}
		t, s, err := parseTensor(c)
		if err != nil {
			return fmt.Errorf("tensor %q: %w", name, err)
		}
		t.Name = name
		f.Tensors = append(f.Tensors, t)
		spans = append(spans, s)
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	if c.next(); c.at < len(header) {
		return nil, nil, fmt.Errorf("%d bytes follow its closing brace", len(bytes.TrimRight(header[c.at:], " \t\r\n")))
	}
	return f, spans, nil
}

// parseMeta reads "__metadata__", a flat map from string to string.
func parseMeta(c *cursor, f *File) error {
	f.Meta = map[string]string{}
	return c.object(func(key string) error {
		if _, twice := f.Meta[key]; twice {
			return fmt.Errorf("__metadata__: the key %q occurs twice", key)
		}
		value, err := c.string()
		if err != nil {
			return fmt.Errorf("__metadata__: %q: %w", key, err)
		}
		f.Meta[key] = value
		return nil
	})
}

// members are the keys of a tensor, all of which must be there.
var members = [...]string{"dtype", "shape", "data_offsets"}

// parseTensor reads {"dtype": …, "shape": […], "data_offsets": [begin, end]}: exactly
// these three keys, in any order.
func parseTensor(c *cursor) (t Tensor, s span, err error) {
	var seen [len(members)]bool
	err = c.object(func(key string) (err error) {
		i := slices.Index(members[:], key)
		if i < 0 {
			return fmt.Errorf("unknown key %q; expected dtype, shape, data_offsets", key)
		}
		if seen[i] {
			return fmt.Errorf("the key %q occurs twice", key)
		}
		seen[i] = true
		var pair []int
		switch key {
		case "dtype":
			t.DType, err = c.string()
		case "shape":
			t.Shape, err = c.counts()
		case "data_offsets":
			if pair, err = c.counts(); err == nil && len(pair) != 2 {
				err = fmt.Errorf("has %d numbers; expected begin and end", len(pair))
			}
			if err == nil {
				s = span{pair[0], pair[1]}
			}
		}
		if err != nil {
			err = fmt.Errorf("%s: %w", key, err)
		}
		return err
	})
	if err != nil {
		return t, s, err
	}
	if i := slices.Index(seen[:], false); i >= 0 {
		return t, s, fmt.Errorf("the key %q is missing", members[i])
	}
	return t, s, nil
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
	order := make([]int, len(spans))
	for i := range order {
		order[i] = i
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
