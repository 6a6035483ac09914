package lora

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/safetensors"
)

// exported is adapter_config.json as we write it: what PEFT cannot take from its own
// defaults, and what a reader would look for. Alpha is s·rank.
type exported struct {
	AlphaPattern  map[string]float64 `json:"alpha_pattern"`
	Base          string             `json:"base_model_name_or_path"`
	Bias          string             `json:"bias"`
	Inference     bool               `json:"inference_mode"`
	Init          bool               `json:"init_lora_weights"`
	Alpha         float64            `json:"lora_alpha"`
	Dropout       float64            `json:"lora_dropout"`
	ModulesToSave []string           `json:"modules_to_save"`
	Type          string             `json:"peft_type"`
	Rank          int                `json:"r"`
	RankPattern   map[string]int     `json:"rank_pattern"`
	Targets       []string           `json:"target_modules"`
	Task          string             `json:"task_type"`
	DoRA          bool               `json:"use_dora"`
	RSLoRA        bool               `json:"use_rslora"`
}

// WritePEFT writes an adapter as a PEFT folder for a causal language model: the content of
// adapter_config.json and of adapter_model.safetensors. Modules must have the paths of
// those that the adapter has pairs for; base is what PEFT is told to load it on.
//
// It loads on the base as it was: a pair whose start moved the base is written at the sum
// of both ranks, [B | −B0] and [A; A0] (the conversion that PEFT makes for PiSSA), and a
// dense pair as D·I, or I·D, at full rank. Equal adapters give equal bytes.
func WritePEFT(a Adapter, modules []Module, base string) (configJSON, tensors []byte, err error) {
	if err := a.Check(); err != nil {
		return nil, nil, err
	}
	var list []linalg.Tensor
	plain := make([]Pair, len(a))
	paths := make([]string, len(a))
	for i, p := range a {
		at := slices.IndexFunc(modules, func(m Module) bool { return m.Name == p.Module })
		if at < 0 || modules[at].Path == "" {
			return nil, nil, fmt.Errorf("lora: module %s has no path in a Hugging Face model: this base cannot be exported to PEFT", p.Module)
		}
		p, paths[i] = p.Plain(), modules[at].Path
		plain[i] = p
		list = append(list,
			linalg.Tensor{Name: peftPrefix + paths[i] + peftA, Shape: []int{p.Rank, p.In}, Data: p.A},
			linalg.Tensor{Name: peftPrefix + paths[i] + peftB, Shape: []int{p.Out, p.Rank}, Data: p.B})
	}
	configJSON, err = json.MarshalIndent(exportConfig(plain, paths, base), "", "  ")
	if err != nil {
		return nil, nil, err
	}
	slices.SortFunc(list, func(x, y linalg.Tensor) int { return strings.Compare(x.Name, y.Name) })
	tensors, err = safetensors.EncodeTensors(linalg.Tensors{Meta: map[string]string{"format": "pt"}, List: list})
	return append(configJSON, '\n'), tensors, err
}

// exportConfig takes rank and alpha from the first pair and writes the others that
// differ as patterns of whole module paths: PEFT saves patterns sorted and takes the
// first match, so only whole names are safe.
func exportConfig(pairs []Pair, paths []string, base string) exported {
	c := exported{
		AlphaPattern: map[string]float64{}, RankPattern: map[string]int{}, Base: base, Bias: "none", Inference: true, Init: true,
		Type: "LORA", Task: "CAUSAL_LM", Rank: pairs[0].Rank, Alpha: alpha(pairs[0]), Targets: slices.Sorted(slices.Values(paths)),
	}
	for i, p := range pairs {
		if p.Rank != c.Rank {
			c.RankPattern[paths[i]] = p.Rank
		}
		if x := alpha(p); x != c.Alpha {
			c.AlphaPattern[paths[i]] = x
		}
	}
	return c
}

// alpha is the number that gives the pair's scale back when divided by its rank; scales
// that came from whole alphas give whole alphas, without a last digit off.
func alpha(p Pair) float64 {
	x := p.Scale * float64(p.Rank)
	if whole := math.Round(x); whole/float64(p.Rank) == p.Scale {
		return whole
	}
	return x
}
