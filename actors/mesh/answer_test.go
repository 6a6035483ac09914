package mesh

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
)

// fill gives every field that can be reached a value of its own, so that one that is added
// and does not travel is missed.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), n)
		}
	case reflect.String:
		v.SetString(fmt.Sprint("text", *n))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(-*n))
	case reflect.Float64:
		v.SetFloat(float64(*n) / 7)
	default:
		panic(v.Type().String())
	}
}

func TestAnswersTravelWhole(t *testing.T) {
	var full method.WorkResponse
	n := 0
	fill(reflect.ValueOf(&full).Elem(), &n)
	for _, in := range []method.WorkResponse{full, {}, {Reports: []method.Report{{}}}} {
		wire := AppendAnswer(nil, in)
		out, ok := DecodeAnswer(wire)
		if !ok || !reflect.DeepEqual(in, out) {
			t.Errorf("%+v\ncame back as\n%+v", in, out)
		}
		for cut := range wire {
			if _, ok := DecodeAnswer(wire[:cut]); ok {
				t.Errorf("the first %d of %d bytes are an answer", cut, len(wire))
			}
		}
	}
}
