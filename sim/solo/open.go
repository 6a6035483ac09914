package solo

import (
	"fmt"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/linalg/lora/peft"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/tokenizer"
	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/suggest"
)

// Model is a frozen base with adapters on it. Any number of runners share it.
type Model struct {
	Dir       string
	Net       *nn.Model
	Tokenizer *tokenizer.Tokenizer // nil until [Model.ReadTokenizer]
	look      data.Look            // of a model that reads pictures
	branches  []nn.Branch          // of all adapters, in their order
	head      []string             // tensors of the head that a training is to move
}

// Opening says what is made of a base as it is read.
type Opening struct {
	// Form is how the weights, those that adapters replace included, are to be held and
	// multiplied by.
	Form     nn.Form
	Adapters []Adapter
	// Head, if not nil, is the one that an encoder is to get, for it is to be trained.
	Head *Head
}

// Adapter is an adapter folder that has been read, and how messages call it.
type Adapter struct {
	Name string
	*peft.Folder
}

// Open reads a base and puts adapters on it. Factors, magnitudes and biases of factors run
// beside the weights, as PEFT runs them; tensors that an adapter brings whole (heads, biases,
// embeddings) take the place of the base's, of the last adapter that has them.
func Open(dir string, how Opening, files data.Files) (*Model, error) {
	c, err := base.OpenCheckpoint(dir, files)
	if err != nil {
		return nil, err
	}
	m := &Model{Dir: dir}
	for _, a := range how.Adapters {
		if a.Config.Moved() {
			_, err := a.Factors() // which says why
			return nil, fmt.Errorf("%s: %w", a.Name, err)
		}
		if err := crownBy(c, a.Folder); err != nil {
			return nil, fmt.Errorf("%s: %w", a.Name, err)
		}
		if err := replace(c, a); err != nil {
			return nil, fmt.Errorf("%s: %w", a.Name, err)
		}
	}
	if how.Head != nil {
		if m.head, err = how.Head.crown(c); err != nil {
			return nil, fmt.Errorf("%s: %w", dir, err)
		}
	}
	if c.Config.Image != (nn.Image{}) {
		if m.look, err = base.Look(dir, files); err != nil {
			return nil, err
		}
	}
	c.Form = how.Form
	if m.Net, err = c.Model(); err != nil {
		return nil, err
	}
	for _, a := range how.Adapters {
		bs, err := beside(m.Net, a.Folder)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.Name, err)
		}
		m.branches = append(m.branches, bs...)
	}
	_, err = m.Runner()
	return m, err
}

// ReadTokenizer reads the tokenizer of the base's folder, if it reads texts.
func (m *Model) ReadTokenizer(files data.Files) error {
	if m.Net.Config().Image != (nn.Image{}) {
		return nil
	}
	tok, err := base.Tokenizer(m.Dir, files)
	if err != nil {
		return err
	}
	if err := (&base.Checkpoint{Dir: m.Dir, Config: m.Net.Config()}).Suits(tok); err != nil {
		return err
	}
	m.Tokenizer = tok
	return nil
}

// Runner makes a runner of the model with its adapters attached, frozen.
func (m *Model) Runner() (*nn.Runner, error) {
	run := nn.NewRunner(m.Net)
	bs := make([]*nn.Branch, len(m.branches))
	for i := range m.branches {
		b := m.branches[i] // a branch belongs to one runner
		bs[i] = &b
	}
	return run, run.Attach(bs...)
}

// replace puts the tensors that an adapter brings whole in the place of the base's.
func replace(c *base.Checkpoint, a Adapter) error {
	if len(a.Saved) == 0 {
		return nil
	}
	m, err := peft.NewMerger(&peft.Folder{Config: a.Config, Saved: a.Saved}, c.Config.Family)
	if err != nil {
		return err
	}
	m.AsSaved = true
	base.Untie(m, c)
	if c.Tensors, err = m.Merge(c.Tensors); err != nil {
		return err
	}
	if left := m.Left(); len(left) > 0 {
		return fmt.Errorf("%s: tensor %q takes the place of one that %s does not have: the adapter is for another base, or for another head", peft.TensorsFile, left[0], c.Dir)
	}
	return nil
}

// beside are the layers of an adapter as branches.
func beside(net *nn.Model, f *peft.Folder) (bs []nn.Branch, err error) {
	modules := net.Modules()
	for _, l := range f.Layers {
		i := slices.IndexFunc(modules, func(m nn.Module) bool { return m.HF == l.Module && m.Of == "" })
		if i < 0 {
			return nil, fmt.Errorf("%s: the base has no module %q%s", peft.TensorsFile, l.Module, suggest.DidYouMean(l.Module, paths(modules)))
		}
		m := modules[i]
		if m.Out != l.Out || m.In != l.In {
			return nil, fmt.Errorf("%s: the adapter of %q is for %d outputs and %d inputs, and the base has %d and %d there: it is for another base", peft.TensorsFile, l.Module, l.Out, l.In, m.Out, m.In)
		}
		bs = append(bs, nn.Branch{Module: m.Name, A: l.A, B: l.B, Rank: l.Rank, Scale: float32(l.Scale), Magnitude: l.Magnitude, Bias: l.Bias})
	}
	return bs, nil
}

// paths lists what whole layers are called in Hugging Face's world.
func paths(modules []nn.Module) (names []string) {
	for _, m := range modules {
		if m.Of == "" {
			names = append(names, m.HF)
		}
	}
	return names
}

// continues says whether the model can be asked what may follow a text that it reads once, as
// language models of one stack can.
func (m *Model) continues() error {
	c := m.Net.Config()
	if c.Headless || c.Bidirectional {
		return fmt.Errorf("a model of type %q continues no texts: it answers for whole ones; supported: language models, as llama or gpt2", c.Family)
	}
	if c.Decoder != (nn.Decoder{}) {
		return fmt.Errorf("a model of type %q reads a text and writes another; what follows in the text it does not say: ask it by generate, or score", c.Family)
	}
	return nil
}

// reader is how the model reads examples.
func (m *Model) reader(r Reading) (data.Reader, error) {
	c := m.Net.Config()
	return data.NewReader(c, m.Tokenizer, m.look, r.Tokens, c.MaxPositions)
}

// Ends are the tokens that end a text: those of config.json or, where it names none, the
// tokenizer's.
func (m *Model) Ends() []int {
	if ends := m.Net.Config().EOS; len(ends) > 0 {
		return ends
	}
	if m.Tokenizer != nil {
		if id, ok := m.Tokenizer.EOS(); ok {
			return []int{int(id)}
		}
	}
	return nil
}

// Prompt encodes a text that is to be continued: behind the token that begins a text, if the
// tokenizer has one. Models that read a text as a whole get the whole template.
func (m *Model) Prompt(text string) []int32 {
	if c := m.Net.Config(); c.Bidirectional || c.Decoder != (nn.Decoder{}) {
		return m.Tokenizer.Encode(text, true)
	}
	var ids []int32
	if id, ok := m.Tokenizer.BOS(); ok {
		ids = append(ids, id)
	}
	return append(ids, m.Tokenizer.Encode(text, false)...)
}

// Piece is how a token is written in messages and tables: its text where that can be read,
// with white space as \n and the like.
func (m *Model) Piece(id int32) string {
	if m.Tokenizer == nil {
		return ""
	}
	text := m.Tokenizer.Decode([]int32{id}, false)
	if text == "" || strings.ContainsRune(text, '\uFFFD') {
		if piece, ok := m.Tokenizer.Piece(id); ok {
			return piece
		}
	}
	return text
}
