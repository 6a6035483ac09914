package nn

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/loramesh/loramesh/linalg/kernel"
)

// What the families of encoders share: blocks that see both ways, LayerNorms, biases
// everywhere, and a head that answers for whole sequences. Dropouts of a config are those
// of its pre-training; a frozen base is computed as in evaluation, without them.

// encoder sets what is not in config.json.
func (c *Config) encoder() {
	c.Norm, c.Bidirectional, c.Headless, c.Tied = LayerNorm, true, true, false
	c.QKVBias, c.OutBias, c.MLPBias, c.Gated, c.Rope = true, true, true, false, Rope{}
}

// ownPooler gives a head its pooler, in families whose encoders have none.
func (c *Config) ownPooler(act kernel.Activation) {
	if c.Answer.Outputs > 0 {
		c.Answer.Pooler, c.Answer.Act = true, act
	}
}

// answer reads which head stands on the encoder: the class named in "architectures". A
// model made to fill in masks has none of ours, and is an encoder.
func (h *hfConfig) answer(c *Config, plain, classifier string, others ...string) error {
	if len(h.Architectures) > 1 {
		return fmt.Errorf("architectures has %d entries; expected one", len(h.Architectures))
	}
	name := plain
	if len(h.Architectures) == 1 {
		name = h.Architectures[0]
	}
	switch {
	case name == plain:
		return nil
	case name != classifier:
		for _, o := range others {
			if name == o {
				c.Answer = Answer{}
				return nil
			}
		}
		return fmt.Errorf("architecture %q is not supported yet; supported: %s", name, strings.Join(append([]string{plain, classifier}, others...), ", "))
	}
	c.Answer.Outputs = 2
	if h.Labels != nil {
		c.Answer.Outputs = len(h.Labels)
	} else if h.NumLabels != nil {
		c.Answer.Outputs = *h.NumLabels
	}
	if c.Answer.Outputs < 1 {
		return fmt.Errorf("there are %d labels; expected at least 1", c.Answer.Outputs)
	}
	switch problem := or(h.Problem, ""); problem {
	case "":
		c.Answer.Regression = c.Answer.Outputs == 1 // as Transformers takes it
	case "regression":
		c.Answer.Regression = true
	case "multi_label_classification":
		c.Answer.Several = true
	case "single_label_classification":
	default:
		return fmt.Errorf("problem_type %q is not supported yet; supported: single_label_classification, multi_label_classification, regression", problem)
	}
	return h.classNames(c)
}

// classNames reads what the classes are called. Those that Transformers makes up where
// nobody named them say nothing.
func (h *hfConfig) classNames(c *Config) error {
	if h.Labels == nil {
		return nil
	}
	named := false
	c.Classes = make([]string, c.Answer.Outputs)
	for i := range c.Classes {
		name, ok := h.Labels[strconv.Itoa(i)]
		if !ok {
			return fmt.Errorf("id2label has %d entries, and none for %d; expected 0 … %d", len(h.Labels), i, len(h.Labels)-1)
		}
		c.Classes[i] = name
		named = named || name != unnamed(i)
	}
	if !named {
		c.Classes = nil
	}
	return nil
}

// unnamed is what Transformers calls a class without a name.
func unnamed(i int) string { return fmt.Sprintf("LABEL_%d", i) }

// writeAnswer adds the keys of the head; plain and classifier are Transformers' classes.
func writeAnswer(c Config, keys map[string]any, plain, classifier string) {
	delete(keys, "tie_word_embeddings")
	if c.Answer.Outputs == 0 {
		keys["architectures"] = []string{plain}
		return
	}
	keys["architectures"] = []string{classifier}
	labels, numbers := map[string]string{}, map[string]int{}
	for i := range c.Answer.Outputs {
		name := unnamed(i)
		if c.Classes != nil {
			name = c.Classes[i]
		}
		labels[strconv.Itoa(i)], numbers[name] = name, i
	}
	keys["id2label"], keys["label2id"], keys["problem_type"] = labels, numbers, "single_label_classification"
	switch {
	case c.Answer.Regression:
		keys["problem_type"] = "regression"
	case c.Answer.Several:
		keys["problem_type"] = "multi_label_classification"
	}
}

// plainEncoder reads what BERT and RoBERTa share.
func (h *hfConfig) plainEncoder() (c Config, err error) {
	if c, err = h.sides(); err != nil {
		return c, err
	}
	switch {
	case h.Decoder || h.Cross:
		return c, errors.New("is_decoder and add_cross_attention true are not supported yet; supported: false")
	case h.PositionType != "" && h.PositionType != "absolute":
		return c, refuse("position_embedding_type", h.PositionType, "absolute")
	}
	c.KVHeads, c.Eps, c.Types = c.Heads, or(h.LayerEps, 1e-12), or(h.Types, 2)
	c.Learned, c.Post, c.EmbedNorm = true, true, true
	c.encoder()
	c.Act, err = activation("hidden_act", orText(h.Act, "gelu"), "gelu", "gelu_new", "gelu_pytorch_tanh", "relu", "silu", "swish")
	return c, err
}

// writeEncoder adds the keys of BERT's style.
func writeEncoder(c Config, keys map[string]any) {
	keys["hidden_size"], keys["intermediate_size"], keys["num_hidden_layers"], keys["num_attention_heads"] = c.Width, c.Inner, c.Layers, c.Heads
	keys["layer_norm_eps"], keys["hidden_act"] = c.Eps, actName(c.Act)
}

// published puts the names of TensorFlow's days right, and drops what carries nothing for
// the model at hand: buffers, and heads that fill in masks.
func published(name string) string {
	name = strings.Replace(name, "LayerNorm.gamma", "LayerNorm.weight", 1)
	name = strings.Replace(name, "LayerNorm.beta", "LayerNorm.bias", 1)
	for _, nothing := range []string{"cls.", "lm_head.", "vocab_transform.", "vocab_layer_norm.", "vocab_projector."} {
		if strings.HasPrefix(name, nothing) {
			return ""
		}
	}
	if strings.HasSuffix(name, ".position_ids") {
		return ""
	}
	return name
}

// prefixed adds the prefix that a model saved without its head lacks.
func prefixed(name, prefix string, heads ...string) string {
	if name == "" || strings.HasPrefix(name, prefix) {
		return name
	}
	for _, h := range heads {
		if strings.HasPrefix(name, h) {
			return name
		}
	}
	return prefix + name
}
