package nn

import (
	"fmt"
	"math"
	"reflect"

	"github.com/loramesh/loramesh/linalg/kernel"
)

// Config is the shape of a model and all beside its weights that bears on numbers: what
// its family (see family.go) makes of Hugging Face's config.json. A zero field is the
// plain case, so that a family says only what is particular to it.
type Config struct {
	Family       string // Hugging Face's model_type
	Vocab        int    // tokens; ids are 0…Vocab−1
	Width        int    // of the residual stream; hidden_size
	Inner        int    // of the MLP; intermediate_size
	Layers       int    // blocks
	Heads        int    // of queries
	KVHeads      int    // of keys and values; Heads is a multiple
	HeadDim      int    // Heads·HeadDim need not be Width
	MaxPositions int    // that the model was made for

	Norm   Norm
	Eps    float64 // inside the root of a norm
	Post   bool    // norms stand behind the residual sums, as in BERT, not before the modules
	QKNorm bool    // queries and keys are normed per head, before rotation (Qwen3)

	Act     kernel.Activation
	Gated   bool // down(act(gate)∘up) and not down(act(up))
	QKVBias bool
	OutBias bool // of attention's output
	MLPBias bool

	Rope           Rope         // Kind "": no rotation
	Learned        bool         // positions have vectors of their own, which are added to the embedding
	PositionOffset int          // the vector of position 0 stands in this row (RoBERTa)
	Types          int          // token types with vectors of their own (BERT)
	EmbedNorm      bool         // the sum of these vectors is normed
	EmbedScale     float64      // multiplies the embedding; 0: not at all
	Bidirectional  bool         // every place sees all others, not those before it alone
	Window         int          // a place sees so many, itself the last of them; 0: all
	WindowFrom     int          // first block with that window
	Scale          float64      // of attention's scores; 0: HeadDim^−½
	Tied           bool         // the head is the embedding
	Headless       bool         // no head of tokens at all
	Answer         Answer       // a head that answers for whole sequences
	Classes        []string     // what its outputs are called; nil: nobody named them
	Image          Image        // what is read are pictures, not tokens
	Decoder        Decoder      // a second stack that looks at the first
	HeadScale      float64      // multiplies what goes into the head; 0: not at all
	Apart          Disentangled // scores of distances beside those of contents (DeBERTa)

	BOS int // −1: none
	EOS []int
}

// Norm is how rows are normed.
type Norm uint8

// The norms that models use.
const (
	RMSNorm   Norm = iota // x/√(mean x² + eps)∘gain
	LayerNorm             // (x − mean)/√(variance + eps)∘gain + bias
	GemmaNorm             // RMSNorm whose gain is stored less 1
)

// scale of attention's scores.
func (c *Config) scale() float64 {
	if c.Scale != 0 {
		return c.Scale
	}
	return 1 / math.Sqrt(float64(c.HeadDim))
}

// sides of attention: of all queries, and of all keys or values.
func (c *Config) wide() int   { return c.Heads * c.HeadDim }
func (c *Config) narrow() int { return c.KVHeads * c.HeadDim }

// window of block l; 0: none.
func (c *Config) window(l int) int {
	if l < c.WindowFrom {
		return 0
	}
	return c.Window
}

// Check says what is impossible about a shape, whoever wrote it. Sides bear the names
// that config.json has for them in the Llama style.
func (c Config) Check() error {
	if _, ok := families[c.Family]; !ok {
		return unknownFamily(c.Family)
	}
	if err := c.checkReading(); err != nil {
		return err
	}
	for _, side := range []struct {
		name string
		n    int
	}{
		{"hidden_size", c.Width}, {"intermediate_size", c.Inner}, {"num_hidden_layers", c.Layers},
		{"num_attention_heads", c.Heads}, {"num_key_value_heads", c.KVHeads}, {"head_dim", c.HeadDim}, {"max_position_embeddings", c.MaxPositions},
	} {
		if side.n < 1 || side.n > 1<<24 {
			return fmt.Errorf("%s is %d; expected 1 … %d", side.name, side.n, 1<<24)
		}
	}
	if c.Heads%c.KVHeads != 0 {
		return fmt.Errorf("num_attention_heads %d is no multiple of num_key_value_heads %d", c.Heads, c.KVHeads)
	}
	if c.Rope.Kind != "" && c.HeadDim%2 != 0 {
		return fmt.Errorf("head_dim is %d; rotary positions need an even one", c.HeadDim)
	}
	if !(c.Eps > 0) {
		return fmt.Errorf("the epsilon of the norms is %g; expected a positive number", c.Eps)
	}
	if d := c.Decoder; d != (Decoder{}) && (d.Layers < 1 || d.Layers > 1<<16 || d.Buckets < 4 || d.Buckets > 1<<16 || d.Distance <= d.Buckets/2 || d.Start < 0 || d.Start >= c.Vocab || d.Pad < 0 || d.Pad >= c.Vocab) {
		return fmt.Errorf("num_decoder_layers %d, relative_attention_num_buckets %d, relative_attention_max_distance %d, decoder_start_token_id %d, pad_token_id %d; "+
			"expected a block or more, 4 buckets or more and fewer than twice the distance, and tokens of the vocabulary", d.Layers, d.Buckets, d.Distance, d.Start, d.Pad)
	}
	if c.Window < 0 || c.Bidirectional && c.Window > 0 {
		return fmt.Errorf("sliding_window is %d; expected at least 1, in a model that looks back only", c.Window)
	}
	if err := c.Apart.check(c); err != nil {
		return err
	}
	return c.Rope.check()
}

// checkReading is Check for what goes in: tokens or pictures.
func (c Config) checkReading() error {
	if c.Image == (Image{}) && c.Family != "vit" {
		if c.Vocab < 1 || c.Vocab > 1<<24 {
			return fmt.Errorf("vocab_size is %d; expected 1 … %d", c.Vocab, 1<<24)
		}
		return nil
	}
	m := c.Image
	if m.Size < 1 || m.Size > 1<<14 || m.Patch < 1 || m.Channels < 1 || m.Channels > 1<<10 || m.Size%m.Patch != 0 {
		return fmt.Errorf("image_size %d, patch_size %d, num_channels %d; expected positive numbers, and an image_size that is a multiple of patch_size", m.Size, m.Patch, m.Channels)
	}
	return nil
}

// Params counts the numbers of the model: four bytes each in memory.
func (c Config) Params() int {
	n := 0
	for _, s := range partsOf(c).slots {
		n += product(s.shape)
	}
	return n
}

// same says whether two models need the same workspace.
func (c Config) same(d Config) bool {
	c.BOS, c.EOS, c.Classes, d.BOS, d.EOS, d.Classes = 0, nil, nil, 0, nil, nil
	return reflect.DeepEqual(c, d)
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
