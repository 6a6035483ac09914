package nn

import (
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/loramesh/loramesh/linalg/linalgtest"
	"github.com/loramesh/loramesh/linalg/numtest"
)

// goldenMiniLM: a published sentence encoder's hidden states, pooler and embeddings. Its
// folder is named by LORAMESH_MINILM.
func goldenMiniLM(t *testing.T, file string) {
	dir := os.Getenv("LORAMESH_MINILM")
	if dir == "" {
		t.Skip("LORAMESH_MINILM names no folder with the weights of all-MiniLM-L6-v2")
	}
	var g struct{ Sentences []struct{ IDs []int32 } }
	linalgtest.ReadJSON(t, file, &g)
	stored := linalgtest.ReadTensors(t, file[:len(file)-len("json")]+"safetensors")
	floats := func(name string) []float64 {
		x, ok := stored.Get(name)
		if !ok {
			t.Fatalf("no tensor %q", name)
		}
		v, err := x.Floats64()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	closeTo := func(name string, got []float32, want []float64) {
		t.Helper()
		scale := 1.0
		wide := make([]float64, len(got))
		for i, v := range got {
			wide[i] = float64(v)
		}
		for _, v := range want {
			scale = max(scale, math.Abs(v))
		}
		numtest.CloseWide(t, name, wide, want, 4e-6*scale)
	}
	var b Batch
	for _, s := range g.Sentences {
		b.IDs = append(b.IDs, s.IDs)
	}
	r := NewRunner(loadFolder(t, dir))
	if err := r.Forward(b); err != nil {
		t.Fatal(err)
	}
	w := r.model.config.Width
	rows := len(g.Sentences[0].IDs)
	hidden := floats("sentence0_hidden_float64")
	for l := range r.model.config.Layers + 1 {
		closeTo(fmt.Sprintf("hidden %d", l), r.Hidden(l)[:rows*w], hidden[l*rows*w:(l+1)*rows*w])
	}
	closeTo("pooler", r.Pooled(nil)[:w], floats("sentence0_pooler_float64"))
	closeTo("embeddings", r.Features(nil, true), floats("embeddings_float64"))
}
