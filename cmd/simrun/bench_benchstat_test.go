package main

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestBenchstatLines(t *testing.T) {
	for in, want := range map[string]string{
		`{"cpu":"AMD EPYC","kernels":"avx2","results":[{"name":"d64 T32","d":64,"secs":0.5,"steps":9,"ms":1.5,"cpu":0.99,"loss":6.5,"tokens_per_s":1000}]}`: "cpu: AMD EPYC\nkernels: avx2\nBenchmarkSimrun/d=64/name=d64_T32 1 1500000 ns/op 1000 tokens/s\n",
		`{"d":64,"median_s":2,"cpu":"x"} {"d":64,"median_s":3,"cpu":"x"}`:                                                                                   "cpu: x\nBenchmarkSimrun/d=64 1 2000000000 ns/op\ncpu: x\nBenchmarkSimrun/d=64 1 3000000000 ns/op\n",
	} {
		var out bytes.Buffer
		if err := benchstat(&out, "a.json", strings.NewReader(in)); err != nil || out.String() != want {
			t.Errorf("got %v\n%swant\n%s", err, out.String(), want)
		}
	}
	for in, want := range map[string]string{
		"":                    "a.json is empty",
		`{"d":6,"ms":"x"}`:    "a.json: object 1: ms is \"x\"; expected a number",
		"BenchmarkX 1":        "a.json: object 1: ",
		`{"d":64}`:            "a.json: object 1: nothing in it was measured",
		`{"results":[5]}`:     "a.json: object 1: 5 is no bench",
		`{"ms":1} {"results"`: "a.json: object 2: ",
	} {
		if err := benchstat(new(bytes.Buffer), "a.json", strings.NewReader(in)); codeOf(err) != exitInput || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", in, err, want)
		}
	}
}

// Every number that a bench prints is a measure with a unit, or known not to be one.
func TestBenchesHaveUnits(t *testing.T) {
	units := 0
	for _, of := range []any{engineResult{}, gemmResult{}, llmResult{}, foldBench{}, svdBench{}, tokenizerBench{}, nullResult{}, routeResult{}, runResult{}} {
		for _, f := range reflect.VisibleFields(reflect.TypeOf(of)) {
			key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			_, known := benchUnits[key]
			if known {
				units++
			}
			if f.Type.Kind() == reflect.Float64 && !known && !slices.Contains(unnamed, key) {
				t.Errorf("%T: %s has no unit", of, key)
			}
		}
	}
	if units < 20 {
		t.Errorf("%d measures", units)
	}
}
