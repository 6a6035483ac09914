package nn

import (
	"fmt"
	"math"
	"strings"

	"github.com/loramesh/loramesh/linalg/kernel"
)

// t5 is T5 and T5 1.1 (Raffel et al. 2020): an encoder, and a decoder that looks at it;
// positions are biases of the scores, by distance. A [Batch] has the source as IDs and
// what the decoder should say as Labels, of any length.
var t5 = family{
	parse: func(h *hfConfig) (Config, error) {
		h.Width, h.Inner, h.Layers, h.Heads, h.HeadDim = h.T5Width, h.T5Inner, h.T5Layers, h.T5Heads, h.T5HeadDim
		c, err := h.sides()
		if err != nil {
			return c, inWordsOf(err, "hidden_size", "d_model", "intermediate_size", "d_ff", "num_hidden_layers", "num_layers", "num_attention_heads", "num_heads", "head_dim", "d_kv")
		}
		proj := orText(h.T5Project, "relu")
		act, gated := strings.CutPrefix(proj, "gated-")
		if gated && act == "gelu" {
			act = "gelu_new" // what Transformers takes it to mean
		}
		c.Gated = gated
		if c.Act, err = activation("feed_forward_proj", act, "relu", "gelu_new", "gelu", "silu"); err != nil {
			return c, err
		}
		c.Eps, c.Tied, c.MaxPositions = or(h.GPTEps, 1e-6), or(h.Tied, true), or(h.GPTPositions, 512)
		c.Decoder = Decoder{Layers: or(h.T5Decoder, c.Layers), Buckets: or(h.T5Buckets, 32), Distance: or(h.T5Distance, 128), Start: or(h.StartToken, 0), Pad: or(h.Pad, 0)}
		c.t5(or(h.T5Scaled, c.Tied))
		return c, nil
	},
	write: func(c Config, keys map[string]any) {
		keys["architectures"] = []string{"T5ForConditionalGeneration"}
		keys["d_model"], keys["d_ff"], keys["num_layers"], keys["num_decoder_layers"], keys["num_heads"], keys["d_kv"] = c.Width, c.Inner, c.Layers, c.Decoder.Layers, c.Heads, c.HeadDim
		keys["relative_attention_num_buckets"], keys["relative_attention_max_distance"] = c.Decoder.Buckets, c.Decoder.Distance
		keys["layer_norm_epsilon"], keys["n_positions"], keys["feed_forward_proj"] = c.Eps, c.MaxPositions, actName(c.Act)
		if c.Gated {
			keys["feed_forward_proj"] = "gated-" + strings.TrimSuffix(actName(c.Act), "_new")
		}
		keys["decoder_start_token_id"], keys["pad_token_id"], keys["is_encoder_decoder"], keys["scale_decoder_outputs"] = c.Decoder.Start, c.Decoder.Pad, true, c.HeadScale != 0
	},
	design: func(c *Config) {
		c.Eps, c.Act, c.KVHeads = 1e-6, kernel.ReLU, c.Heads
		c.Decoder = Decoder{Layers: c.Layers, Buckets: 32, Distance: 128}
		c.t5(c.Tied)
	},
	parts: t5Parts,
	rename: func(_ Config, name string) string {
		if name == "encoder.embed_tokens.weight" || name == "decoder.embed_tokens.weight" {
			return "" // the shared one again
		}
		return name
	},
}

// t5 sets what is not in config.json.
func (c *Config) t5(scaled bool) {
	c.KVHeads, c.Norm, c.Scale = c.Heads, RMSNorm, 1
	if scaled {
		c.HeadScale = float64(float32(1 / math.Sqrt(float64(c.Width))))
	}
}

// t5Parts lists the tensors: the shared embedding, both stacks, the head. Blocks of the
// decoder are numbered on from those of the encoder; what looks at the source is called
// cross_q, cross_k, cross_v and cross_o.
func t5Parts(c Config) *parts {
	p, d := &parts{pair: &pair{}}, fmt.Sprintf("d_model %d", c.Width)
	vocab := fmt.Sprintf("vocab_size %d, %s", c.Vocab, d)
	if c.Tied {
		p.embed, p.head = p.tie("shared", "lm_head", vocab, c.Vocab, c.Width)
	} else {
		p.embed = p.table("shared", vocab, c.Vocab, c.Width)
	}
	bias := func(stack string) *table {
		why := fmt.Sprintf("relative_attention_num_buckets %d, num_heads %d", c.Decoder.Buckets, c.Heads)
		return p.table(stack+".block.0.layer.0.SelfAttention.relative_attention_bias", why, c.Decoder.Buckets, c.Heads)
	}
	for l := range c.Layers {
		hf := fmt.Sprintf("encoder.block.%d.layer.", l)
		p.pair.encoder = append(p.pair.encoder, p.selfStep(c, hf+"0.", l, false), p.innerStep(c, hf+"1.", l))
	}
	p.pair.encoderBias, p.pair.encoderFinal = bias("encoder"), p.norm(c, "encoder.final_layer_norm", d, c.Width)
	for l := range c.Decoder.Layers {
		hf, n := fmt.Sprintf("decoder.block.%d.layer.", l), c.Layers+l
		p.pair.decoder = append(p.pair.decoder, p.selfStep(c, hf+"0.", n, true), p.crossStep(c, hf+"1.", n), p.innerStep(c, hf+"2.", n))
	}
	p.pair.decoderBias, p.final = bias("decoder"), p.norm(c, "decoder.final_layer_norm", d, c.Width)
	if !c.Tied {
		p.head = p.linear(c.Width, false, false, owned{"lm_head", "lm_head", vocab, c.Vocab})
	}
	p.head.block = c.Layers + c.Decoder.Layers
	return p
}

// selfStep is attention within a sequence.
func (p *parts) selfStep(c Config, hf string, l int, causal bool) step {
	why, at := fmt.Sprintf("num_heads %d × d_kv %d, d_model %d", c.Heads, c.HeadDim, c.Width), hf+"SelfAttention."
	name := func(s string) string { return fmt.Sprintf("%d.%s", l, s) }
	s := step{causal: causal}
	s.qkv = p.linear(c.Width, false, false, owned{name("q"), at + "q", why, c.wide()}, owned{name("k"), at + "k", why, c.wide()}, owned{name("v"), at + "v", why, c.wide()})
	s.o = p.linear(c.wide(), false, false, owned{name("o"), at + "o", why, c.Width})
	s.norm = p.norm(c, hf+"layer_norm", fmt.Sprintf("d_model %d", c.Width), c.Width)
	return s
}

// crossStep is attention to the source.
func (p *parts) crossStep(c Config, hf string, l int) step {
	why, at := fmt.Sprintf("num_heads %d × d_kv %d, d_model %d", c.Heads, c.HeadDim, c.Width), hf+"EncDecAttention."
	name := func(s string) string { return fmt.Sprintf("%d.cross_%s", l, s) }
	var s step
	s.q = p.linear(c.Width, false, false, owned{name("q"), at + "q", why, c.wide()})
	s.kv = p.linear(c.Width, false, false, owned{name("k"), at + "k", why, c.wide()}, owned{name("v"), at + "v", why, c.wide()})
	s.o = p.linear(c.wide(), false, false, owned{name("o"), at + "o", why, c.Width})
	s.norm = p.norm(c, hf+"layer_norm", fmt.Sprintf("d_model %d", c.Width), c.Width)
	return s
}

// innerStep is the MLP.
func (p *parts) innerStep(c Config, hf string, l int) step {
	why, at := fmt.Sprintf("d_ff %d, d_model %d", c.Inner, c.Width), hf+"DenseReluDense."
	name := func(s string) string { return fmt.Sprintf("%d.%s", l, s) }
	var s step
	if c.Gated {
		s.up = p.linear(c.Width, false, false, owned{name("gate"), at + "wi_0", why, c.Inner}, owned{name("up"), at + "wi_1", why, c.Inner})
	} else {
		s.up = p.linear(c.Width, false, false, owned{name("up"), at + "wi", why, c.Inner})
	}
	s.down = p.linear(c.Inner, false, false, owned{name("down"), at + "wo", why, c.Width})
	s.norm = p.norm(c, hf+"layer_norm", fmt.Sprintf("d_model %d", c.Width), c.Width)
	return s
}
