package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"sort"
	"strconv"
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

// parseHeader walks the header token by token, because an ordinary decode into a map
// would lose the order of the tensors and hide names that occur twice.
func parseHeader(header []byte) (*File, []span, error) {
	d := json.NewDecoder(bytes.NewReader(header))
	d.UseNumber()
	f := &File{}
	var spans []span
	seen := map[string]bool{}
	err := object(d, func(name string) error {
		if seen[name] {
			return fmt.Errorf("the name %q occurs twice", name)
		}
		seen[name] = true
		if name == "__metadata__" {
			return parseMeta(d, f)
		}
		t, s, err := parseTensor(d)
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
	if rest := bytes.Trim(header[d.InputOffset():], " \t\r\n"); len(rest) > 0 {
		return nil, nil, fmt.Errorf("%d bytes follow its closing brace", len(rest))
	}
	return f, spans, nil
}

// parseMeta reads "__metadata__", a flat map from string to string.
func parseMeta(d *json.Decoder, f *File) error {
	f.Meta = map[string]string{}
	return object(d, func(key string) error {
		if _, twice := f.Meta[key]; twice {
			return fmt.Errorf("__metadata__: the key %q occurs twice", key)
		}
		value, err := text(d)
		if err != nil {
			return fmt.Errorf("__metadata__: %q: %w", key, err)
		}
		f.Meta[key] = value
		return nil
	})
}

// parseTensor reads {"dtype": …, "shape": […], "data_offsets": [begin, end]}: exactly
// these three keys, in any order.
func parseTensor(d *json.Decoder) (t Tensor, s span, err error) {
	seen := map[string]bool{}
	err = object(d, func(key string) (err error) {
		if seen[key] {
			return fmt.Errorf("the key %q occurs twice", key)
		}
		seen[key] = true
		switch key {
		case "dtype":
			t.DType, err = text(d)
		case "shape":
			t.Shape, err = counts(d)
		case "data_offsets":
			var pair []int
			if pair, err = counts(d); err == nil && len(pair) != 2 {
				err = fmt.Errorf("has %d numbers; expected begin and end", len(pair))
			}
			if err == nil {
				s = span{pair[0], pair[1]}
			}
		default:
			return fmt.Errorf("unknown key %q; expected dtype, shape, data_offsets", key)
		}
		if err != nil {
			err = fmt.Errorf("%s: %w", key, err)
		}
		return err
	})
	if err != nil {
		return t, s, err
	}
	for _, key := range []string{"dtype", "shape", "data_offsets"} {
		if !seen[key] {
			return t, s, fmt.Errorf("the key %q is missing", key)
		}
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
	sort.SliceStable(order, func(i, j int) bool {
		a, b := spans[order[i]], spans[order[j]]
		return a.begin < b.begin || a.begin == b.begin && a.end < b.end
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

// object reads one JSON object and calls member after each key; member reads the value.
func object(d *json.Decoder, member func(key string) error) error {
	if err := delim(d, '{'); err != nil {
		return err
	}
	for d.More() {
		key, err := text(d)
		if err != nil {
			return err
		}
		if err := member(key); err != nil {
			return err
		}
	}
	return delim(d, '}')
}

// counts reads an array of whole numbers from 0 up.
func counts(d *json.Decoder) ([]int, error) {
	if err := delim(d, '['); err != nil {
		return nil, err
	}
	ns := []int{}
	for d.More() {
		tok, err := d.Token()
		if err != nil {
			return nil, err
		}
		num, ok := tok.(json.Number)
		if !ok {
			return nil, fmt.Errorf("found %v; expected a whole number", tok)
		}
		n, err := strconv.ParseUint(num.String(), 10, 64)
		if err != nil || n > math.MaxInt {
			return nil, fmt.Errorf("found %s; expected a whole number from 0 up", num)
		}
		ns = append(ns, int(n))
	}
	return ns, delim(d, ']')
}

func text(d *json.Decoder) (string, error) {
	tok, err := d.Token()
	if err != nil {
		return "", err
	}
	s, ok := tok.(string)
	if !ok {
		return "", fmt.Errorf("found %v; expected a string", tok)
	}
	return s, nil
}

func delim(d *json.Decoder, want json.Delim) error {
	tok, err := d.Token()
	if err != nil {
		return err
	}
	if got, ok := tok.(json.Delim); !ok || got != want {
		return fmt.Errorf("found %v; expected %q", tok, want.String())
	}
	return nil
}
