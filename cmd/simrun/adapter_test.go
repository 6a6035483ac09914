package main

import (
	"os"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/lora/peft"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/linalg/safetensors"
)

// makeAdapter DIR RANK SEED [FLAW] makes an adapter folder for the model of makeModel.
func makeAdapter(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 || len(args) > 4 {
		ts.Fatalf("usage: adapter DIR RANK SEED [FLAW]")
	}
	rank, err := strconv.Atoi(args[1])
	ts.Check(err)
	seed, err := strconv.Atoi(args[2])
	ts.Check(err)
	draw := func(n, from int) []float32 {
		s, x := rng.New(uint64(seed)).At(from).Stream(), make([]float32, n)
		for i := range x {
			x[i] = float32(0.2 * s.Norm())
		}
		return x
	}
	var pairs lora.Adapter
	for i, name := range []string{"q_proj", "v_proj"} {
		pairs = append(pairs, lora.Pair{Module: "model.layers.0.self_attn." + name, Out: modelWidth, In: modelWidth, Rank: rank, Scale: 2,
			A: draw(rank*modelWidth, i), B: draw(rank*modelWidth, i+2)})
	}
	f := peft.FromPairs(pairs, "some/base", "CAUSAL_LM")
	if len(args) == 4 {
		flawed(ts, f, args[3])
	}
	ts.Check(writeAdapter(ts.MkAbs(args[0]), f, "F32"))
	if len(args) == 4 && args[3] == "no-weights" {
		ts.Check(os.Remove(ts.MkAbs(args[0] + "/" + peft.TensorsFile)))
	}
}

// flawed makes a folder that others write and we have to tell of.
func flawed(ts *testscript.TestScript, f *peft.Folder, flaw string) {
	switch flaw {
	case "no-weights":
	case "pissa":
		f.Config.Init = `"pissa"`
	case "rslora":
		*f = *f.WithRSLoRA()
	case "rank":
		f.Config.Rank++
	case "dora":
		f.Config.DoRA = true
		for i := range f.Layers {
			f.Layers[i].Magnitude = make([]float32, modelWidth)
			for j := range f.Layers[i].Magnitude {
				f.Layers[i].Magnitude[j] = 1 + float32(j)/8
			}
		}
	case "head":
		t, err := safetensors.FromFloats("lm_head.weight", "F32", []int{2, 2}, make([]float32, 4))
		ts.Check(err)
		f.Saved = append(f.Saved, peft.Saved{Name: t.Name, Tensor: t})
	case "model.embed_tokens.weight", "lm_head.weight": // of a base that has one table for both
		vocab, _ := modelPieces()
		data := make([]float32, len(vocab)*modelWidth)
		for i := range data {
			data[i] = float32(i%7) / 8
		}
		t, err := safetensors.FromFloats(flaw, "F32", []int{len(vocab), modelWidth}, data)
		ts.Check(err)
		f.Saved = append(f.Saved, peft.Saved{Name: t.Name, Tensor: t})
	default:
		ts.Fatalf("no flaw is called %q", flaw)
	}
}
