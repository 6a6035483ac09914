package base

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/linalg/tokenizer"
	"github.com/loramesh/loramesh/sim/data"
)

// Folder says what is made of a Hugging Face folder beside reading it.
type Folder struct {
	Dir string
	// Form is as in [Checkpoint].
	Form nn.Form
	// Classes are those that an encoder without a head is to tell apart: it gets a codebook for
	// them. nil: it must have a head.
	Classes []string
}

// codebookSeed draws the codebooks of encoders in folders.
const codebookSeed = 1

// FromFolder reads a Hugging Face folder: the [Checkpoint] and the [Tokenizer]. Errors name
// the file.
func FromFolder(title string, f Folder, files data.Files) (*Base, error) {
	dir := f.Dir
	c, err := OpenCheckpoint(dir, files)
	if err != nil {
		return nil, err
	}
	var drawn []string
	if c.Config.Headless && c.Config.Answer.Outputs == 0 {
		if len(f.Classes) == 0 {
			return nil, folder{dir: dir}.fault("config.json", fmt.Errorf("this %s has no head, and there is no data set whose answers could be its classes: name one by `classes`", c.Config.Family))
		}
		if drawn, err = c.codebook(f.Classes); err != nil {
			return nil, fmt.Errorf("%s: %w", dir, err)
		}
	}
	c.Form = f.Form
	model, err := c.Model()
	if err != nil {
		return nil, err
	}
	var tok *tokenizer.Tokenizer
	var look data.Look
	if c.Config.Image != (nn.Image{}) {
		look, err = Look(dir, files)
	} else if tok, err = Tokenizer(dir, files); err == nil {
		err = c.Suits(tok)
	}
	if err != nil {
		return nil, err
	}
	b, err := newBase(title, model, tok, look, c.Config.MaxPositions)
	if err != nil {
		return nil, err
	}
	b.drawn = drawn
	return b, nil
}

// codebook gives an encoder a head for these classes; drawn are its tensors.
func (c *Checkpoint) codebook(classes []string) (drawn []string, err error) {
	config, err := c.Config.Answering(nn.Answer{Outputs: len(classes)}, classes)
	if err != nil {
		return nil, err
	}
	tensors, drawn, err := nn.Crown(config, c.Tensors, orthonormal(codebookKey(codebookSeed).Stream()))
	if err != nil {
		return nil, err
	}
	c.Config, c.Tensors = config, tensors
	return drawn, nil
}

// Checkpoint is config.json and the tensors of a Hugging Face folder, whose numbers are read
// when they are asked for: model.safetensors or, where there is no such file, the shards that
// model.safetensors.index.json names.
type Checkpoint struct {
	Dir     string
	Config  nn.Config
	Tensors []safetensors.Tensor
	// Form is how the weights are to be held and multiplied by; one that is not zero makes
	// another model of them.
	Form nn.Form
}

// OpenCheckpoint reads config.json, and the names and shapes of the weights.
func OpenCheckpoint(dir string, files data.Files) (*Checkpoint, error) {
	f := folder{dir, files}
	text, err := f.read("config.json")
	if err != nil {
		return nil, err
	}
	config, err := nn.ParseConfig(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err) // which names config.json itself
	}
	tensors, err := f.weights()
	if err != nil {
		return nil, err
	}
	if config.Layers > len(tensors) { // each layer has some; what follows believes the config
		return nil, f.fault("config.json", fmt.Errorf("num_hidden_layers is %d, and the weights are %d tensors in all: the two do not belong together", config.Layers, len(tensors)))
	}
	return &Checkpoint{Dir: dir, Config: config, Tensors: tensors}, nil
}

// Model reads the weights. The files must stay as they are while it lives.
func (c *Checkpoint) Model() (*nn.Model, error) {
	model, err := nn.LoadAs(c.Config, c.Tensors, c.Form)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Dir, err)
	}
	return model, nil
}

// Fits says in what weights and config.json differ, without reading numbers.
func (c *Checkpoint) Fits() error {
	if err := nn.Fits(c.Config, c.Tensors); err != nil {
		return fmt.Errorf("%s: %w", c.Dir, err)
	}
	return nil
}

// Suits refuses a tokenizer that has tokens without a row in the embedding.
func (c *Checkpoint) Suits(tok *tokenizer.Tokenizer) error {
	if tok.Vocab() > c.Config.Vocab {
		return folder{dir: c.Dir}.fault("tokenizer.json", fmt.Errorf("it has %d tokens, and config.json says vocab_size %d: the two do not belong together", tok.Vocab(), c.Config.Vocab))
	}
	return nil
}

// Tokenizer reads the tokenizer of a Hugging Face folder: tokenizer.json or, where there is
// none, GPT-2's vocab.json and merges.txt. Errors name the file.
func Tokenizer(dir string, files data.Files) (*tokenizer.Tokenizer, error) {
	f := folder{dir, files}
	text, err := f.read("tokenizer.json")
	var none missing
	if errors.As(err, &none) {
		vocab, errVocab := f.read("vocab.json")
		merges, errMerges := f.read("merges.txt")
		if errVocab != nil || errMerges != nil {
			return nil, err // tokenizer.json is what the user is to look for
		}
		tok, err := tokenizer.FromMerges(vocab, merges)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", dir, err) // which names the file itself
		}
		return tok, nil
	}
	if err != nil {
		return nil, err
	}
	tok, err := tokenizer.Parse(text)
	if err != nil {
		return nil, f.fault("tokenizer.json", err)
	}
	return tok, nil
}

// folder is a folder as Hugging Face writes it.
type folder struct {
	dir   string
	files data.Files
}

func (f folder) read(file string) ([]byte, error) {
	b, err := f.files.ReadFile(filepath.Join(f.dir, file))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, missing{f.dir, file}
	}
	return b, err
}

func (f folder) fault(file string, err error) error {
	return fmt.Errorf("%s: %w", filepath.Join(f.dir, file), err)
}

// missing is a file that a folder should have.
type missing struct{ dir, file string }

func (m missing) Error() string {
	return fmt.Sprintf("%s has no %s; a Hugging Face folder has config.json, model.safetensors and tokenizer.json", m.dir, m.file)
}
