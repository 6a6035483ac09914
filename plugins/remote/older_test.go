package remote

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
)

// A plugin that knows of no sequels is asked for each plan by itself.
func TestOlderPluginsAreToldOfNoPlan(t *testing.T) {
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p, err := Open(t.Context(), Options{Command: []string{path, "quiet"}, RunDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if !p.process.sequels {
		t.Fatal("this one knows of none")
	}
	p.process.sequels = false
	store, err := blob.Create(filepath.Join(t.TempDir(), "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	scene := method.Scene{Blobs: store, Params: p.Methods()[0].Describe().Defaults(), Bases: []method.Base{{Name: "main"}}, Start: method.Model{Base: "main"}}
	fold := method.FoldRequest{Scene: scene, Reports: method.ReportList{}}
	_, s, err := p.Methods()[0].(method.MethodWithSequel).FoldWithSequel(t.Context(), fold, method.PlanRequest{Scene: scene})
	if s != nil || err != nil {
		t.Error(s, err)
	}
}

// All that a method is told of a participant makes a plan another one.
func TestEveryFieldOfAParticipantIsCompared(t *testing.T) {
	for i := range reflect.TypeFor[method.Participant]().NumField() {
		var x method.Participant
		switch f := reflect.ValueOf(&x).Elem().Field(i); f.Kind() {
		case reflect.String:
			f.SetString("x")
		case reflect.Int:
			f.SetInt(1)
		case reflect.Struct:
			f.Set(reflect.ValueOf(method.ID{Index: 1}))
		case reflect.Slice:
			f.Set(reflect.MakeSlice(f.Type(), 1, 1))
		default:
			t.Fatalf("a field of kind %s: have it compared, and this test set it", f.Kind())
		}
		if alike(x, method.Participant{}) {
			t.Errorf("%s is not compared", reflect.TypeFor[method.Participant]().Field(i).Name)
		}
	}
}
