package nn

import (
	"fmt"
	"strings"

	"github.com/loramesh/loramesh/linalg/kernel"
)

// What the families after Llama share, beside reading (see hfConfig.rotary).

// designRotary is a fresh model of Llama's kind.
func designRotary(c *Config) {
	c.Gated, c.Act, c.Rope = true, kernel.SiLU, Rope{Kind: "default", Theta: 10000}
}

// writeRotary adds the keys of config.json that these families share.
func writeRotary(c Config, keys map[string]any, class string) {
	keys["architectures"], keys["hidden_act"], keys["attention_bias"] = []string{class}, actName(c.Act), false
	keys["hidden_size"], keys["intermediate_size"], keys["num_hidden_layers"] = c.Width, c.Inner, c.Layers
	keys["num_attention_heads"], keys["num_key_value_heads"], keys["head_dim"] = c.Heads, c.KVHeads, c.HeadDim
	keys["max_position_embeddings"], keys["rms_norm_eps"], keys["rope_parameters"] = c.MaxPositions, c.Eps, c.Rope.hf()
}

// dropFrequencies passes over RoPE's frequencies, which checkpoints of before 2023 carry
// and which follow from the config.
func dropFrequencies(_ Config, name string) string {
	if strings.HasSuffix(name, ".rotary_emb.inv_freq") {
		return ""
	}
	return name
}

// actName is the name that Transformers gives an activation.
func actName(a kernel.Activation) string {
	switch a {
	case kernel.SiLU:
		return "silu"
	case kernel.GELUTanh:
		return "gelu_new"
	case kernel.GELUErf:
		return "gelu"
	}
	return "relu"
}

func refuse(key string, value any, supported string) error {
	return fmt.Errorf("%s %v is not supported yet; supported: %s", key, value, supported)
}

func orText(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
