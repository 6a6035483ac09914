package peft

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/linalgtest"
	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/safetensors"
)

type goldenModule struct {
	Module, Adapter, Kind string
	R                     int
	Alpha, Scaling        float64
	In, Out               int
}

// Folders as PEFT writes them: modules, ranks, scales and merged weights are PEFT's, and what
// we write of them is what PEFT wrote.
func TestGoldenFolders(t *testing.T) {
	whole := func(name string) bool { return strings.HasSuffix(name, "/golden") && !strings.HasPrefix(name, "base/") }
	linalgtest.Cases(t, "lora/peft", whole, func(t *testing.T, g *linalgtest.Case) {
		rows := linalgtest.Table[goldenModule](t, g, "modules")
		base := openBase(t, g)
		folders := map[string]*Folder{}
		for _, row := range rows {
			f := folders[row.Adapter]
			if f == nil {
				f = openFolder(t, folderOf(g, row.Adapter))
				folders[row.Adapter] = f
				rewritten(t, folderOf(g, row.Adapter), f)
				chosen(t, f, row.Adapter, rows, base)
			}
			l, ok := f.Layer(row.Module)
			want := Layer{Pair: lora.Pair{Module: row.Module, Out: row.Out, In: row.In, Rank: row.R, Scale: row.Scaling}, Alpha: row.Alpha, Embedding: row.Kind == "Embedding"}
			if got := shape(l); !ok || !reflect.DeepEqual(got, want) {
				t.Errorf("%s is %+v, expected %+v", row.Module, got, want)
			}
		}
		var all []*Folder
		for _, adapter := range sorted(folders) {
			all = append(all, folders[adapter])
		}
		for _, x := range mergedBase(t, g, all...) {
			if g.Has("merged." + x.Name) {
				data, err := x.Floats64()
				if err != nil {
					t.Fatal(err)
				}
				g.Check(t, "merged."+x.Name, data)
			}
		}
		for _, name := range g.Names() {
			if strings.HasPrefix(name, "merged.") && !g.Checked(name) {
				t.Errorf("%s was not compared", name)
			}
		}
	})
}

// shape is a layer without its numbers.
func shape(l Layer) Layer {
	l.A, l.B, l.Magnitude, l.Bias = nil, nil, nil, nil
	return l
}

// mergedBase is every parameter of the base after all folders were merged into it, one after
// the other.
func mergedBase(t *testing.T, g *linalgtest.Case, folders ...*Folder) []safetensors.Tensor {
	t.Helper()
	dir := baseOf(t, g)
	var config struct {
		ModelType string `json:"model_type"`
	}
	linalgtest.ReadJSON(t, filepath.Join(dir, "config.json"), &config)
	ts := linalgtest.ReadTensors(t, filepath.Join(dir, "model.safetensors")).Tensors
	for _, f := range folders {
		m, err := NewMerger(f, config.ModelType)
		if err != nil {
			t.Fatal(err)
		}
		if ts, err = m.Merge(ts); err != nil {
			t.Fatal(err)
		}
		if left := m.Left(); len(left) > 0 {
			t.Errorf("nothing in the base was found for %v", left)
		}
	}
	return ts
}

// chosen checks that of all matrices of the base, the config chooses those that have a layer.
func chosen(t *testing.T, f *Folder, adapter string, rows []goldenModule, base map[string]linalg.Dense) {
	t.Helper()
	var want, got []string
	for _, row := range rows {
		if row.Adapter == adapter {
			want = append(want, row.Module)
		}
	}
	for name, w := range base {
		if path, ok := strings.CutSuffix(name, ".weight"); ok && w.Rows > 1 && f.Config.Chooses(path) {
			got = append(got, path)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the config chooses %v, expected %v", got, want)
	}
}

// rewritten checks that a folder written again has the tensors that it was read from, bit for
// bit, and a config that says the same.
func rewritten(t *testing.T, dir string, f *Folder) {
	t.Helper()
	from := linalgtest.ReadTensors(t, filepath.Join(dir, TensorsFile))
	config, tensors, err := f.Encode(from.Tensors[0].DType)
	if err != nil {
		t.Fatal(err)
	}
	to, err := safetensors.Parse(tensors)
	if err != nil {
		t.Fatal(err)
	}
	stray := 0
	for _, x := range from.Tensors {
		if strings.Contains(x.Name, "modules_to_save.") || strings.Contains(x.Name, "original_module.") {
			stray++
			continue
		}
		y, ok := to.Get(x.Name)
		if !ok || y.DType != x.DType || !slices.Equal(y.Shape, x.Shape) || !bytes.Equal(y.Bytes, x.Bytes) {
			t.Errorf("%s is another after reading and writing", x.Name)
		}
	}
	if len(to.Tensors) != len(from.Tensors)-stray {
		t.Errorf("%d tensors written, expected %d", len(to.Tensors), len(from.Tensors)-stray)
	}
	again, err := Parse(config, to)
	if err != nil {
		t.Fatal(err)
	}
	if c, _, err := again.Encode("F32"); err != nil || !bytes.Equal(c, config) || !reflect.DeepEqual(again.Layers, f.Layers) {
		t.Errorf("read and written twice, the folder is another (%v)", err)
	}
}

// An adapter that PEFT wrote and PEFT refuses: by the config's first match the rank would
// be another than the tensors'.
func TestGoldenPEFTRefusesItsOwn(t *testing.T) {
	edge := func(name string) bool { return strings.HasSuffix(name, "/edge") }
	linalgtest.Cases(t, "lora/peft", edge, func(t *testing.T, g *linalgtest.Case) {
		_, err := readFolder(t, filepath.Join(g.Dir, "adapter"))
		if err == nil || !strings.Contains(err.Error(), "rank_pattern") {
			t.Errorf("the error is %v, expected one about rank_pattern", err)
		}
	})
}

// PiSSA's export: from the start and the trained factors, which lead the converted ones, we
// make the folder that PEFT made.
func TestGoldenConversion(t *testing.T) {
	converted := func(name string) bool { return strings.HasSuffix(name, "_converted/golden") }
	linalgtest.Cases(t, "lora/peft", converted, func(t *testing.T, g *linalgtest.Case) {
		want, begun := openFolder(t, filepath.Join(g.Dir, "adapter")), openFolder(t, filepath.Join(g.Dir, "init"))
		trained := &Folder{Config: begun.Config}
		for _, l := range want.Layers {
			start, _ := begun.Layer(l.Module)
			cut, err := lora.Adapter{l.Pair}.Truncate(start.Rank)
			if err != nil {
				t.Fatal(err)
			}
			l.Pair, l.Alpha = cut[0], start.Alpha
			trained.Layers = append(trained.Layers, l)
		}
		got, err := trained.Since(begun)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got.Layers, want.Layers) {
			t.Error("the converted folder is another than PEFT's")
		}
		if got.Config.Rank != want.Config.Rank || got.Config.Alpha != want.Config.Alpha || got.Config.Moved() {
			t.Errorf("rank %d and alpha %v, expected %d and %v", got.Config.Rank, got.Config.Alpha, want.Config.Rank, want.Config.Alpha)
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

func readFolder(t *testing.T, dir string) (*Folder, error) {
	t.Helper()
	config, err := os.ReadFile(filepath.Join(dir, ConfigFile))
	if err != nil {
		t.Fatal(err)
	}
	return Parse(config, linalgtest.ReadTensors(t, filepath.Join(dir, TensorsFile)))
}

func openFolder(t *testing.T, dir string) *Folder {
	t.Helper()
	f, err := readFolder(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// baseOf is the folder of the case's base.
func baseOf(t *testing.T, g *linalgtest.Case) string {
	t.Helper()
	return filepath.Join(g.Dir, "..", filepath.FromSlash(linalgtest.Params[struct{ Base string }](t, g).Base))
}

// openBase has the base's parameters by name, as the checkpoint stores them; a vector is a
// row.
func openBase(t *testing.T, g *linalgtest.Case) map[string]linalg.Dense {
	t.Helper()
	out := map[string]linalg.Dense{}
	for _, x := range linalgtest.ReadTensors(t, filepath.Join(baseOf(t, g), "model.safetensors")).Tensors {
		data, err := x.Floats64()
		if err != nil {
			t.Fatal(err)
		}
		cols := x.Shape[len(x.Shape)-1]
		out[x.Name] = linalg.Dense{Rows: len(data) / cols, Cols: cols, Data: data}
	}
	return out
}
