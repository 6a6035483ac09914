package lora

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/linalgtest"
	"github.com/loramesh/loramesh/linalg/safetensors"
)

type peftModule struct {
	Module, Adapter, Kind string
	R                     int
	Alpha, Scaling        float64
	In, Out               int
}

// Folders as PEFT writes them: ranks, scales and merged weights are PEFT's, and what we
// write of them is read again as the same change.
func TestGoldenPEFT(t *testing.T) {
	whole := func(name string) bool { return strings.HasSuffix(name, "/golden") }
	linalgtest.Cases(t, "lora/peft", whole, func(t *testing.T, g *linalgtest.Case) {
		rows := linalgtest.Table[peftModule](t, g, "modules")
		modules := modulesOf(rows)
		_, _, err := readFolder(t, filepath.Join(g.Dir, "adapter"), modules)
		linalgtest.Settle(t, "lora/peft/"+strings.TrimSuffix(g.Name, "/golden"), err)
		merged := map[string]linalg.Dense{}
		for _, row := range rows {
			if _, done := merged[row.Module]; !done {
				merged[row.Module] = baseWeight(t, g, row)
			}
			a, warnings, err := readFolder(t, folderOf(g, row.Adapter), modules)
			if err != nil {
				t.Fatal(err)
			}
			if len(warnings) > 0 {
				t.Errorf("warned of %v", warnings)
			}
			p, ok := a.Pair(row.Module)
			if !ok || p.Rank != row.R || p.Scale != row.Scaling {
				t.Fatalf("%s has rank %d and scale %v, expected %d and %v", row.Module, p.Rank, p.Scale, row.R, row.Scaling)
			}
			merged[row.Module].Add(1, p.Delta())
			roundTrip(t, a, modules)
		}
		for _, row := range rows {
			w := merged[row.Module]
			if row.Kind == "Conv1D" {
				w = w.T()
			}
			if name := "merged." + row.Module + ".weight"; !g.Checked(name) {
				g.Check(t, name, w.Data)
			}
		}
	})
}

// An adapter that PEFT wrote and PEFT refuses: by the config's first match the rank would
// be another than the tensors'.
func TestGoldenPEFTRefusesItsOwn(t *testing.T) {
	edge := func(name string) bool { return strings.HasSuffix(name, "/edge") }
	linalgtest.Cases(t, "lora/peft", edge, func(t *testing.T, g *linalgtest.Case) {
		f := linalgtest.ReadTensors(t, filepath.Join(g.Dir, "adapter", "adapter_model.safetensors"))
		out := map[string]int{}
		for _, x := range f.Tensors {
			if path, factor, err := peftKey(x.Name); err == nil && factor == "B" {
				out[path] = x.Shape[0]
			}
		}
		var modules []Module
		for _, x := range f.Tensors {
			if path, factor, err := peftKey(x.Name); err == nil && factor == "A" {
				modules = append(modules, Module{Name: path, Path: path, Out: out[path], In: x.Shape[1]})
			}
		}
		_, _, err := readFolder(t, filepath.Join(g.Dir, "adapter"), modules)
		if err == nil || !strings.Contains(err.Error(), "rank_pattern") {
			t.Errorf("the error is %v, expected one about rank_pattern", err)
		}
	})
}

// folderOf is where PEFT puts an adapter of that name.
func folderOf(g *linalgtest.Case, adapter string) string {
	if adapter == "default" {
		return filepath.Join(g.Dir, "adapter")
	}
	return filepath.Join(g.Dir, "adapter", adapter)
}

func modulesOf(rows []peftModule) (out []Module) {
	for _, row := range rows {
		m := Module{Name: row.Module, Path: row.Module, Out: row.Out, In: row.In}
		if !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	return out
}

func readFolder(t *testing.T, dir string, modules []Module) (Adapter, []string, error) {
	t.Helper()
	config, err := os.ReadFile(filepath.Join(dir, "adapter_config.json"))
	if err != nil {
		t.Fatal(err)
	}
	return ReadPEFT(config, linalgtest.ReadTensors(t, filepath.Join(dir, "adapter_model.safetensors")), modules)
}

// baseWeight is the frozen weight of a module, out×in.
func baseWeight(t *testing.T, g *linalgtest.Case, row peftModule) linalg.Dense {
	t.Helper()
	base := linalgtest.Params[struct{ Base string }](t, g).Base
	f := linalgtest.ReadTensors(t, filepath.Join(g.Dir, "..", filepath.FromSlash(base), "model.safetensors"))
	x, ok := f.Get(row.Module + ".weight")
	if !ok {
		t.Fatalf("the base has no %s.weight", row.Module)
	}
	data, err := x.Floats64()
	if err != nil {
		t.Fatal(err)
	}
	w := linalg.Dense{Rows: x.Shape[0], Cols: x.Shape[1], Data: data}
	if row.Kind == "Conv1D" {
		w = w.T()
	}
	return w
}

// roundTrip writes an adapter as a PEFT folder, reads it, and compares the changes.
func roundTrip(t *testing.T, a Adapter, modules []Module) {
	t.Helper()
	config, tensors, err := WritePEFT(a, modules, "base")
	if err != nil {
		t.Fatal(err)
	}
	f, err := safetensors.Parse(tensors)
	if err != nil {
		t.Fatal(err)
	}
	again, warnings, err := ReadPEFT(config, f, modules)
	if err != nil || len(warnings) > 0 {
		t.Fatalf("read again: %v, warnings %v", err, warnings)
	}
	for _, p := range a {
		q, ok := again.Pair(p.Module)
		if !ok {
			t.Fatalf("%s is lost", p.Module)
		}
		want := p.Delta()
		off := q.Delta().Scaled(-1)
		off.Add(1, want)
		if d := linalg.Norm(off.Data); d > 1e-15*linalg.Norm(want.Data) {
			t.Errorf("%s: the change is %.3g off after writing and reading", p.Module, d)
		}
	}
}
