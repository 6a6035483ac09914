package method

import (
	"math"
	"reflect"
	"slices"
	"strconv"
	"unicode/utf8"
)

// walk visits v and all that it contains, in order, with the path to each as documents
// write it: "assign[0].recipe.fit.train[1].scale". Blobs and Reports are not entered.
func walk(v reflect.Value, path string, visit func(path string, v reflect.Value)) {
	visit(path, v)
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			walk(v.Elem(), path, visit)
		}
	case reflect.Interface:
		if v.IsNil() || v.Type() == blobsType || v.Type() == reportsType {
			return
		}
		if v.Type() != anyType {
			path = join(path, Name(v.Interface()))
		}
		walk(v.Elem(), path, visit)
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.Anonymous {
				walk(v.Field(i), path, visit)
			} else {
				walk(v.Field(i), join(path, snake(f.Name)), visit)
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return
		}
		for i := range v.Len() {
			walk(v.Index(i), path+"["+strconv.Itoa(i)+"]", visit)
		}
	case reflect.Map:
		for i := v.MapRange(); i.Next(); {
			walk(i.Value(), join(path, i.Key().String()), visit)
		}
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// BlobsIn lists the blobs that a value of this package names, each once, in order of
// appearance: what must stay alive as long as the value.
func BlobsIn(v any) []Blob {
	var list []Blob
	blobsIn(reflect.ValueOf(v), &list)
	return list
}

var blobType = reflect.TypeFor[Blob]()

// blobsIn is [walk] for those who want blobs and no paths: every lease is looked through.
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
// pointer in place of a member of a union, or, with finite set, a number that is not.
func wellFormed(v any, path string, finite bool, fault faults) {
	walk(reflect.ValueOf(v), path, func(path string, x reflect.Value) {
		switch x.Kind() {
		case reflect.String:
			if !utf8.ValidString(x.String()) {
				fault(path, "%q is not UTF-8", x.String())
			}
		case reflect.Float64:
			if f := x.Float(); finite && (math.IsNaN(f) || math.IsInf(f, 0)) {
				fault(path, "%g is no finite number", f)
			}
		case reflect.Interface:
			if !x.IsNil() && x.Type() != anyType && x.Elem().Kind() == reflect.Pointer {
				fault(path, "a pointer to %s: write the value itself", Name(x.Interface()))
			}
		}
	})
}
