package solo

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/lora/peft"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/suggest"
)

// LoRA is an adapter that is to be trained, in PEFT's words.
type LoRA struct {
	Rank    int     // r
	Alpha   float64 // lora_alpha; the scale is alpha/r, with RSLoRA alpha/√r
	Dropout float64 // lora_dropout
	RSLoRA  bool    // use_rslora (Kalajdzievski 2023)
	DoRA    bool    // use_dora (Liu et al. 2024)
	// Targets is target_modules: ends of paths ("q_proj"), whole paths, patterns of our own
	// names ("*.q"), or "all-linear", all maps of all blocks. None: queries and values, as
	// PEFT chooses for most families.
	Targets []string
}

// allLinear is PEFT's word for all maps but the head.
const allLinear = "all-linear"

// Check says what has no meaning.
func (l LoRA) Check() error {
	switch {
	case l.Rank < 1:
		return fmt.Errorf("r is %d; expected at least 1", l.Rank)
	case !(l.Alpha > 0) || math.IsInf(l.Alpha, 1):
		return fmt.Errorf("lora_alpha is %g; expected a number above 0", l.Alpha)
	case !(l.Dropout >= 0 && l.Dropout < 1):
		return fmt.Errorf("lora_dropout is %g; expected 0 … 1, below 1", l.Dropout)
	case l.DoRA && l.Dropout > 0:
		return fmt.Errorf("lora_dropout %g with use_dora is not supported yet; supported: 0", l.Dropout)
	}
	return nil
}

// Scale multiplies what the factors compute.
func (l LoRA) Scale() float64 {
	if l.RSLoRA {
		return l.Alpha / math.Sqrt(float64(l.Rank))
	}
	return l.Alpha / float64(l.Rank)
}

// Modules are the layers of a model that the targets name, in the model's order.
func (l LoRA) Modules(net *nn.Model) (chosen []nn.Module, err error) {
	all := net.Modules()
	targets := l.Targets
	if len(targets) == 0 {
		targets = defaultTargets(all)
	}
	taken := make([]bool, len(all))
	for _, t := range targets {
		hit := false
		for i, m := range all {
			if ok, err := means(t, m); err != nil {
				return nil, err
			} else if ok {
				hit, taken[i] = true, true
			}
		}
		if !hit {
			return nil, fmt.Errorf("target_modules: %q is no module of this model; it has %s (or %s)%s", t, strings.Join(ends(all), ", "), allLinear, suggest.DidYouMean(t, ends(all)))
		}
	}
	for i, m := range all {
		if !taken[i] {
			continue
		}
		if m.Name == "embed" {
			return nil, fmt.Errorf("target_modules: training an adapter of the embedding (%s) is not supported yet; supported: linear maps", m.HF)
		}
		chosen = append(chosen, m)
	}
	return chosen, overlap(chosen)
}

// means says whether a target is a module's path, an end of it, or a pattern of its name.
func means(target string, m nn.Module) (bool, error) {
	switch {
	case target == allLinear:
		return m.Of == "" && inBlock(m), nil
	case strings.Contains(target, "*"):
		ok, err := linalg.Match(target, m.Name)
		whole := target == "*" || strings.HasSuffix(target, ".*")
		return ok && !(whole && (m.Of != "" || m.Name == "embed")), err
	}
	return m.Name == target || m.Of == "" && (m.HF == target || strings.HasSuffix(m.HF, "."+target)), nil
}

func inBlock(m nn.Module) bool {
	block, _, ok := strings.Cut(m.Name, ".")
	_, err := strconv.Atoi(block)
	return ok && err == nil
}

// defaultTargets are queries and values: the layer that holds both, where there is one.
func defaultTargets(all []nn.Module) []string {
	if slices.ContainsFunc(all, func(m nn.Module) bool { return strings.HasSuffix(m.Name, ".qkv") }) {
		return []string{"*.qkv"}
	}
	if slices.ContainsFunc(all, func(m nn.Module) bool { return strings.HasSuffix(m.Name, ".cross_q") }) {
		return []string{"*.q", "*.v", "*.cross_q", "*.cross_v"}
	}
	return []string{"*.q", "*.v"}
}

// ends are the last words of the paths, each once.
func ends(all []nn.Module) (words []string) {
	for _, m := range all {
		end := m.HF[strings.LastIndexByte(m.HF, '.')+1:]
		if m.Of == "" && m.Name != "embed" && !slices.Contains(words, end) {
			words = append(words, end)
		}
	}
	return words
}

// overlap refuses a layer together with rows of it.
func overlap(chosen []nn.Module) error {
	for _, m := range chosen {
		if m.Of != "" && slices.ContainsFunc(chosen, func(x nn.Module) bool { return x.Name == m.Of }) {
			return fmt.Errorf("target_modules: %s is rows of %s, and both are chosen; choose one of them", m.Name, m.Of)
		}
	}
	return nil
}

// young is an adapter in training.
type young struct {
	LoRA
	net      *nn.Model
	pairs    lora.Adapter // trained in place
	branches []*nn.Branch
	head     []nn.Param // trained whole
}

// begin makes a fresh adapter: A drawn as PEFT draws it, B zero, DoRA's magnitudes the
// lengths of the rows of the weight.
func (l LoRA) begin(net *nn.Model, key rng.Key) (*young, error) {
	modules, err := l.Modules(net)
	if err != nil {
		return nil, err
	}
	y := &young{LoRA: l, net: net}
	for _, m := range modules {
		if most := lora.MaxRank(m.Out, m.In); l.Rank > most {
			return nil, fmt.Errorf("r is %d, and module %s is %d×%d: expected at most %d", l.Rank, m.HF, m.Out, m.In, most)
		}
		if l.DoRA && m.Of != "" {
			return nil, fmt.Errorf("use_dora on %s, which is rows of the layer %s, cannot be written as PEFT's; choose the layer %s", m.Name, m.HF, m.Of)
		}
		p := lora.Fresh(key, lora.Module{Name: m.Name, Out: m.Out, In: m.In}, l.Rank, l.Scale(), lora.Kaiming{})
		b := &nn.Branch{Module: m.Name, A: p.A, B: p.B, Rank: p.Rank, Scale: float32(p.Scale), Dropout: l.Dropout}
		b.TrainA()
		b.TrainB()
		if l.DoRA {
			if b.Magnitude, err = lengths(net, m); err != nil {
				return nil, err
			}
			b.TrainMagnitude()
		}
		y.pairs, y.branches = append(y.pairs, p), append(y.branches, b)
	}
	return y, nil
}

// lengths are the Euclidean norms of the rows of a weight.
func lengths(net *nn.Model, m nn.Module) ([]float32, error) {
	w, err := net.Weight(m.Name)
	if err != nil {
		return nil, err
	}
	out := make([]float32, m.Out)
	for i := range out {
		out[i] = float32(linalg.Norm(linalg.Widen(1, m.In, w[i*m.In:(i+1)*m.In]).Data))
	}
	return out, nil
}

// folder is the adapter as PEFT would save it, for a base that it is told to load. The
// numbers are copies.
func (y *young) folder(on string) (*peft.Folder, error) {
	pairs := slices.Clone(y.pairs)
	for i, p := range pairs {
		pairs[i].A, pairs[i].B = slices.Clone(p.A), slices.Clone(p.B)
	}
	f, err := peft.Export(pairs, base.Paths(y.net.Modules()), on)
	if err != nil {
		return nil, err
	}
	if y.RSLoRA {
		f = f.WithRSLoRA()
	}
	f.Config.Rest["lora_dropout"] = json.RawMessage(strconv.FormatFloat(y.Dropout, 'g', -1, 64))
	f.Config.FanInFanOut = slices.ContainsFunc(y.net.Modules(), func(m nn.Module) bool { return m.Conv })
	f.Config.DoRA, f.Config.Task = y.DoRA, base.TaskOf(y.net.Config())
	if err := y.saveHead(f); err != nil {
		return nil, err
	}
	for i, l := range f.Layers {
		f.Layers[i].Magnitude = y.magnitude(l.Module)
	}
	return f, nil
}

// saveHead adds copies of the head's tensors to a folder.
func (y *young) saveHead(f *peft.Folder) error {
	var names []string
	for _, p := range y.head {
		for _, s := range y.net.Sources() {
			if s.Name != p.Name {
				continue
			}
			t, err := safetensors.FromFloats(p.Name, "F32", s.Shape, slices.Clone(p.Value))
			if err != nil {
				return err
			}
			names, f.Saved = append(names, p.Name), append(f.Saved, peft.Saved{Name: p.Name, Tensor: t})
		}
	}
	if len(names) > 0 {
		f.Config.Save, f.Meta = base.HeadModules(names, y.net.Config()), base.HeadMeta(y.net.Config())
	}
	return nil
}

// magnitude is a copy of the magnitudes of a layer; nil where there are none.
func (y *young) magnitude(path string) []float32 {
	for _, m := range y.net.Modules() {
		for _, b := range y.branches {
			if m.HF == path && m.Name == b.Module {
				return slices.Clone(b.Magnitude)
			}
		}
	}
	return nil
}

func (y *young) params() (ps []nn.Param) {
	for _, b := range y.branches {
		ps = append(ps, b.Params()...)
	}
	return ps
}
