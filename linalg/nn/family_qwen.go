package nn

import "errors"

// qwen2 is Qwen 2 and 2.5 (Yang et al. 2024): Llama with biases on q, k and v, and a window
// in the upper blocks where use_sliding_window says so.
var qwen2 = family{
	parse: func(h *hfConfig) (Config, error) {
		c, err := h.qwen()
		c.QKVBias = true
		return c, err
	},
	write: func(c Config, keys map[string]any) {
		writeQwen(c, keys, "Qwen2ForCausalLM")
		delete(keys, "attention_bias")
	},
	design: func(c *Config) { designRotary(c); c.QKVBias = true },
	parts:  llamaNames.parts,
	rename: dropFrequencies, windowed: true,
}

// qwen3 is Qwen 3 (Yang et al. 2025): no biases, but queries and keys are normed.
var qwen3 = family{
	parse: func(h *hfConfig) (Config, error) {
		if h.Attention {
			return Config{}, errors.New("attention_bias true is not supported yet; supported: false")
		}
		c, err := h.qwen()
		if h.HeadDim == nil {
			c.HeadDim = 128 // the default of Qwen3Config, whatever the width
		}
		c.QKNorm = true
		return c, err
	},
	write:  func(c Config, keys map[string]any) { writeQwen(c, keys, "Qwen3ForCausalLM") },
	design: func(c *Config) { designRotary(c); c.QKNorm = true },
	parts:  llamaNames.parts,
	rename: dropFrequencies, windowed: true,
}

// qwen reads what both have in common.
func (h *hfConfig) qwen() (Config, error) {
	c, err := h.rotary(32768)
	if err != nil {
		return c, err
	}
	if h.KVHeads == nil {
		c.KVHeads = 32 // the default of both configs
	}
	if h.UseWindow {
		c.Window, c.WindowFrom = or(h.Window, 4096), or(h.FullLayers, 28)
	}
	if c.Act, err = activation("hidden_act", orText(h.Act, "silu"), "silu", "swish"); err != nil {
		return c, err
	}
	return c, h.layered(c)
}

func writeQwen(c Config, keys map[string]any, class string) {
	writeRotary(c, keys, class)
	keys["use_sliding_window"], keys["sliding_window"] = c.Window > 0, nil
	if c.Window > 0 {
		keys["sliding_window"], keys["max_window_layers"] = c.Window, c.WindowFrom
	}
}
