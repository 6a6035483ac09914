package nn

import (
	"errors"
	"strings"
)

// gpt2 is GPT-2 (Radford et al. 2019): LayerNorm, learned positions, biases everywhere, an
// MLP without gate. Its weights are stored In×Out, q, k and v in one.
var gpt2 = family{
	parse: func(h *hfConfig) (Config, error) {
		h.Width, h.Layers, h.Heads = h.GPTWidth, h.GPTLayers, h.GPTHeads
		if h.Inner = h.GPTInner; h.Inner == nil && h.Width != nil {
			four := 4 * *h.Width
			h.Inner = &four
		}
		c, err := h.sides()
		switch {
		case err != nil:
			return c, inWordsOf(err, "hidden_size", "n_embd", "num_hidden_layers", "n_layer", "num_attention_heads", "n_head")
		case h.Cross:
			return c, errors.New("add_cross_attention true is not supported yet; supported: false")
		case h.ByLayer:
			return c, errors.New("scale_attn_by_inverse_layer_idx true is not supported yet; supported: false")
		case !or(h.ByHead, true):
			return c, errors.New("scale_attn_weights false is not supported yet; supported: true")
		}
		c.MaxPositions, c.Eps, c.Tied = or(h.GPTPositions, 1024), or(h.GPTEps, 1e-5), or(h.Tied, true)
		c.gpt2()
		c.Act, err = activation("activation_function", orText(h.GPTAct, "gelu_new"), "gelu_new", "gelu_pytorch_tanh", "gelu", "relu", "silu", "swish")
		return c, err
	},
	write: func(c Config, keys map[string]any) {
		keys["architectures"] = []string{"GPT2LMHeadModel"}
		keys["n_embd"], keys["n_inner"], keys["n_layer"], keys["n_head"], keys["n_positions"] = c.Width, c.Inner, c.Layers, c.Heads, c.MaxPositions
		keys["layer_norm_epsilon"], keys["activation_function"] = c.Eps, actName(c.Act)
	},
	design: func(c *Config) { c.gpt2(); c.Act = activations["gelu_new"] },
	parts: names{
		embed: "transformer.wte", positions: "transformer.wpe", block: "transformer.h.%d.", final: "transformer.ln_f", head: "lm_head",
		qkv: "attn.c_attn", o: "attn.c_proj", up: "mlp.c_fc", down: "mlp.c_proj", norm1: "ln_1", norm2: "ln_2", conv: true,
	}.parts,
	// The published files have no prefix, and carry the causal mask of each block.
	rename: func(_ Config, name string) string {
		if strings.HasSuffix(name, ".attn.bias") || strings.HasSuffix(name, ".attn.masked_bias") {
			return ""
		}
		if name != "lm_head.weight" && !strings.HasPrefix(name, "transformer.") {
			return "transformer." + name
		}
		return name
	},
}

// gpt2 sets what is not in config.json.
func (c *Config) gpt2() {
	c.KVHeads, c.Norm, c.Learned, c.QKVBias, c.OutBias, c.MLPBias = c.Heads, LayerNorm, true, true, true, true
	c.Gated, c.Rope = false, Rope{}
}
