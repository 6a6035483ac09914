package method

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Canonical writes a value of this package as bytes that are equal exactly when the
// values mean the same: what the ledger digests, what the exam compares and what
// `simrun show` prints. It is JSON, and it is written only, never read back.
//
//   - fields come in the order of their declaration, in snake case, zero values left out,
//     so a field that is added later leaves the digests of older values as they were;
//   - a value of a union carries its [Name]: {"fit":{…}};
//   - nil and empty lists are the same; nil and a pointer to a zero value are not;
//   - numbers are the shortest that read back as the same number; NaN and the
//     infinities, which JSON lacks, are strings; bytes are base64; an [ID] is "client/17";
//   - text that is not UTF-8 keeps its bytes, as lone surrogates;
//   - [Blobs] are left out: they are the host's, and every name in them is a hash;
//   - [Reports] are read in full, and a report that cannot be read is {"error":"…"}.
//
// A value that holds a function, a channel or an unexported field panics: it is no value
// of this package.
func Canonical(v any) []byte {
	if v == nil {
		return []byte("null")
	}
	return appendValue(nil, reflect.ValueOf(v))
}

var (
	blobsType   = reflect.TypeFor[Blobs]()
	reportsType = reflect.TypeFor[Reports]()
	idType      = reflect.TypeFor[ID]()
	anyType     = reflect.TypeFor[any]()
)

// appendValue writes v, which is never the nil of an interface.
func appendValue(b []byte, v reflect.Value) []byte {
	t := v.Type()
	switch {
	case t == idType:
		return appendText(b, v.Interface().(ID).String())
	case t.NumMethod() > 0 && t.Implements(reportsType) && !nilable(v):
		return appendReports(b, v.Interface().(Reports))
	}
	switch t.Kind() {
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.AppendInt(b, v.Int(), 10)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strconv.AppendUint(b, v.Uint(), 10)
	case reflect.Float32, reflect.Float64:
		return appendFloat(b, v.Float(), t.Bits())
	case reflect.String:
		return appendText(b, v.String())
	case reflect.Slice, reflect.Array:
		return appendList(b, v)
	case reflect.Map:
		return appendMap(b, v)
	case reflect.Struct:
		return append(appendFields(append(b, '{'), v), '}')
	case reflect.Pointer:
		if v.IsNil() {
			return append(b, "null"...)
		}
		return appendValue(b, v.Elem())
	case reflect.Interface:
		return appendUnion(b, v)
	}
	panic(fmt.Sprintf("method: Canonical of a %s", t))
}

// nilable says whether v is a nil of a kind that can be nil.
func nilable(v reflect.Value) bool {
	return (v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer) && v.IsNil()
}

func appendFloat(b []byte, x float64, bits int) []byte {
	switch {
	case math.IsNaN(x):
		return append(b, `"NaN"`...)
	case math.IsInf(x, 1):
		return append(b, `"+Inf"`...)
	case math.IsInf(x, -1):
		return append(b, `"-Inf"`...)
	}
	return strconv.AppendFloat(b, x, 'g', -1, bits)
}

func appendText(b []byte, s string) []byte {
	b = append(b, '"')
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1:
			b = fmt.Appendf(b, `\udc%02x`, s[0])
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r < ' ':
			b = fmt.Appendf(b, `\u%04x`, r)
		default:
			b = append(b, s[:n]...)
		}
		s = s[n:]
	}
	return append(b, '"')
}

func appendList(b []byte, v reflect.Value) []byte {
	if v.Type().Elem().Kind() == reflect.Uint8 && v.Kind() == reflect.Slice {
		return appendText(b, base64.StdEncoding.EncodeToString(v.Bytes()))
	}
	b = append(b, '[')
	for i := range v.Len() {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendValue(b, v.Index(i))
	}
	return append(b, ']')
}

// appendMap writes a map by sorted key. All maps of this package have text for keys.
func appendMap(b []byte, v reflect.Value) []byte {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(x, y reflect.Value) int { return strings.Compare(x.String(), y.String()) })
	b = append(b, '{')
	for i, k := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendText(b, k.String()), ':')
		b = appendValue(b, v.MapIndex(k))
	}
	return append(b, '}')
}

// appendFields writes the fields of a struct between its braces; an embedded struct's
// fields stand among them.
func appendFields(b []byte, v reflect.Value) []byte {
	t := v.Type()
	for i := range t.NumField() {
		f, x := t.Field(i), v.Field(i)
		switch {
		case f.Anonymous && x.Kind() == reflect.Struct:
			b = appendFields(b, x)
			continue
		case !f.IsExported():
			panic(fmt.Sprintf("method: Canonical of %s, which hides its field %s", t, f.Name))
		case f.Type == blobsType || empty(x):
			continue
		}
		from := len(b)
		if b[from-1] != '{' {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), snake(f.Name)...), '"', ':')
		if b = appendValue(b, x); x.Kind() == reflect.Struct && bytes.HasSuffix(b, noFields) {
			b = b[:from]
		}
	}
	return b
}

// noFields is how a struct ends that nothing is in.
var noFields = []byte(":{}")

func empty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map:
		return v.Len() == 0
	case reflect.Struct:
		return v.Type() == idType && v.IsZero() // of others it is seen when they are written
	case reflect.Float32, reflect.Float64:
		return math.Float64bits(v.Float()) == 0 // minus zero is a number of its own
	}
	return v.IsZero()
}

// appendUnion writes what an interface holds: a value of a union under its name, the
// dynamic value of an `any` as it is.
func appendUnion(b []byte, v reflect.Value) []byte {
	switch {
	case v.IsNil():
		return append(b, "null"...)
	case v.Type() == anyType:
		return appendValue(b, v.Elem())
	}
	b = append(appendText(append(b, '{'), Name(v.Interface())), ':')
	return append(appendValue(b, v.Elem()), '}')
}

func appendReports(b []byte, rs Reports) []byte {
	b = append(b, '[')
	for r, err := range rs.All() {
		if b[len(b)-1] != '[' {
			b = append(b, ',')
		}
		if err != nil {
			b = append(appendText(append(b, `{"error":`...), err.Error()), '}')
			break
		}
		b = appendValue(b, reflect.ValueOf(r))
	}
	return append(b, ']')
}

// Name is what a recipe, part, loss, init, statistic or gate is called in documents and
// on a [TrainerCard]: its type in snake case, "lora", "cross_entropy", "group_dro".
func Name(v any) string {
	return nameOf(reflect.TypeOf(v))
}

func nameOf(t reflect.Type) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return snake(t.Name())
}

// snake turns TopK into top_k and GroupDRO into group_dro. LoRA is one word. Names of Go's are in
// ASCII here.
func snake(name string) string {
	name = strings.Replace(name, "LoRA", "Lora", 1)
	upper := func(i int) bool { return 'A' <= name[i] && name[i] <= 'Z' }
	var room [64]byte
	b := room[:0]
	for i := range len(name) {
		c := name[i]
		if upper(i) {
			if i > 0 && (!upper(i-1) || i+1 < len(name) && 'a' <= name[i+1] && name[i+1] <= 'z') {
				b = append(b, '_')
			}
			c += 'a' - 'A'
		}
		b = append(b, c)
	}
	return string(b)
}
