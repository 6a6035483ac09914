package lora

import "fmt"

// Adapter is a set of pairs over the modules of one base, in writing order. No module
// comes twice.
type Adapter []Pair

// Pair returns the pair of that module.
func (a Adapter) Pair(module string) (Pair, bool) {
	for _, p := range a {
		if p.Module == module {
			return p, true
		}
	}
	return Pair{}, false
}

// Floats counts the numbers that travel with the adapter: four bytes each.
func (a Adapter) Floats() int {
	n := 0
	for _, p := range a {
		n += p.Floats()
	}
	return n
}

// Rank is the largest rank of its pairs; 0 where all are dense.
func (a Adapter) Rank() int {
	r := 0
	for _, p := range a {
		r = max(r, p.Rank)
	}
	return r
}

// Check says what keeps the adapter from being one: shapes, scales, names.
func (a Adapter) Check() error {
	seen := make(map[string]bool, len(a))
	for _, p := range a {
		if err := p.Check(); err != nil {
			return fmt.Errorf("lora: %w", err)
		}
		if seen[p.Module] {
			return fmt.Errorf("lora: module %s comes twice", p.Module)
		}
		seen[p.Module] = true
	}
	if len(a) == 0 {
		return fmt.Errorf("lora: an adapter without a single module")
	}
	return nil
}
