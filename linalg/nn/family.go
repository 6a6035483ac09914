package nn

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// family is one model_type of Hugging Face: how its config.json reads, and what its
// tensors are called. Adding a family is a file with one of these and a line below.
type family struct {
	// parse turns config.json into a shape, and refuses what would change the numbers
	// and is not built.
	parse func(h *hfConfig) (Config, error)
	// write adds the keys of config.json that are the family's own.
	write func(c Config, keys map[string]any)
	// design completes a shape of which only the sides are known.
	design func(c *Config)
	// parts lists the model's tensors, modules and blocks.
	parts func(c Config) *parts
	// rename turns a name found in a file into the one of parts, or "" for a tensor that
	// carries nothing. nil: names are as they should be.
	rename func(c Config, name string) string
	// windowed families write a sliding window into their config.json.
	windowed bool
}

// families by model_type.
var families = map[string]family{
	"llama": llama, "mistral": mistral, "qwen2": qwen2, "qwen3": qwen3, "gemma": gemma, "gpt2": gpt2,
	"bert": bert, "roberta": roberta, "distilbert": distilbert, "deberta-v2": deberta, "vit": vit, "t5": t5,
}

// Families lists the model_types that are built, sorted.
func Families() []string { return slices.Sorted(maps.Keys(families)) }

func unknownFamily(name string) error {
	if name == "" {
		return fmt.Errorf("model_type is missing; supported: %s", strings.Join(Families(), ", "))
	}
	return fmt.Errorf("model_type %q is not supported yet; supported: %s", name, strings.Join(Families(), ", "))
}

// ParseConfig reads Hugging Face's config.json, in the style of Transformers 5 or 4. What
// this engine does not compute is refused by name; keys that are missing mean what
// Transformers takes them to mean.
func ParseConfig(data []byte) (Config, error) {
	c, err := parseConfig(data)
	if err != nil {
		return Config{}, fmt.Errorf("config.json: %w", err)
	}
	return c, nil
}

func parseConfig(data []byte) (Config, error) {
	var h hfConfig
	if err := json.Unmarshal(data, &h); err != nil {
		return Config{}, plainJSON(err)
	}
	f, ok := families[h.ModelType]
	if !ok {
		return Config{}, unknownFamily(h.ModelType)
	}
	if h.set(h.Quantised) {
		return Config{}, errors.New("quantization_config is not supported yet; supported: weights in float32, float16 or bfloat16")
	}
	c, err := f.parse(&h)
	if err != nil {
		return Config{}, err
	}
	c.Family, c.BOS = h.ModelType, -1
	if bos, err := tokens("bos_token_id", h.BOS); err != nil {
		return c, err
	} else if len(bos) > 0 {
		c.BOS = bos[0]
	}
	if c.EOS, err = tokens("eos_token_id", h.EOS); err != nil {
		return c, err
	}
	return c, c.Check()
}

// Shape is what a scenario says of a model; the family adds the rest.
type Shape struct {
	Vocab, Width, Inner, Layers, Heads, KVHeads, Context int
	Tied                                                 bool
	Classes                                              int   // of a head that answers for sequences; 0: none
	Image                                                Image // for families that read pictures
	Window                                               int   // a place sees so many, itself the last of them; 0: all
}

// Design makes the Config of a new model of a family, with rotary base, epsilon and the
// like as that family has them. Heads are Width/Heads wide.
func Design(name string, s Shape) (Config, error) {
	f, ok := families[name]
	if !ok {
		return Config{}, unknownFamily(name)
	}
	c := Config{Family: name, Vocab: s.Vocab, Width: s.Width, Inner: s.Inner, Layers: s.Layers, Heads: s.Heads, KVHeads: s.KVHeads,
		HeadDim: s.Width / max(s.Heads, 1), MaxPositions: s.Context, Eps: 1e-5, Tied: s.Tied, BOS: -1, Image: s.Image}
	c.Answer.Outputs = s.Classes
	if s.Heads > 0 && s.Width%s.Heads != 0 {
		return c, fmt.Errorf("d %d cannot be shared by %d heads; choose a d that is a multiple of heads", s.Width, s.Heads)
	}
	f.design(&c)
	if s.Classes > 0 && !c.Headless {
		return c, fmt.Errorf("a %s says tokens; a head for %d classes stands on encoders only", name, s.Classes)
	}
	if c.Window = s.Window; s.Window > 0 && !f.windowed {
		return c, fmt.Errorf("a %s has no sliding window", name)
	}
	if s.Image != c.Image {
		return c, fmt.Errorf("a %s does not read pictures", name)
	}
	return c, c.Check()
}

// JSON writes the shape as a Hugging Face config.json (Transformers 5), which
// [ParseConfig] and Transformers read back. Keys are in alphabetical order.
func (c Config) JSON() []byte {
	keys := map[string]any{"model_type": c.Family, "dtype": "float32", "vocab_size": c.Vocab,
		"tie_word_embeddings": c.Tied, "bos_token_id": nil, "eos_token_id": nil}
	if c.BOS >= 0 {
		keys["bos_token_id"] = c.BOS
	}
	if len(c.EOS) == 1 {
		keys["eos_token_id"] = c.EOS[0]
	} else if len(c.EOS) > 1 {
		keys["eos_token_id"] = c.EOS
	}
	families[c.Family].write(c, keys)
	b, err := json.MarshalIndent(keys, "", "  ")
	if err != nil {
		panic("nn: a config of plain numbers does not marshal: " + err.Error()) // an infinite Eps or Theta, which Check refuses
	}
	return append(b, '\n')
}
