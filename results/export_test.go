package results_test

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/lora/peft"
	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/results"
)

var modules = []lora.Module{{Name: "0.q", Path: "model.layers.0.self_attn.q_proj", Out: 6, In: 4}}

// pairOf is an adapter of a rank, filled with numbers that differ by seed.
func pairOf(rank, seed int, scale float64) lora.Adapter {
	p := lora.Pair{Module: "0.q", Out: 6, In: 4, Rank: rank, Scale: scale, A: make([]float32, rank*4), B: make([]float32, 6*rank)}
	for i := range p.A {
		p.A[i] = float32(math.Sin(float64(i + 10*seed)))
	}
	for i := range p.B {
		p.B[i] = float32(math.Cos(float64(3*i + seed)))
	}
	return lora.Adapter{p}
}

// exportOf deploys adapters and reads back what was exported.
func exportOf(t *testing.T, model func(put func(lora.Adapter) method.From) method.Model) (lora.Adapter, error) {
	t.Helper()
	f, err := results.Create(filepath.Join(t.TempDir(), "a"), contents())
	if err != nil {
		t.Fatal(err)
	}
	store, err := blob.Create(f.BlobDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	m := model(func(a lora.Adapter) method.From {
		b, err := store.Put(a.Tensors())
		if err != nil {
			t.Fatal(err)
		}
		return method.From{Blob: b}
	})
	if err := f.ExportAdapter("000 flora", m, store, modules, "base", func(*peft.Folder) error { return nil }); err != nil {
		return nil, err
	}
	dir := filepath.Join(f.Dir, "adapters", "000-flora")
	config, err := os.ReadFile(filepath.Join(dir, "adapter_config.json"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "adapter_model.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	file, err := safetensors.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	folder, err := peft.Parse(config, file)
	if err != nil {
		t.Fatal(err)
	}
	a, _, err := folder.Adapter(modules)
	if err != nil {
		t.Fatal(err)
	}
	return a, nil
}

func TestExportAddsUpWhatIsAttached(t *testing.T) {
	one, two := pairOf(1, 1, 2), pairOf(1, 2, 0.5)
	got, err := exportOf(t, func(put func(lora.Adapter) method.From) method.Model {
		return method.Model{Attach: []method.Attach{{Name: "merged.0", From: put(one), Merge: true, Scale: 1}, {Name: "lora", From: put(two), Scale: 3}}}
	})
	if err != nil {
		t.Fatal(err)
	}
	x, y, z := one[0].Delta(), two[0].Delta(), got[0].Delta()
	for i := range z.Data {
		if want := x.Data[i] + 3*y.Data[i]; math.Abs(z.Data[i]-want) > 1e-5 {
			t.Fatalf("delta[%d] is %v, want %v", i, z.Data[i], want)
		}
	}
}

func TestExportOfOneAdapterKeepsItsRankAndScale(t *testing.T) {
	one := pairOf(3, 1, 2)
	got, err := exportOf(t, func(put func(lora.Adapter) method.From) method.Model {
		return method.Model{Attach: []method.Attach{{Name: "lora", From: put(one), Scale: 1}}}
	})
	if err != nil {
		t.Fatal(err)
	}
	if got[0].Rank != 3 || got[0].Scale != 2 {
		t.Errorf("rank %d, scale %v", got[0].Rank, got[0].Scale)
	}
}

func TestWhatIsMoreThanOneAdapterIsNotExported(t *testing.T) {
	for name, model := range map[string]method.Model{
		"nothing":  {},
		"personal": {Attach: []method.Attach{{Name: "own", From: method.From{Kept: true}, Scale: 1}}},
		"gated":    {Attach: []method.Attach{{Name: "own", From: method.From{Blob: "x"}, Scale: 1, Gate: method.Sigmoid{}}}},
		"routed":   {Attach: []method.Attach{{Name: "own", From: method.From{Blob: "x"}, Scale: 1}}, Routers: []method.Router{{}}},
	} {
		if _, err := exportOf(t, func(func(lora.Adapter) method.From) method.Model { return model }); !errors.Is(err, results.ErrNoExport) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
