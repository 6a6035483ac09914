package nn

import "errors"

// llama is Llama 1 to 3 and all that says it is one (Touvron et al. 2023): the plain case
// of [Config].
var llama = family{
	parse: func(h *hfConfig) (Config, error) {
		c, err := h.rotary(2048)
		if err != nil {
			return c, err
		}
		if h.Attention {
			return c, errors.New("attention_bias true is not supported yet; supported: false")
		}
		if h.Window != nil {
			return c, refuse("sliding_window", *h.Window, "null")
		}
		c.Act, err = activation("hidden_act", orText(h.Act, "silu"), "silu", "swish")
		return c, err
	},
	write: func(c Config, keys map[string]any) {
		writeRotary(c, keys, "LlamaForCausalLM")
		keys["mlp_bias"] = false
	},
	design: designRotary,
	parts:  llamaNames.parts,
	rename: dropFrequencies,
}

// llamaNames are shared by the families that followed.
var llamaNames = names{
	embed: "model.embed_tokens", block: "model.layers.%d.", final: "model.norm", head: "lm_head",
	q: "self_attn.q_proj", k: "self_attn.k_proj", v: "self_attn.v_proj", o: "self_attn.o_proj",
	qnorm: "self_attn.q_norm", knorm: "self_attn.k_norm",
	gate: "mlp.gate_proj", up: "mlp.up_proj", down: "mlp.down_proj",
	norm1: "input_layernorm", norm2: "post_attention_layernorm",
}
