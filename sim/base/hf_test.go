package base_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/linalgtest"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/linalg/tokenizer"
	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/simtest"
)

const (
	configFile = "hf/config.json"
	oneFile    = "hf/model.safetensors"
	indexFile  = "hf/model.safetensors.index.json"
	tokens     = "hf/tokenizer.json"
)

// folder is a whole Hugging Face folder, as small as it gets.
func folder(t testing.TB) simtest.Files {
	t.Helper()
	tok, err := tokenizer.Words(strings.Fields("the cat sat on a mat ."))
	if err != nil {
		t.Fatal(err)
	}
	c, err := nn.Design("llama", nn.Shape{Vocab: tok.Vocab(), Width: 4, Inner: 8, Layers: 1, Heads: 1, KVHeads: 1, Context: 8, Tied: true})
	if err != nil {
		t.Fatal(err)
	}
	m, err := nn.New(c, 0.1, rng.New(1).Stream())
	if err != nil {
		t.Fatal(err)
	}
	return simtest.Files{configFile: string(c.JSON()), oneFile: encode(t, m.Tensors()), tokens: string(tok.JSON())}
}

func encode(t testing.TB, x linalg.Tensors) string {
	t.Helper()
	b, err := safetensors.EncodeTensors(x)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func decode(t testing.TB, s string) linalg.Tensors {
	t.Helper()
	x, err := safetensors.DecodeTensors([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// sharded cuts the one file in two, with an index.
func sharded(t testing.TB) simtest.Files {
	t.Helper()
	f := folder(t)
	all := decode(t, f[oneFile])
	delete(f, oneFile)
	index := map[string]string{}
	for i, list := range [][]linalg.Tensor{all.List[:3], all.List[3:]} {
		name := fmt.Sprintf("model-%d.safetensors", i)
		for _, x := range list {
			index[x.Name] = name
		}
		f["hf/"+name] = encode(t, linalg.Tensors{List: list})
	}
	b, err := json.Marshal(map[string]any{"weight_map": index})
	if err != nil {
		t.Fatal(err)
	}
	f[indexFile] = string(b)
	return f
}

func TestFolder(t *testing.T) {
	b, err := base.FromFolder("main", base.Folder{Dir: "hf"}, folder(t))
	if err != nil {
		t.Fatal(err)
	}
	if b.Name != "main" || b.Context != 8 || b.Model.Config().Width != 4 || b.Tokenizer.Vocab() != 10 {
		t.Errorf("found %q with context %d, width %d, %d tokens", b.Name, b.Context, b.Model.Config().Width, b.Tokenizer.Vocab())
	}
	f := b.Facts()
	if f.Blob != b.Blob || f.Blocks != 1 || f.Width != 4 || len(f.Modules) != 9 || f.Modules[1].Name != "0.q" || f.Modules[1].Out != 4 {
		t.Errorf("its facts are %+v", f)
	}
	parts, err := base.FromFolder("main", base.Folder{Dir: "hf"}, sharded(t))
	if err != nil {
		t.Fatal(err)
	}
	if parts.Blob != b.Blob {
		t.Error("the same weights in shards are another base")
	}
	both := sharded(t)
	both[oneFile] = folder(t)[oneFile]
	delete(both, "hf/model-1.safetensors")
	if _, err := base.FromFolder("main", base.Folder{Dir: "hf"}, both); err != nil {
		t.Errorf("an index beside a whole file: %v", err)
	}
}

// The hash names all that an answer follows from, not the weights alone.
func TestBlobNamesShapeAndTokenizer(t *testing.T) {
	whole, err := base.FromFolder("main", base.Folder{Dir: "hf"}, folder(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(f simtest.Files){
		"rotary base": func(f simtest.Files) { f[configFile] = strings.Replace(f[configFile], "10000", "5000", 1) },
		"tokenizer":   func(f simtest.Files) { f[tokens] = strings.Replace(f[tokens], `"cat"`, `"dog"`, 1) },
		"weights":     func(f simtest.Files) { f[oneFile] = f[oneFile][:len(f[oneFile])-4] + "\x00\x00\x00\x3f" },
	} {
		f := folder(t)
		change(f)
		b, err := base.FromFolder("main", base.Folder{Dir: "hf"}, f)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if b.Blob == whole.Blob {
			t.Errorf("another %s gives the same hash", name)
		}
	}
}

// Whatever is wrong with a folder, the message names the file and what was expected.
func TestFolderFaults(t *testing.T) {
	lie := func(f simtest.Files) { // the header says that the first tensor is larger than the file
		f[oneFile] = strings.Replace(f[oneFile], `"data_offsets":[0,`, `"data_offsets":[0,9`, 1)
	}
	for name, c := range map[string]struct {
		folder func(testing.TB) simtest.Files
		change func(simtest.Files)
		want   []string
	}{
		"no config":    {folder, func(f simtest.Files) { delete(f, configFile) }, []string{"hf has no config.json"}},
		"no tokenizer": {folder, func(f simtest.Files) { delete(f, tokens) }, []string{"hf has no tokenizer.json"}},
		"no weights":   {folder, func(f simtest.Files) { delete(f, oneFile) }, []string{"hf has no model.safetensors;"}},
		"pickled": {folder, func(f simtest.Files) {
			f["hf/pytorch_model.bin"] = "PK"
			delete(f, oneFile)
		}, []string{"hf has no model.safetensors, and pytorch_model.bin is not read", "save_pretrained"}},
		"config is no JSON":  {folder, func(f simtest.Files) { f[configFile] = "{" }, []string{"hf: config.json: "}},
		"another model":      {folder, func(f simtest.Files) { f[configFile] = `{"model_type": "bloom"}` }, []string{"hf: config.json: ", "bloom", "llama"}},
		"tokenizer is empty": {folder, func(f simtest.Files) { f[tokens] = "{}" }, []string{tokens}},
		"truncated":          {folder, func(f simtest.Files) { f[oneFile] = f[oneFile][:len(f[oneFile])-1] }, []string{oneFile, "truncated"}},
		"header lies":        {folder, lie, []string{oneFile, "data_offsets"}},
		"header is too long": {folder, func(f simtest.Files) { f[oneFile] = "\xff\xff\xff\x00\x00\x00\x00\x00{}" }, []string{oneFile, "header"}},
		"config disagrees": {folder, func(f simtest.Files) {
			f[configFile] = strings.Replace(f[configFile], `"intermediate_size": 8`, `"intermediate_size": 12`, 1)
		}, []string{"gate_proj.weight", "[8 4]", "[12 4]", "intermediate_size 12"}},
		"config wants more": {folder, func(f simtest.Files) {
			f[configFile] = strings.Replace(f[configFile], `"num_hidden_layers": 1`, `"num_hidden_layers": 2`, 1)
		}, []string{"model.layers.1.", "missing"}},
		"config wants far more": {folder, func(f simtest.Files) {
			f[configFile] = strings.Replace(f[configFile], `"num_hidden_layers": 1`, `"num_hidden_layers": 16777216`, 1)
		}, []string{"hf/config.json: ", "num_hidden_layers is 16777216", "tensors in all"}},
		"vocabulary": {folder, func(f simtest.Files) {
			f[tokens] = string(tokenizerOf(t, "the cat sat on a mat . too many words").JSON())
		}, []string{tokens, "13 tokens", "vocab_size 10"}},
		"index is no JSON":  {sharded, func(f simtest.Files) { f[indexFile] = "[" }, []string{indexFile}},
		"index is empty":    {sharded, func(f simtest.Files) { f[indexFile] = "{}" }, []string{indexFile, "weight_map"}},
		"shard is missing":  {sharded, func(f simtest.Files) { delete(f, "hf/model-1.safetensors") }, []string{indexFile, "model-1.safetensors", "not in the folder"}},
		"shard is cut":      {sharded, func(f simtest.Files) { f["hf/model-0.safetensors"] = "abc" }, []string{"hf/model-0.safetensors"}},
		"shards overlap":    {sharded, func(f simtest.Files) { f["hf/model-1.safetensors"] = f["hf/model-0.safetensors"] }, []string{"model-1", "model-0", "too"}},
		"index goes astray": {sharded, func(f simtest.Files) { f[indexFile] = strings.ReplaceAll(f[indexFile], "model-1", "../model-1") }, []string{indexFile, "../model-1", "same folder"}},
		"index lies": {sharded, func(f simtest.Files) {
			f[indexFile] = strings.Replace(f[indexFile], `"model.norm.weight":"model-1`, `"model.norm.weight":"model-0`, 1)
		}, []string{indexFile, "model.norm.weight", "does not have it"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := c.folder(t)
			before := fmt.Sprint(f)
			c.change(f)
			if fmt.Sprint(f) == before {
				t.Fatal("the change changed nothing")
			}
			_, err := base.FromFolder("main", base.Folder{Dir: "hf"}, f)
			if err == nil {
				t.Fatal("it was read")
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q is not in: %v", w, err)
				}
			}
		})
	}
}

func tokenizerOf(t testing.TB, words string) *tokenizer.Tokenizer {
	t.Helper()
	tok, err := tokenizer.Words(strings.Fields(words))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// disk reads real files.
type disk struct{}

func (disk) ReadFile(name string) ([]byte, error)  { return os.ReadFile(name) }
func (disk) Glob(pattern string) ([]string, error) { return filepath.Glob(pattern) }

func TestGoldenFolder(t *testing.T) {
	dir := linalgtest.Beside(t, "data/model_stories260k/hf")
	b, err := base.FromFolder("stories", base.Folder{Dir: dir}, disk{})
	if err != nil {
		t.Fatal(err)
	}
	c := b.Model.Config()
	if c.Width != 64 || c.Layers != 5 || c.Heads != 8 || c.KVHeads != 4 || !c.Tied || b.Context != 512 || b.Tokenizer.Vocab() != 512 {
		t.Errorf("read as %+v with context %d and %d tokens", c, b.Context, b.Tokenizer.Vocab())
	}
	again, err := base.FromFolder("other", base.Folder{Dir: dir}, disk{})
	if err != nil || again.Blob != b.Blob {
		t.Errorf("read again: %v, %v", again.Blob, err)
	}
}

// A base whose products round is another one, even where its weights are numbers of bf16, and
// the same whether it was read so or made so.
func TestRoundingIsAnotherBase(t *testing.T) {
	plain, err := base.FromFolder("main", base.Folder{Dir: "hf"}, folder(t))
	if err != nil {
		t.Fatal(err)
	}
	held, err := base.FromFolder("main", base.Folder{Dir: "hf", Form: nn.Form{Weights: "BF16"}}, folder(t))
	if err != nil {
		t.Fatal(err)
	}
	read, err := base.FromFolder("main", base.Folder{Dir: "hf", Form: nn.Form{Products: "BF16"}}, folder(t))
	if err != nil {
		t.Fatal(err)
	}
	made, err := plain.Rounding("BF16")
	if err != nil {
		t.Fatal(err)
	}
	both, err := held.Rounding("BF16")
	if err != nil {
		t.Fatal(err)
	}
	if read.Blob != made.Blob || made.Model.Rounds() != kernel.Rounded || made.Context != plain.Context || made.Words() != plain.Words() {
		t.Errorf("read as %.12s, made as %.12s", read.Blob, made.Blob)
	}
	if made.Blob == plain.Blob || both.Blob == held.Blob {
		t.Error("products that round have the hash of others")
	}
}
