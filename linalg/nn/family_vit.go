package nn

import (
	"regexp"
	"strings"

	"github.com/loramesh/loramesh/linalg/kernel"
)

// vit is the vision transformer (Dosovitskiy et al. 2021): pieces of a picture and a class
// token, norms before the modules, and a classifier on the class token. Tensors bear the
// names of Transformers 5, as adapters know them; files with those of 4 are read too.
var vit = family{
	parse: func(h *hfConfig) (Config, error) {
		none := 0
		h.Vocab = &none
		c, err := h.sides()
		if err != nil {
			return c, err
		}
		c.KVHeads, c.Eps = c.Heads, or(h.LayerEps, 1e-12)
		c.vit(Image{Size: or(h.ImageSize, 224), Patch: or(h.PatchSize, 16), Channels: or(h.Channels, 3)})
		c.QKVBias = or(h.BiasOfQKV, true)
		if c.Act, err = activation("hidden_act", orText(h.Act, "gelu"), "gelu", "gelu_new", "gelu_pytorch_tanh", "relu"); err != nil {
			return c, err
		}
		return c, h.answer(&c, "ViTModel", "ViTForImageClassification")
	},
	write: func(c Config, keys map[string]any) {
		writeEncoder(c, keys)
		delete(keys, "vocab_size")
		keys["image_size"], keys["patch_size"], keys["num_channels"], keys["qkv_bias"] = c.Image.Size, c.Image.Patch, c.Image.Channels, c.QKVBias
		writeAnswer(c, keys, "ViTModel", "ViTForImageClassification")
	},
	design: func(c *Config) {
		c.KVHeads, c.Eps, c.Act, c.Vocab = c.Heads, 1e-12, kernel.GELUErf, 0
		c.vit(c.Image)
	},
	parts: func(c Config) *parts {
		return names{
			embed: "vit.embeddings", block: "vit.layers.%d.", final: "vit.layernorm",
			q: "attention.q_proj", k: "attention.k_proj", v: "attention.v_proj", o: "attention.o_proj",
			up: "mlp.fc1", down: "mlp.fc2", norm1: "layernorm_before", norm2: "layernorm_after",
		}.parts(c).answerBy(c, "", "classifier")
	},
	rename: func(c Config, name string) string {
		name = prefixed(name, "vit.", "classifier.")
		if strings.HasPrefix(name, "vit.pooler.") {
			return ""
		}
		return vitOld.ReplaceAllStringFunc(name, func(s string) string { return vitNew[strings.Trim(s, ".")] })
	},
}

// vit sets what is not in config.json.
func (c *Config) vit(m Image) {
	c.Image = m
	c.MaxPositions = 1
	if m.Patch > 0 && m.Size > 0 {
		c.MaxPositions = m.places()
	}
	c.encoder()
}

// vitOld matches the names of Transformers 4 that 5 writes otherwise.
var vitOld = regexp.MustCompile(`\.encoder\.layer\.|\.attention\.attention\.query\.|\.attention\.attention\.key\.|\.attention\.attention\.value\.|\.attention\.output\.dense\.|\.intermediate\.dense\.|\.output\.dense\.`)

var vitNew = map[string]string{
	"encoder.layer": ".layers.", "attention.attention.query": ".attention.q_proj.", "attention.attention.key": ".attention.k_proj.",
	"attention.attention.value": ".attention.v_proj.", "attention.output.dense": ".attention.o_proj.",
	"intermediate.dense": ".mlp.fc1.", "output.dense": ".mlp.fc2.",
}
