package results_test

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/results/resultstest"
)

// Two modules: one of two equal directions, one that did not change. The first alone counts.
func TestSpectrumOfWhatWasDeployed(t *testing.T) {
	dir := resultstest.Make(t, resultstest.Small)
	folder := filepath.Join(dir, "adapters", "000-flora-seed-1")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	one, none := []float32{1, 0, 0, 0, 1, 0}, make([]float32, 6)
	file, err := safetensors.EncodeTensors(linalg.Tensors{List: []linalg.Tensor{
		{Name: "m.q.lora_A.weight", Shape: []int{2, 3}, Data: one}, {Name: "m.q.lora_B.weight", Shape: []int{2, 2}, Data: []float32{3, 0, 0, 3}},
		{Name: "m.v.lora_A.weight", Shape: []int{2, 3}, Data: one}, {Name: "m.v.lora_B.weight", Shape: []int{3, 2}, Data: none},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "adapter_model.safetensors"), file, 0o644); err != nil {
		t.Fatal(err)
	}
	r, err := results.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	s, ok, err := r.Spectrum(r.Trials[0])
	if err != nil || !ok || s.Modules != 1 || math.Abs(s.Effective-2) > 1e-9 || math.Abs(s.Stable-2) > 1e-9 || s.Rank != 2 {
		t.Errorf("%+v, %v, %v", s, ok, err)
	}
	if _, ok, err := r.Spectrum(r.Trials[1]); ok || err != nil {
		t.Errorf("a trial without an adapter: %v, %v", ok, err)
	}
	if err := os.WriteFile(filepath.Join(folder, "adapter_model.safetensors"), file[:40], 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Spectrum(r.Trials[0]); err == nil {
		t.Error("half a file was read")
	}
}
