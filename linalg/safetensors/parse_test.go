package safetensors

import (
	"encoding/binary"
	"strings"
	"testing"
)

// raw builds a file from a header as written and that many bytes of data.
func raw(header string, data int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, data)...)
}

const one = `{"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}`

func TestParseReadsInHeaderOrder(t *testing.T) {
	f, err := Parse(raw(`{"z":{"dtype":"U8","shape":[2],"data_offsets":[4,6]},"__metadata__":{"k":"v"},`+
		`"a":{"shape":[],"data_offsets":[0,4],"dtype":"I32"},"empty":{"dtype":"F64","shape":[3,0],"data_offsets":[4,4]}}  `, 6))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, x := range f.Tensors {
		names = append(names, x.Name)
	}
	if got := strings.Join(names, " "); got != "z a empty" {
		t.Errorf("names in order %q; want the header's: z a empty", got)
	}
	if f.Meta["k"] != "v" {
		t.Errorf("metadata %v", f.Meta)
	}
	if a, ok := f.Get("a"); !ok || a.Len() != 1 || len(a.Bytes) != 4 {
		t.Errorf("scalar a: %+v, %v", a, ok)
	}
	if _, ok := f.Get("b"); ok {
		t.Error("found a tensor that is not there")
	}
}

func TestParseRefusesWhatLies(t *testing.T) {
	huge := raw(one, 24)
	binary.LittleEndian.PutUint64(huge, 1<<63)
	cases := []struct {
		name, want string
		file       []byte
	}{
		{"empty", "truncated", nil},
		{"seven bytes", "truncated", make([]byte, 7)},
		{"header over the limit", "limit", huge},
		{"header over the file", "truncated", raw(one, 24)[:40]},
		{"no header", "begin with", raw("", 4)},
		{"header not an object", "begin with", raw("[]", 0)},
		{"header broken", "header", raw(`{"a":`, 0)},
		{"not UTF-8", "UTF-8", raw("{\"\xff\":{}}", 0)},
		{"text after the header", "follow its closing", raw(one+"x", 24)},
		{"nothing after the header", "1 bytes follow its closing", raw(one+"\x00", 24)},
		{"comma too many", "expected a string", raw(strings.Replace(one, "}}", "},}", 1), 24)},
		{"comma missing", `expected ","`, raw(strings.Replace(one, `,"shape"`, ` "shape"`, 1), 24)},
		{"string without an end", "no end", raw(`{"a`, 0)},
		{"line in a string", "stands in a string", raw("{\"a\n\":{}}", 0)},
		{"leading zero", "whole number", raw(strings.Replace(one, "2,3", "02,3", 1), 24)},
		{"data truncated", "truncated", raw(one, 23)},
		{"data too long", "follow the last", raw(one, 25)},
		{"unknown dtype", `dtype "F31"`, raw(strings.Replace(one, "F32", "F31", 1), 24)},
		{"size and shape differ", "takes 48", raw(strings.Replace(one, "F32", "F64", 1), 24)},
		{"product overflows", "larger than memory", raw(`{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`, 0)},
		{"negative side", "whole number", raw(strings.Replace(one, "2,3", "-2,-3", 1), 24)},
		{"fractional side", "whole number", raw(strings.Replace(one, "2,3", "2.5,3", 1), 24)},
		{"side as text", "whole number", raw(strings.Replace(one, "2,3", `"2",3`, 1), 24)},
		{"offsets reversed", "outside", raw(strings.Replace(one, "0,24", "24,0", 1), 24)},
		{"three offsets", "begin and end", raw(strings.Replace(one, "0,24", "0,24,1", 1), 24)},
		{"missing shape", `"shape" is missing`, raw(`{"a":{"dtype":"F32","data_offsets":[0,4]}}`, 4)},
		{"unknown key", `unknown key "x"`, raw(`{"a":{"dtype":"F32","x":1,"shape":[1],"data_offsets":[0,4]}}`, 4)},
		{"key twice", "twice", raw(`{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4)},
		{"name twice", "twice", raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}`, 2)},
		{"overlap", "inside the tensor before", raw(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}`, 3)},
		{"hole", "hole", raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}`, 3)},
		{"metadata not text", "expected a string", raw(`{"__metadata__":{"k":1}}`, 0)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse(c.file)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v; want one that says %q", err, c.want)
			}
		})
	}
}

// FuzzParse: whatever the bytes, no panic, and what parses covers the data exactly and
// survives being written and read again.
func FuzzParse(f *testing.F) {
	f.Add(raw(one, 24))
	f.Add(raw(`{"__metadata__":{"k":"v"}}`, 0))
	f.Add(raw(`{"a":{"dtype":"BF16","shape":[1,0],"data_offsets":[0,0]}}   `, 0))
	f.Add([]byte("garbage that is long enough"))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := Parse(b)
		if err != nil {
			return
		}
		n := 0
		for _, x := range file.Tensors {
			n += len(x.Bytes)
			_, _ = x.Floats() // must not panic; whether it converts is another matter
			_, _ = x.Ints()
		}
		if want := len(b) - 8 - int(binary.LittleEndian.Uint64(b)); n != want {
			t.Fatalf("tensors cover %d bytes of %d", n, want)
		}
		again, err := Encode(file.Meta, file.Tensors)
		if err != nil {
			t.Fatalf("what parsed cannot be written: %v", err)
		}
		if _, err := Parse(again); err != nil {
			t.Fatalf("what was written cannot be parsed: %v", err)
		}
	})
}

// BenchmarkDecode reads a small adapter: what happens to every report several times.
func BenchmarkDecode(b *testing.B) {
	file := raw(one, 24)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := DecodeTensors(file); err != nil {
			b.Fatal(err)
		}
	}
}
