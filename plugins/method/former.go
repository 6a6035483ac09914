package method

import (
	"math"
	"reflect"
	"slices"
	"unicode/utf8"
)

// BlobsIn lists the blobs that a value of this package names, each once, in order of
// appearance: what must stay alive as long as the value.
func BlobsIn(v any) []Blob {
	var list []Blob
	blobsIn(reflect.ValueOf(v), &list)
	return list
}

var blobType = reflect.TypeFor[Blob]()

// blobsIn goes where [former] goes, for those who want blobs and no paths: every lease is looked
// through.
func blobsIn(v reflect.Value, list *[]Blob) {
	switch v.Kind() {
	case reflect.String:
		if v.Type() == blobType {
			if b := Blob(v.String()); b != "" && !slices.Contains(*list, b) {
				*list = append(*list, b)
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			blobsIn(v.Elem(), list)
		}
	case reflect.Interface:
		if !v.IsNil() && v.Type() != blobsType && v.Type() != reportsType {
			blobsIn(v.Elem(), list)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			blobsIn(v.Field(i), list)
		}
	case reflect.Slice:
		if mayName(v.Type().Elem().Kind()) {
			for i := range v.Len() {
				blobsIn(v.Index(i), list)
			}
		}
	case reflect.Map:
		for i := v.MapRange(); i.Next(); {
			blobsIn(i.Value(), list)
		}
	}
}

// mayName says whether a value of that kind can hold a blob.
func mayName(k reflect.Kind) bool {
	switch k {
	case reflect.String, reflect.Pointer, reflect.Interface, reflect.Struct, reflect.Slice, reflect.Map:
		return true
	}
	return false
}

// wellFormed finds what no value of this package may be: text that is not UTF-8, a
// pointer in place of a member of a union, or, with finite set, a number that is not. The path to
// it is as documents write it: "assign[0].recipe.fit.train[1].scale".
func wellFormed(v any, path string, finite bool, fault faults) {
	f := former{finite: finite, fault: fault, begins: path}
	f.look(reflect.ValueOf(v))
}

// former looks whether values are well formed. Where it is, it spells out for what is wrong there,
// and for nothing else: every answer of a method is looked through.
type former struct {
	finite bool
	fault  faults
	begins string
	trail  []step // from there
}

// step is one from a value to a part of it.
type step struct {
	in  reflect.Type // what it is a part of, or what a union holds
	at  int          // which part
	key string       // which, of a map
}

// member is the part of a union that it holds.
const member = -1

// look goes through v and all that it contains, in order. Blobs and Reports are not entered.
func (f *former) look(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if !utf8.ValidString(v.String()) {
			f.fault(f.path(), "%q is not UTF-8", v.String())
		}
	case reflect.Float64:
		if x := v.Float(); f.finite && (math.IsNaN(x) || math.IsInf(x, 0)) {
			f.fault(f.path(), "%g is no finite number", x)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			f.look(v.Elem())
		}
	case reflect.Interface:
		f.union(v)
	case reflect.Struct:
		for i := range v.NumField() {
			f.enter(step{in: v.Type(), at: i}, v.Field(i))
		}
	case reflect.Slice:
		if mayErr(v.Type().Elem().Kind()) {
			for i := range v.Len() {
				f.enter(step{in: v.Type(), at: i}, v.Index(i))
			}
		}
	case reflect.Map:
		for i := v.MapRange(); i.Next(); {
			f.enter(step{in: v.Type(), key: i.Key().String()}, i.Value())
		}
	}
}

func (f *former) union(v reflect.Value) {
	switch t := v.Type(); {
	case v.IsNil() || t == blobsType || t == reportsType:
	case t == anyType:
		f.look(v.Elem())
	default:
		if v.Elem().Kind() == reflect.Pointer {
			f.fault(f.path(), "a pointer to %s: write the value itself", nameOf(v.Elem().Type()))
		}
		f.enter(step{in: v.Elem().Type(), at: member}, v.Elem())
	}
}

// enter looks at a part.
func (f *former) enter(s step, part reflect.Value) {
	f.trail = append(f.trail, s)
	f.look(part)
	f.trail = f.trail[:len(f.trail)-1]
}

// mayErr says whether a value of that kind can be what none may be.
func mayErr(k reflect.Kind) bool { return mayName(k) || k == reflect.Float64 }

// path is where it is.
func (f *former) path() string {
	path := f.begins
	for _, s := range f.trail {
		switch {
		case s.at == member:
			path = join(path, nameOf(s.in))
		case s.in.Kind() == reflect.Slice:
			path = index(path, s.at)
		case s.in.Kind() == reflect.Map:
			path = join(path, s.key)
		case !s.in.Field(s.at).Anonymous:
			path = join(path, snake(s.in.Field(s.at).Name))
		}
	}
	return path
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
