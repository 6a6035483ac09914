package coordinator

import (
	"reflect"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/ledger"
)

// ruin writes into everything that can be reached from v: numbers, text, lists, maps.
func ruin(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() || v.Type() == reflect.TypeFor[method.Blobs]() {
			return
		}
		if v.Kind() == reflect.Interface && v.Type() != reflect.TypeFor[method.Reports]() {
			x := reflect.New(v.Elem().Type()).Elem()
			x.Set(v.Elem())
			ruin(x)
			if v.CanSet() {
				v.Set(x)
			}
			return
		}
		if v.Kind() == reflect.Pointer {
			ruin(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			ruin(v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			ruin(v.Index(i))
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			x := reflect.New(v.Type().Elem()).Elem()
			x.Set(v.MapIndex(k))
			ruin(x)
			v.SetMapIndex(k, x)
		}
	case reflect.String:
		if v.CanSet() {
			v.SetString("ruined")
		}
	case reflect.Int, reflect.Int64:
		if v.CanSet() {
			v.SetInt(12345)
		}
	case reflect.Float64:
		if v.CanSet() {
			v.SetFloat(6789)
		}
	case reflect.Uint8:
		if v.CanSet() {
			v.SetUint('!')
		}
	}
}

// vandal is a method that ruins all that it was given and all that it gave, in every later
// call.
func vandal(s script) script {
	var past []any
	wreck := func() {
		for _, v := range past {
			ruin(reflect.ValueOf(v).Elem())
		}
	}
	return script{
		plan: func(r method.PlanRequest) method.PlanResponse {
			wreck()
			out := s.plan(copiedPlan(r))
			kept := out
			past = append(past, &r, &kept)
			wreckNow := r
			ruin(reflect.ValueOf(&wreckNow).Elem())
			return out
		},
		fold: func(r method.FoldRequest) method.FoldResponse {
			wreck()
			var reports []method.Report
			for rep := range r.Reports.All() {
				reports = append(reports, rep)
			}
			mine := r
			mine.Scene = copiedScene(r.Scene)
			ruin(reflect.ValueOf(&reports).Elem())
			out := s.fold(mine)
			kept := out
			past = append(past, &reports, &r, &kept)
			return out
		},
	}
}

func copiedScene(s method.Scene) method.Scene {
	blobs := s.Blobs
	s.Blobs = nil
	s = copied(s)
	s.Blobs = blobs
	return s
}

func copiedPlan(r method.PlanRequest) method.PlanRequest {
	r.Scene = copiedScene(r.Scene)
	r.Pools, r.Offered = copied(r.Pools), copied(r.Offered)
	return r
}

// Nothing that a method does to what it was given or to what it returned reaches the
// machine: the book of a trial with a vandal is that of one without.
func TestMethodsCannotReachIn(t *testing.T) {
	run := func(wrap func(script) script) *trial {
		noting := func(s script) script {
			fold := s.fold
			s.fold = func(r method.FoldRequest) method.FoldResponse {
				out := fold(r)
				out.State.Bytes = []byte{'a' + byte(r.Round)}
				out.Notes = []method.Note{{About: method.ID{Pool: "client", Index: 1}, Text: []byte("note")}}
				out.Values = []method.Value{{Name: "v", Value: float64(r.Scene.Params.Floats("floats")[1])}}
				return out
			}
			plan := s.plan
			s.plan = func(r method.PlanRequest) method.PlanResponse {
				out := plan(r)
				out.Assign[0].Upload = []string{"lora"}
				for _, p := range r.Offered {
					out.State.Bytes = append(out.State.Bytes, p.Note...)
				}
				return out
			}
			return s
		}
		x := chain(2, []Stage{{Name: "one", Base: "main"}}, []Member{{Name: "a", Rounds: 2}, {Name: "b", Rounds: 2}}, wrap(noting(stacker())), wrap(noting(stacker()))).ranks(2, 1)
		x.fixed.Asks = []Ask{{Every: 1, On: "test", Metrics: []string{"loss"}}}
		return x.mustRun(t)
	}
	honest := run(func(s script) script { return s })
	if ruined := run(vandal); ruined.hash != honest.hash {
		d := ledger.Diff(must(ledger.Whole(&honest.book)), must(ledger.Whole(&ruined.book)))
		t.Errorf("the vandal changed line %d: %s", d.N+1, d.Why)
	}
}

func TestCopied(t *testing.T) {
	type all struct {
		P *int
		S []string
		M map[string][]int
		I any
		B []byte
		A [2]int
		F func()
		N []int
	}
	one := 1
	was := all{P: &one, S: []string{"a"}, M: map[string][]int{"k": {1}}, I: method.LoRA{Modules: []string{"*"}}, B: []byte("b"), A: [2]int{1, 2}, N: []int{}}
	is := copied(was)
	if !reflect.DeepEqual(was, is) {
		t.Fatalf("got %+v, want %+v", is, was)
	}
	*is.P, is.S[0], is.M["k"][0], is.B[0] = 2, "x", 9, 'x'
	is.I.(method.LoRA).Modules[0] = "x"
	if one != 1 || was.S[0] != "a" || was.M["k"][0] != 1 || was.B[0] != 'b' || was.I.(method.LoRA).Modules[0] != "*" {
		t.Errorf("the copy shares memory: %+v", was)
	}
	if copied(all{}).S != nil || copied(was).N == nil {
		t.Error("nil and empty are not told apart")
	}
}
