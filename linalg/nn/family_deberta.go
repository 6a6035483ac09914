package nn

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/linalg/kernel"
)

// deberta is DeBERTa (He et al. 2021) in the shape of its second and third version:
// attention in which content and distance are apart (see [Disentangled]), norms behind the
// sums, and a pooler that is part of the head.
var deberta = family{
	parse: func(h *hfConfig) (Config, error) {
		c, err := h.plainEncoder()
		if err != nil {
			return c, err
		}
		c.MaxPositions, c.Types, c.Eps = or(h.MaxPositions, 512), or(h.Types, 0), or(h.LayerEps, 1e-7)
		c.Learned = or(h.Absolute, true)
		if err := h.disentangled(&c); err != nil {
			return c, err
		}
		act, err := activation("pooler_hidden_act", orText(h.PoolerAct, "gelu"), "gelu", "gelu_new", "gelu_pytorch_tanh", "relu", "silu", "swish")
		if err != nil {
			return c, err
		}
		err = h.answer(&c, "DebertaV2Model", "DebertaV2ForSequenceClassification", "DebertaV2ForMaskedLM")
		c.Answer.Act = act // of the head that it has, or may get
		if err != nil || c.Answer.Outputs == 0 {
			return c, err
		}
		if n := or(h.PoolerWidth, c.Width); n != c.Width {
			return c, refuse("pooler_hidden_size", n, "hidden_size")
		}
		c.ownPooler(act)
		return c, nil
	},
	write: func(c Config, keys map[string]any) {
		writeEncoder(c, keys)
		keys["max_position_embeddings"], keys["type_vocab_size"], keys["position_biased_input"] = c.MaxPositions, c.Types, c.Learned
		writeDisentangled(c.Apart, keys)
		writeAnswer(c, keys, "DebertaV2Model", "DebertaV2ForSequenceClassification")
		keys["pooler_hidden_size"], keys["pooler_hidden_act"] = c.Width, actName(c.Answer.Act)
	},
	design: func(c *Config) {
		c.KVHeads, c.Eps, c.Post, c.EmbedNorm, c.Act = c.Heads, 1e-7, true, true, kernel.GELUErf
		c.Apart = Disentangled{Max: c.MaxPositions, C2P: true, P2C: true, Norm: true}
		if c.MaxPositions >= 512 { // as published; shorter ones have a row for every distance
			c.Apart.Buckets = 256
		}
		c.Scale = c.Apart.scale(c.HeadDim)
		c.encoder()
		c.Answer.Act = kernel.GELUErf
		c.ownPooler(c.Answer.Act)
	},
	parts: func(c Config) *parts {
		n := bertNames("deberta.")
		n.q, n.k, n.v = "attention.self.query_proj", "attention.self.key_proj", "attention.self.value_proj"
		return n.parts(c).apartBy(c, "deberta.encoder.rel_embeddings", "deberta.encoder.LayerNorm").answerBy(c, "pooler.dense", "classifier")
	},
	rename: func(c Config, name string) string {
		name = prefixed(published(name), "deberta.", "classifier.", "pooler.", "lm_predictions.", "mask_predictions.")
		none := []string{"lm_predictions.", "mask_predictions."} // heads of the pre-training
		if c.Answer.Outputs == 0 {
			none = append(none, "pooler.", "classifier.")
		}
		if !c.Learned { // published files have them all the same
			none = append(none, "deberta.embeddings.position_embeddings.")
		}
		if slices.ContainsFunc(none, func(p string) bool { return strings.HasPrefix(name, p) }) {
			return ""
		}
		return name
	},
}

// disentangled reads the keys of attention, and refuses the variants of DeBERTa that are
// not built.
func (h *hfConfig) disentangled(c *Config) error {
	switch {
	case !h.Relative:
		return refuse("relative_attention", h.Relative, "true")
	case !h.SharedKey:
		return refuse("share_att_key", h.SharedKey, "true")
	case or(h.EmbedWidth, c.Width) != c.Width:
		return refuse("embedding_size", *h.EmbedWidth, "hidden_size")
	case or(h.Convolution, 0) > 0:
		return refuse("conv_kernel_size", *h.Convolution, "0")
	case h.AttentionHead != nil && *h.AttentionHead != c.HeadDim:
		return refuse("attention_head_size", *h.AttentionHead, "hidden_size / num_attention_heads")
	}
	d := Disentangled{Buckets: max(or(h.Buckets, -1), 0), Max: or(h.MaxRelative, -1)}
	if d.Max < 1 {
		d.Max = c.MaxPositions
	}
	kinds, err := debertaKinds(h.PosAttention)
	if err != nil {
		return err
	}
	d.C2P, d.P2C = slices.Contains(kinds, "c2p"), slices.Contains(kinds, "p2c")
	for _, k := range kinds {
		if k != "c2p" && k != "p2c" {
			return refuse("pos_att_type", k, "c2p, p2c")
		}
	}
	for word := range strings.SplitSeq(strings.ToLower(or(h.NormRelative, "none")), "|") {
		switch word = strings.TrimSpace(word); word {
		case "layer_norm":
			d.Norm = true
		case "none":
		default:
			return refuse("norm_rel_ebd", word, "layer_norm, none")
		}
	}
	c.Apart, c.Scale = d, d.scale(c.HeadDim)
	return nil
}

// debertaKinds reads pos_att_type: a list, or words between bars.
func debertaKinds(raw json.RawMessage) (kinds []string, err error) {
	var bars string
	if len(raw) == 0 || json.Unmarshal(raw, &kinds) == nil {
		return kinds, nil
	}
	if json.Unmarshal(raw, &bars) != nil {
		return nil, errors.New(`pos_att_type is ` + string(raw) + `; expected a list, or text such as "p2c|c2p"`)
	}
	for word := range strings.SplitSeq(strings.ToLower(bars), "|") {
		kinds = append(kinds, strings.TrimSpace(word))
	}
	return kinds, nil
}

// writeDisentangled adds the keys of attention.
func writeDisentangled(d Disentangled, keys map[string]any) {
	kinds, norm, buckets := []string{}, "none", -1
	if d.P2C {
		kinds = append(kinds, "p2c")
	}
	if d.C2P {
		kinds = append(kinds, "c2p")
	}
	if d.Norm {
		norm = "layer_norm"
	}
	if d.Buckets > 0 {
		buckets = d.Buckets
	}
	keys["relative_attention"], keys["share_att_key"], keys["pos_att_type"], keys["norm_rel_ebd"] = true, true, kinds, norm
	keys["position_buckets"], keys["max_relative_positions"] = buckets, d.Max
}
