package coordinator

import "reflect"

// copied is v with memory of its own, however deep: what crosses to a method or comes from
// one. Values of the seam are made of exported fields, lists, maps and unions; what holds
// the host's services ([method.Blobs], [method.Reports]) is set aside by the caller.
func copied[T any](v T) T {
	part(reflect.ValueOf(&v).Elem())
	return v
}

// part has a value, which is a copy already, point to copies of what it points to.
func part(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return
		}
		from := v.Elem()
		to := reflect.New(from.Type())
		to.Elem().Set(from)
		part(to.Elem())
		if v.Kind() == reflect.Interface {
			to = to.Elem()
		}
		v.Set(to)
	case reflect.Struct:
		for i := range v.NumField() {
			part(v.Field(i))
		}
	case reflect.Slice:
		if v.IsNil() {
			return
		}
		to := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(to, v)
		v.Set(to)
		switch v.Type().Elem().Kind() {
		case reflect.Pointer, reflect.Interface, reflect.Struct, reflect.Slice, reflect.Map:
			for i := range v.Len() {
				part(v.Index(i))
			}
		}
	case reflect.Map:
		if v.IsNil() {
			return
		}
		to := reflect.MakeMapWithSize(v.Type(), v.Len())
		for i := v.MapRange(); i.Next(); {
			x := reflect.New(v.Type().Elem()).Elem()
			x.Set(i.Value())
			part(x)
			to.SetMapIndex(i.Key(), x)
		}
		v.Set(to)
	}
}
