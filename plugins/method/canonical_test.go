package method

import (
	"encoding/json"
	"errors"
	"iter"
	"math"
	"slices"
	"testing"
)

func TestCanonicalForms(t *testing.T) {
	zero := Model{}
	for _, c := range []struct {
		value any
		want  string
	}{
		{nil, `null`},
		{Assignment{}, `{}`},
		{ID{"client", 17}, `"client/17"`},
		{Assignment{Name: "fit", To: []ID{{}, {"a/b", 2}}, Recipe: Fit{}}, `{"name":"fit","to":["/0","a/b/2"],"recipe":{"fit":{}}}`},
		{[]Part{LoRA{Rank: OwnRank, Init: []InitAt{{"*", Kaiming{}}}}, Soft{}}, `[{"lora":{"rank":-1,"init":[{"modules":"*","init":{"kaiming":{}}}]}},{"soft":{}}]`},
		{[]Term{{1, CrossEntropy{}, nil}, {0, GroupDRO{Eta: 0.1}, nil}}, `[{"weight":1,"loss":{"cross_entropy":{}}},{"loss":{"group_dro":{"eta":0.1}}}]`},
		{Optimiser{LR: 1e-3, Beta1: 1e21}, `{"lr":0.001,"beta1":1e+21}`},
		{PlanRequest{Scene: Scene{Round: 3, Now: 1.5}, Flying: 1}, `{"round":3,"now":1.5,"flying":1}`},
		{FoldResponse{Deploy: &zero}, `{"deploy":{}}`},
		{State{Bytes: []byte{0, 1}}, `{"bytes":"AAE="}`},
		{Values{"b": 1.5, "a": []float64{math.NaN(), math.Inf(-1), math.Inf(1)}, "c": 0, "d": false}, `{"a":["NaN","-Inf","+Inf"],"b":1.5,"c":0,"d":false}`},
		{Value{Value: math.Copysign(0, -1)}, `{"value":-0}`},
		{Tensor{Data: []float32{0.1}}, `{"data":[0.1]}`},
		{Named{Name: "a\"\\\n\x00é\xff"}, `{"name":"a\"\\\u000a\u0000é\udcff"}`},
		{Attach{Gate: Switch{Detector: "d"}}, `{"gate":{"switch":{"detector":"d"}}}`},
	} {
		if got := string(Canonical(c.value)); got != c.want {
			t.Errorf("%+v\n got %s\nwant %s", c.value, got, c.want)
		}
		if !json.Valid(Canonical(c.value)) {
			t.Errorf("%s is not JSON", Canonical(c.value))
		}
	}
}

type list []Report

func (l list) Len() int { return len(l) }
func (l list) All() iter.Seq2[Report, error] {
	return func(yield func(Report, error) bool) {
		for _, r := range l {
			if !yield(r, nil) {
				return
			}
		}
		yield(Report{}, errors.New("cut"))
	}
}

func TestCanonicalReadsReportsAndLeavesBlobsOut(t *testing.T) {
	got := string(Canonical(FoldRequest{Reports: list{{Name: "fit", From: ID{"c", 1}}}}))
	if want := `{"reports":[{"name":"fit","from":"c/1"},{"error":"cut"}]}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestCanonicalAccusesWhatIsNoValue(t *testing.T) {
	for _, v := range []any{func() {}, struct{ hidden int }{1}, struct{ F func() }{func() {}}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%T was written", v)
				}
			}()
			Canonical(v)
		}()
	}
}

func TestNames(t *testing.T) {
	var got []string
	for _, v := range []any{Fit{}, LoRA{}, &CrossEntropy{}, GroupDRO{}, Sigmoid{}, Kaiming{}} {
		got = append(got, Name(v))
	}
	if want := []string{"fit", "lora", "cross_entropy", "group_dro", "sigmoid", "kaiming"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
