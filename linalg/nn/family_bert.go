package nn

import (
	"strings"

	"github.com/loramesh/loramesh/linalg/kernel"
)

// bert is BERT (Devlin et al. 2019): norms behind the sums, token types, and on the first
// place a pooler with tanh.
var bert = family{
	parse: func(h *hfConfig) (Config, error) {
		c, err := h.plainEncoder()
		if err != nil {
			return c, err
		}
		c.MaxPositions = or(h.MaxPositions, 512)
		c.Answer = Answer{Pooler: true, Act: kernel.Tanh}
		return c, h.answer(&c, "BertModel", "BertForSequenceClassification", "BertForMaskedLM", "BertForPreTraining")
	},
	write: func(c Config, keys map[string]any) {
		writeEncoder(c, keys)
		keys["max_position_embeddings"], keys["type_vocab_size"] = c.MaxPositions, c.Types
		writeAnswer(c, keys, "BertModel", "BertForSequenceClassification")
	},
	design: func(c *Config) {
		c.KVHeads, c.Eps, c.Types, c.Learned, c.Post, c.EmbedNorm = c.Heads, 1e-12, 2, true, true, true
		c.Act, c.Answer.Pooler, c.Answer.Act = kernel.GELUErf, true, kernel.Tanh
		c.encoder()
	},
	parts: func(c Config) *parts {
		return bertNames("bert.").parts(c).answerBy(c, "bert.pooler.dense", "classifier")
	},
	rename: func(c Config, name string) string {
		name = prefixed(published(name), "bert.", "classifier.")
		if !c.Answer.Pooler && strings.HasPrefix(name, "bert.pooler.") {
			return ""
		}
		return name
	},
}

// bertNames are shared with RoBERTa.
func bertNames(prefix string) names {
	embed := prefix + "embeddings."
	return names{
		embed: embed + "word_embeddings", positions: embed + "position_embeddings", types: embed + "token_type_embeddings", embedNorm: embed + "LayerNorm",
		block: prefix + "encoder.layer.%d.", q: "attention.self.query", k: "attention.self.key", v: "attention.self.value", o: "attention.output.dense",
		up: "intermediate.dense", down: "output.dense", norm1: "attention.output.LayerNorm", norm2: "output.LayerNorm",
	}
}
