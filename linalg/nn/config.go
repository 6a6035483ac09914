package nn

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Config is the shape of a Llama-family model and the few numbers beside its weights.
type Config struct {
	Vocab        int // tokens; ids are 0…Vocab−1
	Width        int // of the residual stream; hidden_size
	Inner        int // of the gated MLP; intermediate_size
	Layers       int // blocks
	Heads        int // of queries
	KVHeads      int // of keys and values; Heads is a multiple
	HeadDim      int // even; Heads·HeadDim need not be Width
	MaxPositions int // that the model was made for; longer input runs, but nobody trained it
	Eps          float64
	Rope         Rope
	Tied         bool // the head is the embedding
	BOS          int  // −1: none
	EOS          []int
}

// hfConfig is config.json as far as it bears on numbers; pointers tell absent from zero.
// Keys of Transformers 5 and 4 stand side by side.
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

	Eps           *float64        `json:"rms_norm_eps"`
	RopeTheta     *float64        `json:"rope_theta"`
	RopeScaling   *hfRope         `json:"rope_scaling"`
	RopeParams    *hfRope         `json:"rope_parameters"`
	Tied          bool            `json:"tie_word_embeddings"`
	Act           string          `json:"hidden_act"`
	AttentionBias bool            `json:"attention_bias"`
	MLPBias       bool            `json:"mlp_bias"`
	Window        *int            `json:"sliding_window"`
	Rotary        *float64        `json:"partial_rotary_factor"`
	Quantised     json.RawMessage `json:"quantization_config"`
	BOS           json.RawMessage `json:"bos_token_id"`
	EOS           json.RawMessage `json:"eos_token_id"`
}

// ParseConfig reads Hugging Face's config.json. What this engine does not compute is
// refused by name. Where Transformers has a default for a missing key, the same holds
// here: num_key_value_heads = num_attention_heads, head_dim = hidden_size over heads,
// rms_norm_eps 1e-6, rope_theta 10000, max_position_embeddings 2048, untied.
func ParseConfig(data []byte) (Config, error) {
	var h hfConfig
	if err := json.Unmarshal(data, &h); err != nil {
		return Config{}, fmt.Errorf("config.json: %w", plainJSON(err))
	}
	if err := h.refuse(); err != nil {
		return Config{}, fmt.Errorf("config.json: %w", err)
	}
	c, err := h.config()
	if err == nil {
		err = c.Check()
	}
	if err != nil {
		return Config{}, fmt.Errorf("config.json: %w", err)
	}
	return c, nil
}

// plainJSON turns a type mistake into words with the key's name.
func plainJSON(err error) error {
	var mistake *json.UnmarshalTypeError
	if errors.As(err, &mistake) && mistake.Field != "" {
		return fmt.Errorf("%s is a %s; expected %s", mistake.Field, mistake.Value, mistake.Type)
	}
	return err
}

// refuse names the first thing that would change the numbers and is not built.
func (h *hfConfig) refuse() error {
	set := func(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }
	switch {
	case h.ModelType == "":
		return errors.New(`model_type is missing; supported: llama`)
	case h.ModelType != "llama":
		return fmt.Errorf("model_type %q is not supported yet; supported: llama", h.ModelType)
	case h.Act != "" && h.Act != "silu" && h.Act != "swish":
		return fmt.Errorf("hidden_act %q is not supported yet; supported: silu", h.Act)
	case h.AttentionBias:
		return errors.New("attention_bias true is not supported yet; supported: false")
	case h.MLPBias:
		return errors.New("mlp_bias true is not supported yet; supported: false")
	case h.Window != nil:
		return fmt.Errorf("sliding_window %d is not supported yet; supported: null", *h.Window)
	case h.Rotary != nil && *h.Rotary != 1:
		return fmt.Errorf("partial_rotary_factor %g is not supported yet; supported: 1", *h.Rotary)
	case set(h.Quantised):
		return errors.New("quantization_config is not supported yet; supported: weights in float32, float16 or bfloat16")
	}
	return nil
}

// config fills in what may be absent.
func (h *hfConfig) config() (c Config, err error) {
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
	c.MaxPositions, c.Eps, c.Tied = or(h.MaxPositions, 2048), or(h.Eps, 1e-6), h.Tied
	if c.Rope, err = h.rope(); err != nil {
		return c, err
	}
	c.BOS = -1
	if bos, err := tokens("bos_token_id", h.BOS); err != nil {
		return c, err
	} else if len(bos) > 0 {
		c.BOS = bos[0]
	}
	c.EOS, err = tokens("eos_token_id", h.EOS)
	return c, err
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

// Check says what is impossible about a shape, whoever wrote it.
func (c Config) Check() error {
	for _, side := range []struct {
		name string
		n    int
	}{
		{"vocab_size", c.Vocab}, {"hidden_size", c.Width}, {"intermediate_size", c.Inner}, {"num_hidden_layers", c.Layers},
		{"num_attention_heads", c.Heads}, {"num_key_value_heads", c.KVHeads}, {"head_dim", c.HeadDim}, {"max_position_embeddings", c.MaxPositions},
	} {
		if side.n < 1 || side.n > 1<<24 {
			return fmt.Errorf("%s is %d; expected 1 … %d", side.name, side.n, 1<<24)
		}
	}
	if c.Heads%c.KVHeads != 0 {
		return fmt.Errorf("num_attention_heads %d is no multiple of num_key_value_heads %d", c.Heads, c.KVHeads)
	}
	if c.HeadDim%2 != 0 {
		return fmt.Errorf("head_dim is %d; rotary positions need an even one", c.HeadDim)
	}
	if !(c.Eps > 0) {
		return fmt.Errorf("rms_norm_eps is %g; expected a positive number", c.Eps)
	}
	return c.Rope.check()
}

// Params counts the numbers of the model: four bytes each in memory.
func (c Config) Params() int {
	n := 0
	for _, s := range c.layout() {
		n += product(s.shape)
	}
	return n
}

func or[T any](p *T, otherwise T) T {
	if p != nil {
		return *p
	}
	return otherwise
}

func product(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}
