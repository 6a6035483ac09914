package mesh

import (
	"encoding/json"
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
		out, ok := decodeAnswer(wire)
		if !ok || !reflect.DeepEqual(in, out) {
			t.Errorf("%+v\ncame back as\n%+v", in, out)
		}
		for cut := range wire {
			if _, ok := decodeAnswer(wire[:cut]); ok {
				t.Errorf("the first %d of %d bytes are an answer", cut, len(wire))
			}
		}
	}
}

// decodeAnswer reads one answer.
func decodeAnswer(wire []byte) (method.WorkResponse, bool) {
	a := Reports{Done: []Report{{Work: wire}}}.Answers()[0]
	return a.WorkResponse, a.OK
}

// Answers that are read together are what each is by itself, whatever is among them.
func TestAnswersShareMemoryAndNothingElse(t *testing.T) {
	var full method.WorkResponse
	n := 0
	fill(reflect.ValueOf(&full).Elem(), &n)
	one := method.WorkResponse{Reports: []method.Report{{Name: "fit", Made: []method.Named{{Name: "lora", Blob: "b"}}}}}
	var m Reports
	in := []method.WorkResponse{full, one, {}, full, one, one}
	for _, r := range in {
		m.Done = append(m.Done, Report{Work: AppendAnswer(nil, r)})
	}
	m.Done = append(m.Done, Report{Failure: "no work"}, Report{Work: []byte{7, 7}}, m.Done[1])
	got := m.Answers()
	for i, want := range append(in, method.WorkResponse{}, method.WorkResponse{}, one) {
		broken := i == len(in) || i == len(in)+1
		if got[i].OK == broken {
			t.Errorf("answer %d: %v", i, got[i].OK)
		}
		if !broken && !reflect.DeepEqual(got[i].WorkResponse, want) {
			t.Errorf("answer %d: %+v, not %+v", i, got[i].WorkResponse, want)
		}
	}
	for i := range got { // nobody's list grows into another's
		for j := range got[i].Reports {
			made := append(got[i].Reports[j].Made, method.Named{Name: "more"})
			made[0].Name = "other"
		}
	}
	if again := got[5].Reports[0]; again.Name != "fit" || len(again.Made) != 1 {
		t.Errorf("%+v", again)
	}
}

func TestAcksTravelWhole(t *testing.T) {
	for _, m := range []Ack{{}, {7}, {1<<62 - 1}} {
		wire := m.Encode()
		if got, ok := DecodeAck(wire); !ok || got != m {
			t.Errorf("%v came back as %v", m, got)
		}
		var read Ack
		if err := json.Unmarshal(wire, &read); err != nil || read != m {
			t.Errorf("%s is read as %v (%v)", wire, read, err)
		}
	}
	for _, bad := range []string{"", "{}", `{"Number":}`, `{"Number":-1}`, `{"Number":1}}`, `{"Number":99999999999999999999}`, `"Number":1}`} {
		if m, ok := DecodeAck([]byte(bad)); ok {
			t.Errorf("%s is read as %v", bad, m)
		}
	}
}
