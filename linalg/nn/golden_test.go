package nn

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/linalgtest"
	"github.com/loramesh/loramesh/linalg/safetensors"
)

// TestGoldenModels runs every folder of golden/models: Hugging Face models with what
// PyTorch, Transformers and PEFT computed with them.
func TestGoldenModels(t *testing.T) {
	root := linalgtest.Golden(t, "models")
	folders, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		if !f.IsDir() {
			continue
		}
		t.Run(f.Name(), func(t *testing.T) { goldenModel(t, filepath.Join(root, f.Name())) })
	}
}

// golden is one folder while it is tested.
type golden struct {
	*linalgtest.Vectors
	dir       string
	kind      string // "models/llama"
	model     *Model
	optimizer goldenOptimizer
}

func goldenModel(t *testing.T, dir string) {
	raw, err := os.ReadFile(filepath.Join(dir, "config.json"))
	if err != nil {
		t.Fatal(err)
	}
	var head struct {
		Type string `json:"model_type"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		t.Fatal(err)
	}
	g := &golden{dir: dir, kind: "models/" + head.Type}
	config, err := ParseConfig(raw)
	linalgtest.Settle(t, g.kind, err)
	if g.model, err = Load(config, shards(t, dir)); err != nil {
		t.Fatal(err)
	}
	g.Vectors = linalgtest.ReadVectors(t, dir)
	var settings struct{ Optimizer goldenOptimizer }
	linalgtest.ReadJSON(t, filepath.Join(dir, "golden.json"), &settings)
	g.optimizer = settings.Optimizer

	skipped := map[string]bool{}
	for _, part := range g.parts() {
		t.Run(part, func(t *testing.T) {
			defer func() { skipped[part] = t.Skipped() }()
			g.run(t, part)
		})
	}
	for _, name := range g.Rest() {
		if !skipped[partOf(name)] && !strings.HasPrefix(name, "in.") {
			t.Errorf("nothing compared the golden tensor %q", name)
		}
	}
}

// shards reads all weights of a folder.
func shards(t *testing.T, dir string) []safetensors.Tensor {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "model*.safetensors"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no weights in %s", filepath.Base(dir))
	}
	var all []safetensors.Tensor
	for _, f := range files {
		all = append(all, linalgtest.ReadTensors(t, f).Tensors...)
	}
	return all
}

// partOf is the sub-test a tensor belongs to: "forward.left", "lora.qv", "kd", "full".
func partOf(name string) string {
	words := strings.Split(name, ".")
	switch words[0] {
	case "forward", "lora", "train", "merge":
		return words[0] + "." + words[1]
	}
	return words[0]
}

func (g *golden) parts() []string {
	seen := map[string]bool{}
	for _, x := range g.File.Tensors {
		seen[partOf(x.Name)] = true
	}
	delete(seen, "in")
	var parts []string
	for p := range seen {
		parts = append(parts, p)
	}
	sort.Strings(parts)
	return parts
}

func (g *golden) run(t *testing.T, part string) {
	what, which, _ := strings.Cut(part, ".")
	switch what {
	case "forward":
		g.forward(t, which)
	case "lora":
		g.lora(t, which)
	case "merge":
		g.merge(t, which)
	case "train":
		g.train(t, which)
	case "full":
		g.full(t)
	case "generate":
		g.generate(t)
	case "kd":
		g.kd(t)
	default:
		linalgtest.Settle(t, g.kind+"/"+what, fmt.Errorf("no test for the part %q", what))
	}
}

// padded is a set of inputs as stored: rows of one length, with a mask.
type padded struct {
	rows, length int
	mask         []int
	said         []int // of an encoder-decoder: which labels count
	batch        Batch
}

func (g *golden) set(t *testing.T, name string) padded {
	t.Helper()
	if g.Has("in." + name + ".pixel_values") {
		return g.pictures(t, name)
	}
	shape := g.Tensor(t, "in."+name+".input_ids").Shape
	p := padded{rows: shape[0], length: shape[1], mask: g.Ints(t, "in."+name+".attention_mask")}
	grid := func(arg string) [][]int32 {
		flat := g.Ints(t, "in."+name+"."+arg)
		out := make([][]int32, p.rows)
		for i, x := range flat {
			out[i/p.length] = append(out[i/p.length], int32(x))
		}
		return out
	}
	optional := func(arg string) [][]int32 {
		if !g.Has("in." + name + "." + arg) {
			return nil
		}
		return grid(arg)
	}
	if g.model.config.Decoder != (Decoder{}) {
		return g.sources(t, name, p)
	}
	ids, mask, places := grid("input_ids"), grid("attention_mask"), optional("position_ids")
	labels := [][]int32(nil)
	if len(g.Tensor(t, "in."+name+".labels").Shape) == 2 {
		labels = grid("labels")
	}
	for _, row := range places {
		for i := range row { // stored as rows of the table
			row[i] -= int32(g.model.config.PositionOffset)
		}
	}
	var err error
	if p.batch, err = Unpad(ids, labels, places, mask); err != nil {
		t.Fatal(err)
	}
	types := optional("token_type_ids")
	if types != nil {
		own, err := Unpad(types, nil, nil, mask)
		if err != nil {
			t.Fatal(err)
		}
		p.batch.Types = own.IDs
	}
	if labels == nil {
		p.batch.Classes = g.classes(t, name)
		p.first(g.model.config, ids, places, types, mask)
	}
	return p
}

// first keeps the first place of rows that are padded on the left: Transformers' heads
// read it. Where padding sees itself, all of it is kept.
func (p *padded) first(c Config, ids, places, types, mask [][]int32) {
	b := &p.batch
	b.Unseen = make([]int, p.rows)
	for i := range ids {
		if mask[i][0] != 0 {
			continue
		}
		n := 1
		for c.Apart != (Disentangled{}) && mask[i][n] == 0 {
			n++
		}
		b.Unseen[i] = n
		b.IDs[i] = append(ids[i][:n:n], b.IDs[i]...)
		if b.Positions != nil {
			b.Positions[i] = append(places[i][:n:n], b.Positions[i]...)
		}
		if b.Types != nil {
			b.Types[i] = append(types[i][:n:n], b.Types[i]...)
		}
	}
}

func (g *golden) classes(t *testing.T, set string) []int32 {
	var out []int32
	for _, y := range g.Ints(t, "in."+set+".labels") {
		out = append(out, int32(y))
	}
	return out
}

// pictures is a set of images; all their places count.
func (g *golden) pictures(t *testing.T, name string) padded {
	t.Helper()
	x := g.Tensor(t, "in."+name+".pixel_values")
	pixels, err := x.Floats()
	if err != nil {
		t.Fatal(err)
	}
	p := padded{rows: x.Shape[0], length: g.model.config.Image.places()}
	p.mask = slices.Repeat([]int{1}, p.rows*p.length)
	for one := range slices.Chunk(pixels, len(pixels)/p.rows) {
		p.batch.Images = append(p.batch.Images, one)
	}
	p.batch.Classes = g.classes(t, name)
	return p
}

// spread puts rows of the batch back among the padding, which holds zeros.
func (p padded) spread(rows []float32, width int) []float32 {
	out := make([]float32, p.rows*p.length*width)
	at := 0
	for i, seen := range p.mask {
		if i%p.length == 0 && p.batch.Unseen != nil {
			at += p.batch.Unseen[i/p.length]
		}
		if seen != 0 {
			copy(out[i*width:(i+1)*width], rows[at*width:(at+1)*width])
			at++
		}
	}
	return out
}

// gather takes the rows of a padded tensor that the mask leaves.
func (p padded) gather(t *testing.T, x safetensors.Tensor) (rows []float32) {
	t.Helper()
	data, err := x.Floats()
	if err != nil {
		t.Fatal(err)
	}
	width := len(data) / (p.rows * p.length)
	for i, seen := range p.mask {
		if seen != 0 {
			rows = append(rows, data[i*width:(i+1)*width]...)
		}
	}
	return rows
}

// adapter is a PEFT folder as far as a plain LoRA needs it.
type adapter struct {
	branches []*Branch
	head     linalg.Tensors // layers that it brings and trains whole
}

func (g *golden) adapter(t *testing.T, which string) adapter {
	t.Helper()
	return g.adapterIn(t, which, filepath.Join(g.dir, "adapter-"+which))
}

// adapterIn reads a PEFT folder; which names the case for the list of what is unbuilt.
func (g *golden) adapterIn(t *testing.T, which, dir string) adapter {
	t.Helper()
	var config struct {
		Alpha   float64         `json:"lora_alpha"`
		Rank    int             `json:"r"`
		Alphas  json.RawMessage `json:"alpha_pattern"`
		RSLora  bool            `json:"use_rslora"`
		Dora    bool            `json:"use_dora"`
		Dropout float64         `json:"lora_dropout"`
	}
	linalgtest.ReadJSON(t, filepath.Join(dir, "adapter_config.json"), &config)
	linalgtest.Settle(t, g.kind+"/"+which, nil)
	file := linalgtest.ReadTensors(t, filepath.Join(dir, "adapter_model.safetensors"))
	byModule := map[string]*Branch{}
	var a adapter
	for _, x := range file.Tensors {
		path, factor, ok := strings.Cut(strings.TrimPrefix(x.Name, "base_model.model."), ".lora_")
		data, err := x.Floats()
		if !ok && err == nil {
			a.head.List = append(a.head.List, linalg.Tensor{Name: path, Shape: x.Shape, Data: slices.Clone(data)})
			continue
		}
		if !ok || err != nil {
			t.Fatalf("tensor %q: %v", x.Name, err)
		}
		b := byModule[path]
		if b == nil {
			b = &Branch{Module: ourName(t, g.model.config, path)}
			byModule[path] = b
			a.branches = append(a.branches, b)
		}
		data = slices.Clone(data)
		if factor == "magnitude_vector" {
			b.Magnitude = data
		} else if factor == "A.weight" {
			b.A, b.Rank = data, x.Shape[0]
			b.Scale = float32(peftScale(t, path, b.Rank, config.Alpha, config.Alphas, config.RSLora))
		} else {
			b.B = data
		}
	}
	return a
}

func ourName(t *testing.T, c Config, hf string) string {
	t.Helper()
	for _, m := range c.Modules() {
		if m.HF == hf && m.Of == "" {
			return m.Name
		}
	}
	t.Fatalf("no module %q", hf)
	return ""
}

func (a adapter) train() (params []Param) {
	for _, b := range a.branches {
		b.TrainA()
		b.TrainB()
		if b.Magnitude != nil {
			b.TrainMagnitude()
		}
		params = append(params, b.Params()...)
	}
	return params
}

// attach makes a Runner of the model with an adapter on it, its head in place of the
// model's, and gives what is trained.
func (g *golden) attach(t *testing.T, a adapter) (*Runner, []Param) {
	t.Helper()
	m, err := g.model.With(a.head)
	if err != nil {
		t.Fatal(err)
	}
	r := NewRunner(m)
	params := a.train()
	if len(a.head.List) > 0 {
		params = append(params, r.TrainBase(func(name string) bool {
			_, ok := a.head.Get(name)
			return ok
		})...)
	}
	if err := r.Attach(a.branches...); err != nil {
		t.Fatal(err)
	}
	return r, params
}

// inputs is the set that single results are stored for.
func (g *golden) inputs(t *testing.T) padded {
	if g.model.config.Image != (Image{}) {
		return g.set(t, "images")
	}
	return g.set(t, "right")
}

// peftNames gives a branch's tensor names as PEFT writes them.
func (g *golden) peftNames(b *Branch) (nameA, nameB, magnitudes string) {
	for _, m := range g.model.Modules() {
		if m.Name == b.Module {
			stem := "base_model.model." + m.HF + ".lora_"
			return stem + "A.weight", stem + "B.weight", stem + "magnitude_vector"
		}
	}
	panic("no module " + b.Module)
}
