package lora

import (
	"fmt"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/kernel"
)

// Key is the vector of a gate on one module, or that by which a router scores an expert there.
type Key struct {
	Module string
	V      []float32 // In
}

// Keys are those of one expert, in the order of the base's modules.
type Keys []Key

const (
	kindKeys = "keys"
	keyTail  = ".key"
)

// Tensors is the form in which keys travel. It shares memory with them.
func (k Keys) Tensors() linalg.Tensors {
	t := linalg.Tensors{Meta: map[string]string{metaKind: kindKeys}}
	for _, x := range k {
		t.List = append(t.List, linalg.Tensor{Name: x.Module + keyTail, Shape: []int{len(x.V)}, Data: x.V})
	}
	return t
}

// AreKeys says whether tensors call themselves keys.
func AreKeys(t linalg.Tensors) bool { return t.Meta[metaKind] == kindKeys }

// ParseKeys reads keys from their tensors, which are somebody else's word. They share memory
// with the tensors.
func ParseKeys(t linalg.Tensors) (Keys, error) {
	if !AreKeys(t) {
		return nil, fmt.Errorf("lora: these tensors are of kind %q, expected %q", t.Meta[metaKind], kindKeys)
	}
	var all Keys
	for _, x := range t.List {
		module, ok := strings.CutSuffix(x.Name, keyTail)
		if !ok || module == "" || len(x.Shape) != 1 || len(x.Data) == 0 {
			return nil, fmt.Errorf("lora: tensor %q of shape %v among keys; expected MODULE%s with one dimension", x.Name, x.Shape, keyTail)
		}
		if all.Of(module) != nil {
			return nil, fmt.Errorf("lora: two keys for module %q", module)
		}
		all = append(all, Key{module, x.Data})
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("lora: keys of no module")
	}
	return all, nil
}

// Of is the key on a module, nil if there is none.
func (k Keys) Of(module string) []float32 {
	if i := slices.IndexFunc(k, func(x Key) bool { return x.Module == module }); i >= 0 {
		return k[i].V
	}
	return nil
}

// KeysMean is the weighted mean of keys of several participants.
type KeysMean struct {
	modules []string
	sums    [][]float64
}

// Add adds keys with a share of the whole. All must be of the same modules.
func (m *KeysMean) Add(share float64, keys Keys) error {
	if m.modules == nil {
		for _, k := range keys {
			m.modules, m.sums = append(m.modules, k.Module), append(m.sums, make([]float64, len(k.V)))
		}
	}
	if len(keys) != len(m.modules) {
		return fmt.Errorf("lora: keys of %d modules beside keys of %d", len(keys), len(m.modules))
	}
	for i, k := range keys {
		if k.Module != m.modules[i] || len(k.V) != len(m.sums[i]) {
			return fmt.Errorf("lora: a key of %d numbers on module %q beside one of %d on %q", len(k.V), k.Module, len(m.sums[i]), m.modules[i])
		}
		kernel.AddWide(m.sums[i], share, k.V)
	}
	return nil
}

// Keys is the mean of what was added with shares that sum to 1, rounded once.
func (m *KeysMean) Keys() Keys {
	var out Keys
	for i, sum := range m.sums {
		v := make([]float32, len(sum))
		for j, x := range sum {
			v[j] = float32(x)
		}
		out = append(out, Key{m.modules[i], v})
	}
	return out
}
