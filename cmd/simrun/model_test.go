package main

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/loramesh/loramesh/linalg/safetensors"
)

// A model of 16 dimensions and one block, small enough to be made anew for each test.
const (
	modelWidth  = 16
	modelHidden = 24
	modelHeads  = 2
)

// makeModel DIR [FLAW] makes a Hugging Face folder of a tiny Llama, sound or with a flaw.
func makeModel(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: model DIR [FLAW]")
	}
	dir := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(dir, 0o755))
	flaw := ""
	if len(args) == 2 {
		flaw = args[1]
		if !knownFlaw(flaw) {
			ts.Fatalf("no flaw is called %q", flaw)
		}
	}
	put := func(name string, content []byte) {
		if flaw != "no-"+name {
			ts.Check(os.WriteFile(filepath.Join(dir, name), content, 0o644))
		}
	}
	vocab, merges := modelPieces()
	put("config.json", modelConfig(flaw, len(vocab)))
	put("tokenizer.json", modelTokenizer(flaw, vocab, merges))
	weights, err := modelWeights(flaw, len(vocab))
	ts.Check(err)
	put("model.safetensors", weights)
}

func knownFlaw(flaw string) bool {
	for _, f := range []string{"no-config.json", "no-tokenizer.json", "no-model.safetensors", "truncated", "long-header", "no-header", "hole",
		"lying-size", "missing-tensor", "extra-tensor", "misshapen", "config-width", "config-layers", "config-json", "bloom", "bias",
		"no-merges", "lost-merge", "few-merges", "unigram", "small-vocab"} {
		if f == flaw {
			return true
		}
	}
	return false
}

func modelConfig(flaw string, vocab int) []byte {
	if flaw == "config-json" {
		return []byte(`{"model_type": "llama", "hidden_size": 16,`)
	}
	c := map[string]any{"architectures": []string{"LlamaForCausalLM"}, "model_type": "llama", "hidden_size": modelWidth, "intermediate_size": modelHidden,
		"num_hidden_layers": 1, "num_attention_heads": modelHeads, "num_key_value_heads": modelHeads, "vocab_size": vocab, "max_position_embeddings": 64,
		"rms_norm_eps": 1e-5, "rope_theta": 10000.0, "hidden_act": "silu", "tie_word_embeddings": true, "attention_bias": false, "mlp_bias": false,
		"bos_token_id": 1, "eos_token_id": 2}
	switch flaw {
	case "config-width":
		c["hidden_size"] = 2 * modelWidth
	case "config-layers":
		c["num_hidden_layers"] = 3
	case "bloom":
		c["model_type"] = "bloom"
	case "bias":
		c["attention_bias"] = true
	}
	return mustJSON(c)
}

// modelPieces are a vocabulary of the special tokens, all bytes, letters and two merges.
func modelPieces() (vocab map[string]int, merges [][2]string) {
	vocab = map[string]int{"<unk>": 0, "<s>": 1, "</s>": 2}
	add := func(piece string) { vocab[piece] = len(vocab) }
	for b := range 256 {
		add(fmt.Sprintf("<0x%02X>", b))
	}
	add("▁")
	for c := 'a'; c <= 'z'; c++ {
		add(string(c))
	}
	for _, m := range [][2]string{{"t", "h"}, {"th", "e"}} {
		add(m[0] + m[1])
		merges = append(merges, m)
	}
	return vocab, merges
}

func modelTokenizer(flaw string, vocab map[string]int, merges [][2]string) []byte {
	model := map[string]any{"type": "BPE", "unk_token": "<unk>", "fuse_unk": true, "byte_fallback": true, "vocab": vocab, "merges": merges}
	switch flaw {
	case "no-merges":
		delete(model, "merges")
	case "lost-merge":
		model["merges"] = append(merges, [2]string{"q", "zz"})
	case "unigram":
		model["type"] = "Unigram"
	case "few-merges":
		model["merges"] = merges[:1]
	}
	special := func(id int, text string) map[string]any {
		return map[string]any{"id": id, "content": text, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}
	}
	return mustJSON(map[string]any{"version": "1.0", "model": model,
		"added_tokens": []any{special(0, "<unk>"), special(1, "<s>"), special(2, "</s>")},
		"normalizer": map[string]any{"type": "Sequence", "normalizers": []any{map[string]any{"type": "Prepend", "prepend": "▁"},
			map[string]any{"type": "Replace", "pattern": map[string]string{"String": " "}, "content": "▁"}}}})
}

func modelWeights(flaw string, vocab int) ([]byte, error) {
	rows := vocab
	if flaw == "small-vocab" {
		rows -= 7
	}
	shapes := []struct {
		name  string
		shape []int
	}{{"model.embed_tokens.weight", []int{rows, modelWidth}}, {"model.norm.weight", []int{modelWidth}},
		{"model.layers.0.input_layernorm.weight", []int{modelWidth}}, {"model.layers.0.post_attention_layernorm.weight", []int{modelWidth}},
		{"model.layers.0.self_attn.q_proj.weight", []int{modelWidth, modelWidth}}, {"model.layers.0.self_attn.k_proj.weight", []int{modelWidth, modelWidth}},
		{"model.layers.0.self_attn.v_proj.weight", []int{modelWidth, modelWidth}}, {"model.layers.0.self_attn.o_proj.weight", []int{modelWidth, modelWidth}},
		{"model.layers.0.mlp.gate_proj.weight", []int{modelHidden, modelWidth}}, {"model.layers.0.mlp.up_proj.weight", []int{modelHidden, modelWidth}},
		{"model.layers.0.mlp.down_proj.weight", []int{modelWidth, modelHidden}}}
	var ts []safetensors.Tensor
	for i, s := range shapes {
		switch {
		case flaw == "missing-tensor" && i == 6:
			continue
		case flaw == "misshapen" && i == 9:
			s.shape = []int{modelHidden - 8, modelWidth}
		}
		ts = append(ts, tensorOf(i, s.name, s.shape))
	}
	if flaw == "extra-tensor" {
		ts = append(ts, tensorOf(99, "model.layers.7.mlp.up_proj.weight", []int{2, 2}))
	}
	b, err := safetensors.Encode(map[string]string{"format": "pt"}, ts)
	if err != nil {
		return nil, err
	}
	return damage(flaw, b), nil
}

// tensorOf fills a tensor with numbers that look drawn and are not.
func tensorOf(seed int, name string, shape []int) safetensors.Tensor {
	n := 1
	for _, s := range shape {
		n *= s
	}
	b := make([]byte, 0, 4*n)
	for i := range n {
		x := 0.3 * math.Sin(float64(i*7+seed*13+1)*1.7)
		if len(shape) == 1 {
			x = 1
		}
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(x)))
	}
	return safetensors.Tensor{Name: name, DType: "F32", Shape: shape, Bytes: b}
}

// damage makes a file that lies about itself.
func damage(flaw string, b []byte) []byte {
	n := int(binary.LittleEndian.Uint64(b))
	header := string(b[8 : 8+n])
	with := func(header string) []byte {
		out := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
		return append(append(out, header...), b[8+n:]...)
	}
	switch flaw {
	case "truncated":
		return b[:len(b)-100]
	case "no-header":
		return b[:4]
	case "long-header":
		binary.LittleEndian.PutUint64(b, uint64(10*len(b)))
	case "hole":
		return with(replaceOnce(header, `"data_offsets":[0,`, `"data_offsets":[4,`))
	case "lying-size":
		return with(replaceOnce(header, fmt.Sprintf("[%d,%d]", modelHidden, modelWidth), fmt.Sprintf("[%d,%d]", modelHidden+1, modelWidth)))
	}
	return b
}
