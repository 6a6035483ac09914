package nn

// mistral is Mistral 7B (Jiang et al. 2023): Llama with a sliding window.
var mistral = family{
	parse: func(h *hfConfig) (Config, error) {
		c, err := h.rotary(4096 * 32)
		if err != nil {
			return c, err
		}
		if h.KVHeads == nil {
			c.KVHeads = 8 // the default of MistralConfig
		}
		if c.Window = or(h.Window, 0); h.Window != nil && c.Window < 1 {
			return c, refuse("sliding_window", c.Window, "null, or 1 and more")
		}
		c.Act, err = activation("hidden_act", orText(h.Act, "silu"), "silu", "swish")
		return c, err
	},
	write: func(c Config, keys map[string]any) {
		writeRotary(c, keys, "MistralForCausalLM")
		delete(keys, "attention_bias")
		keys["sliding_window"] = nil
		if c.Window > 0 {
			keys["sliding_window"] = c.Window
		}
	},
	design: designRotary,
	parts:  llamaNames.parts,
	rename: dropFrequencies, windowed: true,
}
