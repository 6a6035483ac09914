package nn

import (
	"fmt"
	"strings"

	"github.com/loramesh/loramesh/linalg/kernel"
)

// roberta is RoBERTa (Liu et al. 2019): BERT whose positions begin behind the padding
// token's number, with a head of two layers and no pooler. Positions of a [Batch] count
// from 0 as everywhere; the shift happens inside.
var roberta = family{
	parse: func(h *hfConfig) (Config, error) {
		c, err := h.plainEncoder()
		if err != nil {
			return c, err
		}
		c.PositionOffset = or(h.Pad, 1) + 1
		if c.PositionOffset < 1 {
			return c, fmt.Errorf("pad_token_id is %d; positions begin behind it, so expected 0 or more", c.PositionOffset-1)
		}
		c.MaxPositions = or(h.MaxPositions, 512) - c.PositionOffset
		err = h.answer(&c, "RobertaModel", "RobertaForSequenceClassification", "RobertaForMaskedLM")
		c.ownPooler(kernel.Tanh)
		return c, err
	},
	write: func(c Config, keys map[string]any) {
		writeEncoder(c, keys)
		keys["max_position_embeddings"], keys["type_vocab_size"], keys["pad_token_id"] = c.MaxPositions+c.PositionOffset, c.Types, c.PositionOffset-1
		writeAnswer(c, keys, "RobertaModel", "RobertaForSequenceClassification")
	},
	design: func(c *Config) {
		c.KVHeads, c.Eps, c.Types, c.Learned, c.Post, c.EmbedNorm, c.PositionOffset = c.Heads, 1e-5, 1, true, true, true, 2
		c.Act = kernel.GELUErf
		c.ownPooler(kernel.Tanh)
		c.encoder()
	},
	parts: func(c Config) *parts {
		return bertNames("roberta.").parts(c).answerBy(c, "classifier.dense", "classifier.out_proj")
	},
	rename: func(_ Config, name string) string {
		name = prefixed(published(name), "roberta.", "classifier.")
		if strings.HasPrefix(name, "roberta.pooler.") { // of RobertaModel, which no head of ours reads
			return ""
		}
		return name
	},
}
