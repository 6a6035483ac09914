package nn

import (
	"errors"
	"math"
)

// gemma is Gemma 1 (Mesnard et al. 2024): Llama with a tanh-GELU gate, gains stored less
// 1, embeddings times √width and a tied head.
var gemma = family{
	parse: func(h *hfConfig) (Config, error) {
		c, err := h.rotary(8192)
		if err != nil {
			return c, err
		}
		if h.Attention {
			return c, errors.New("attention_bias true is not supported yet; supported: false")
		}
		if or(h.BothWays, false) {
			return c, errors.New("use_bidirectional_attention true is not supported yet; supported: false")
		}
		if h.KVHeads == nil {
			c.KVHeads = 16 // the defaults of GemmaConfig
		}
		if h.HeadDim == nil {
			c.HeadDim = 256
		}
		c.Tied = or(h.Tied, true)
		// "gelu" stands in published files and has always meant the tangent's.
		act := orText(h.Act2, orText(h.Act, "gelu_pytorch_tanh"))
		if act == "gelu" {
			act = "gelu_pytorch_tanh"
		}
		c.Act, err = activation("hidden_act", act, "gelu_pytorch_tanh", "gelu_new")
		c.gemma()
		return c, err
	},
	write: func(c Config, keys map[string]any) {
		writeRotary(c, keys, "GemmaForCausalLM")
		keys["hidden_act"] = "gelu_pytorch_tanh"
	},
	design: func(c *Config) {
		designRotary(c)
		c.Act = activations["gelu_pytorch_tanh"]
		c.gemma()
	},
	parts:  llamaNames.parts,
	rename: dropFrequencies,
}

// gemma sets what is not in config.json. The factor is rounded as Transformers rounds it.
func (c *Config) gemma() {
	c.Norm, c.EmbedScale = GemmaNorm, float64(float32(math.Sqrt(float64(c.Width))))
}
