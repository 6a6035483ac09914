package nn

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/loramesh/loramesh/linalg/kernel"
)

// hfConfig is config.json as far as it bears on numbers, in all families; pointers tell
// absent from zero. Keys of Transformers 5 and 4 stand side by side.
type hfConfig struct {
	ModelType    string `json:"model_type"`
	Vocab        *int   `json:"vocab_size"`
	Width        *int   `json:"hidden_size"`
	Inner        *int   `json:"intermediate_size"`
	Layers       *int   `json:"num_hidden_layers"`
	Heads        *int   `json:"num_attention_heads"`
	KVHeads      *int   `json:"num_key_value_heads"`
	HeadDim      *int   `json:"head_dim"`
	MaxPositions *int   `json:"max_position_embeddings"`

	RMSEps      *float64        `json:"rms_norm_eps"`
	LayerEps    *float64        `json:"layer_norm_eps"`
	RopeTheta   *float64        `json:"rope_theta"`
	RopeScaling *hfRope         `json:"rope_scaling"`
	RopeParams  *hfRope         `json:"rope_parameters"`
	Rotary      *float64        `json:"partial_rotary_factor"`
	Tied        *bool           `json:"tie_word_embeddings"`
	Act         string          `json:"hidden_act"`
	Act2        string          `json:"hidden_activation"` // Gemma
	Attention   bool            `json:"attention_bias"`
	MLPBias     bool            `json:"mlp_bias"`
	Window      *int            `json:"sliding_window"`
	UseWindow   bool            `json:"use_sliding_window"`
	FullLayers  *int            `json:"max_window_layers"`
	LayerTypes  []string        `json:"layer_types"`
	BothWays    *bool           `json:"use_bidirectional_attention"`
	Quantised   json.RawMessage `json:"quantization_config"`
	BOS         json.RawMessage `json:"bos_token_id"`
	EOS         json.RawMessage `json:"eos_token_id"`

	GPTWidth     *int     `json:"n_embd"`
	GPTInner     *int     `json:"n_inner"`
	GPTLayers    *int     `json:"n_layer"`
	GPTHeads     *int     `json:"n_head"`
	GPTPositions *int     `json:"n_positions"`
	GPTEps       *float64 `json:"layer_norm_epsilon"`
	GPTAct       string   `json:"activation_function"`
	Cross        bool     `json:"add_cross_attention"`
	ByLayer      bool     `json:"scale_attn_by_inverse_layer_idx"`
	ByHead       *bool    `json:"scale_attn_weights"`

	Architectures []string          `json:"architectures"`
	Types         *int              `json:"type_vocab_size"`
	Pad           *int              `json:"pad_token_id"`
	Labels        map[string]string `json:"id2label"`
	NumLabels     *int              `json:"num_labels"`
	Problem       *string           `json:"problem_type"`
	PositionType  string            `json:"position_embedding_type"`
	Decoder       bool              `json:"is_decoder"`
	DistilWidth   *int              `json:"dim"`
	DistilInner   *int              `json:"hidden_dim"`
	DistilLayers  *int              `json:"n_layers"`
	DistilHeads   *int              `json:"n_heads"`
	DistilAct     string            `json:"activation"`
	Relative      bool              `json:"relative_attention"`
	SharedKey     bool              `json:"share_att_key"`
	Buckets       *int              `json:"position_buckets"`
	MaxRelative   *int              `json:"max_relative_positions"`
	PosAttention  json.RawMessage   `json:"pos_att_type"`
	NormRelative  *string           `json:"norm_rel_ebd"`
	Absolute      *bool             `json:"position_biased_input"`
	EmbedWidth    *int              `json:"embedding_size"`
	AttentionHead *int              `json:"attention_head_size"`
	Convolution   *int              `json:"conv_kernel_size"`
	PoolerWidth   *int              `json:"pooler_hidden_size"`
	PoolerAct     string            `json:"pooler_hidden_act"`
	ImageSize     *int              `json:"image_size"`
	T5Width       *int              `json:"d_model"`
	T5Inner       *int              `json:"d_ff"`
	T5Layers      *int              `json:"num_layers"`
	T5Decoder     *int              `json:"num_decoder_layers"`
	T5Heads       *int              `json:"num_heads"`
	T5HeadDim     *int              `json:"d_kv"`
	T5Buckets     *int              `json:"relative_attention_num_buckets"`
	T5Distance    *int              `json:"relative_attention_max_distance"`
	T5Project     string            `json:"feed_forward_proj"`
	T5Scaled      *bool             `json:"scale_decoder_outputs"`
	StartToken    *int              `json:"decoder_start_token_id"`
	PatchSize     *int              `json:"patch_size"`
	Channels      *int              `json:"num_channels"`
	BiasOfQKV     *bool             `json:"qkv_bias"`
}

// plainJSON turns a type mistake into words with the key's name.
func plainJSON(err error) error {
	var mistake *json.UnmarshalTypeError
	if errors.As(err, &mistake) && mistake.Field != "" {
		return fmt.Errorf("%s is a %s; expected %s", mistake.Field, mistake.Value, mistake.Type)
	}
	return err
}

func (h *hfConfig) set(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }

// inWordsOf puts a family's own keys for Llama's in what is wrong with a config: old, new,
// old, new ….
func inWordsOf(err error, keys ...string) error {
	return errors.New(strings.NewReplacer(keys...).Replace(err.Error()))
}

// sides reads the keys that no model can do without, under Llama's names for them.
func (h *hfConfig) sides() (c Config, err error) {
	for _, need := range []struct {
		name string
		from *int
		to   *int
	}{
		{"vocab_size", h.Vocab, &c.Vocab}, {"hidden_size", h.Width, &c.Width}, {"intermediate_size", h.Inner, &c.Inner},
		{"num_hidden_layers", h.Layers, &c.Layers}, {"num_attention_heads", h.Heads, &c.Heads},
	} {
		if need.from == nil {
			return c, fmt.Errorf("%s is missing", need.name)
		}
		*need.to = *need.from
	}
	if c.Heads < 1 {
		return c, fmt.Errorf("num_attention_heads is %d; expected at least 1", c.Heads)
	}
	if h.HeadDim == nil && c.Width%c.Heads != 0 {
		return c, fmt.Errorf("hidden_size %d is no multiple of num_attention_heads %d, and head_dim is missing", c.Width, c.Heads)
	}
	c.KVHeads, c.HeadDim = or(h.KVHeads, c.Heads), or(h.HeadDim, c.Width/c.Heads)
	return c, nil
}

// rotary reads what the families after Llama share: sides, RMSNorm's epsilon, rotary
// positions, and refuses their common switches.
func (h *hfConfig) rotary(positions int) (c Config, err error) {
	if c, err = h.sides(); err != nil {
		return c, err
	}
	if h.MLPBias {
		return c, errors.New("mlp_bias true is not supported yet; supported: false")
	}
	if h.Rotary != nil && *h.Rotary != 1 {
		return c, fmt.Errorf("partial_rotary_factor %g is not supported yet; supported: 1", *h.Rotary)
	}
	c.MaxPositions, c.Eps, c.Tied, c.Gated = or(h.MaxPositions, positions), or(h.RMSEps, 1e-6), or(h.Tied, false), true
	c.Rope, err = h.rope()
	return c, err
}

// activation finds the function of a name, or says which are supported.
func activation(key, name string, supported ...string) (kernel.Activation, error) {
	for _, s := range supported {
		if name == s {
			return activations[name], nil
		}
	}
	return 0, fmt.Errorf("%s %q is not supported yet; supported: %s", key, name, strings.Join(supported, ", "))
}

// activations by the names that Transformers gives them.
var activations = map[string]kernel.Activation{
	"silu": kernel.SiLU, "swish": kernel.SiLU, "gelu": kernel.GELUErf, "relu": kernel.ReLU,
	"gelu_new": kernel.GELUTanh, "gelu_pytorch_tanh": kernel.GELUTanh,
}

// tokens reads a token id, a list of them, or null.
func tokens(key string, raw json.RawMessage) ([]int, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	var one int
	if json.Unmarshal(raw, &one) == nil {
		return []int{one}, nil
	}
	var many []int
	if err := json.Unmarshal(raw, &many); err != nil {
		return nil, fmt.Errorf("%s is %s; expected a token id or a list of them", key, raw)
	}
	return many, nil
}

// layered checks layer_types, which says block by block what sliding_window says of all.
func (h *hfConfig) layered(c Config) error {
	if h.LayerTypes != nil && len(h.LayerTypes) != c.Layers {
		return fmt.Errorf("layer_types has %d entries for %d blocks", len(h.LayerTypes), c.Layers)
	}
	for l, kind := range h.LayerTypes {
		want := "full_attention"
		if c.window(l) > 0 {
			want = "sliding_attention"
		}
		if kind != want {
			return fmt.Errorf("layer_types[%d] is %q, and sliding_window and its kin make block %d %q; keep one of them", l, kind, l, want)
		}
	}
	return nil
}
