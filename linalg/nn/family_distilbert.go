package nn

import "github.com/loramesh/loramesh/linalg/kernel"

// distilbert is DistilBERT (Sanh et al. 2019): BERT without token types, its pooler a part
// of the head, with ReLU. The epsilon of its norms is not in its config.
var distilbert = family{
	parse: func(h *hfConfig) (Config, error) {
		h.Width, h.Inner, h.Layers, h.Heads = h.DistilWidth, h.DistilInner, h.DistilLayers, h.DistilHeads
		c, err := h.sides()
		if err != nil {
			return c, inWordsOf(err, "hidden_size", "dim", "intermediate_size", "hidden_dim", "num_hidden_layers", "n_layers", "num_attention_heads", "n_heads")
		}
		c.MaxPositions = or(h.MaxPositions, 512)
		c.distilbert()
		if c.Act, err = activation("activation", orText(h.DistilAct, "gelu"), "gelu", "relu"); err != nil {
			return c, err
		}
		err = h.answer(&c, "DistilBertModel", "DistilBertForSequenceClassification", "DistilBertForMaskedLM")
		c.ownPooler(kernel.ReLU)
		return c, err
	},
	write: func(c Config, keys map[string]any) {
		keys["dim"], keys["hidden_dim"], keys["n_layers"], keys["n_heads"] = c.Width, c.Inner, c.Layers, c.Heads
		keys["max_position_embeddings"], keys["activation"] = c.MaxPositions, actName(c.Act)
		writeAnswer(c, keys, "DistilBertModel", "DistilBertForSequenceClassification")
	},
	design: func(c *Config) {
		c.distilbert()
		c.ownPooler(kernel.ReLU)
		c.Act = kernel.GELUErf
	},
	parts: func(c Config) *parts {
		return names{
			embed: "distilbert.embeddings.word_embeddings", positions: "distilbert.embeddings.position_embeddings", embedNorm: "distilbert.embeddings.LayerNorm",
			block: "distilbert.transformer.layer.%d.", q: "attention.q_lin", k: "attention.k_lin", v: "attention.v_lin", o: "attention.out_lin",
			up: "ffn.lin1", down: "ffn.lin2", norm1: "sa_layer_norm", norm2: "output_layer_norm",
		}.parts(c).answerBy(c, "pre_classifier", "classifier")
	},
	rename: func(_ Config, name string) string {
		return prefixed(published(name), "distilbert.", "classifier.", "pre_classifier.")
	},
}

// distilbert sets what is not in config.json.
func (c *Config) distilbert() {
	c.KVHeads, c.Eps, c.Learned, c.Post, c.EmbedNorm = c.Heads, 1e-12, true, true, true
	c.encoder()
}
