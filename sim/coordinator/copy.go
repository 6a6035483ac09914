package coordinator

import "reflect"

// copied is v with memory of its own, however deep: what crosses to a method or comes from
// one. Values of the seam are made of exported fields, lists, maps and unions; what holds
// the host's services ([method.Blobs], [method.Reports]) is set aside by the caller.
func copied[T any](v T) T {
	return deep(reflect.ValueOf(&v).Elem()).Interface().(T)
}

func deep(v reflect.Value) reflect.Value {
	t := v.Type()
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Slice, reflect.Map:
		if v.IsNil() {
			return v
		}
	}
	out := reflect.New(t).Elem()
	switch v.Kind() {
	case reflect.Pointer:
		out.Set(reflect.New(t.Elem()))
		out.Elem().Set(deep(v.Elem()))
	case reflect.Interface:
		out.Set(deep(v.Elem()))
	case reflect.Struct:
		for i := range v.NumField() {
			out.Field(i).Set(deep(v.Field(i)))
		}
	case reflect.Slice:
		out.Set(reflect.MakeSlice(t, v.Len(), v.Len()))
		if t.Elem().Kind() == reflect.Uint8 {
			reflect.Copy(out, v)
			break
		}
		for i := range v.Len() {
			out.Index(i).Set(deep(v.Index(i)))
		}
	case reflect.Map:
		out.Set(reflect.MakeMapWithSize(t, v.Len()))
		for i := v.MapRange(); i.Next(); {
			out.SetMapIndex(i.Key(), deep(i.Value()))
		}
	default:
		return v
	}
	return out
}
