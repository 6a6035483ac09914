// Package merge makes one adapter of several without data, as PEFT's add_weighted_adapter
// does (0.21): same names, same numbers.
//
// What goes in are adapters with weights; what comes out is one adapter at scale 1 for the
// same base. A merge works module by module. It joins either the factors themselves, each
// adapter's A and B multiplied by √|w·s| (then the product has cross terms B_i·A_j, which no
// weights take out), or the changes s·B·A, whose joint is cut to a rank by SVD (the names
// that end in _svd). Before they are joined, entries may be dropped: the smallest (TIES,
// magnitude pruning) or random ones (DARE). What joins them is their sum, or TIES' vote on
// the sign of every entry.
//
//	linear                sum of factors          cat                  concatenation, exact
//	svd                   sum of changes, cut     magnitude_prune      sum of the largest entries
//	ties                  vote of the largest     dare_linear, _ties   sum, vote of random entries
//
// Sums are in float64, in the order of the parts, and rounded to float32 once. A module that
// only some parts have is merged from those, and weights are not made to sum to 1 anew. The
// package refuses to know files and models.
//
// Read module.go next, then a merge; there is one file for each.
package merge

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/linalg/lora"
)

// Part is one adapter of a merge, and its weight.
type Part struct {
	Name    string // names it in errors and in the draws of DARE
	Weight  float64
	Adapter lora.Adapter
}

// Options are what merges ask for beside their parts.
type Options struct {
	// Density is the share of entries that stay, in (0, 1]: of ties, dare_* and
	// magnitude_prune*.
	Density float64
	// Sign is how ties and dare_ties elect a sign.
	Sign Sign
	// Rank is that of svd and *_svd; 0 takes the largest rank of the parts.
	Rank int
	// Mask says what DARE keeps; see [Drawn].
	Mask Mask
	// RootScale gives the result the scale √rank instead of 1. PEFT does so where the first
	// part uses rsLoRA: the merged config inherits it. The change is then √rank times what
	// the weights say.
	RootScale bool
}

// kind is a merge: its name in PEFT, what it cannot do without, and how it joins a module.
type kind struct {
	name  string
	needs need
	join  func(module) (joined, error)
}

var kinds = []kind{
	{"linear", 0, linear},
	{"cat", 0, cat},
	{"svd", 0, svd},
	{"ties", needsDensity, ties},
	{"ties_svd", needsDensity, tiesSVD},
	{"dare_linear", needsDensity | needsMask, dareLinear},
	{"dare_linear_svd", needsDensity | needsMask, dareLinearSVD},
	{"dare_ties", needsDensity | needsMask, dareTIES},
	{"dare_ties_svd", needsDensity | needsMask, dareTIESSVD},
	{"magnitude_prune", needsDensity, magnitudePrune},
	{"magnitude_prune_svd", needsDensity, magnitudePruneSVD},
}

// need is what a merge cannot do without.
type need int

const (
	needsDensity need = 1 << iota
	needsMask
)

// Kinds lists the names of the merges.
func Kinds() []string {
	var names []string
	for _, k := range kinds {
		names = append(names, k.name)
	}
	return names
}

// NeedsDensity says whether the merge of that name drops entries, and so wants to know how
// many.
func NeedsDensity(name string) bool {
	return slices.ContainsFunc(kinds, func(k kind) bool { return k.name == name && k.needs&needsDensity != 0 })
}

// Merge makes one adapter of the parts. Modules come in the order in which the parts first
// have them. A single part is always merged as "linear", whatever the name says: PEFT's rule.
func Merge(name string, parts []Part, o Options) (lora.Adapter, error) {
	at := slices.IndexFunc(kinds, func(k kind) bool { return k.name == name })
	if at < 0 {
		return nil, fmt.Errorf("merge: %q is no merge, expected one of %s", name, strings.Join(Kinds(), ", "))
	}
	if err := o.check(kinds[at]); err != nil {
		return nil, err
	}
	join := kinds[at].join
	if len(parts) == 1 {
		join = linear
	}
	modules, err := modulesOf(parts, o)
	if err != nil {
		return nil, err
	}
	var out lora.Adapter
	for _, m := range modules {
		j, err := join(m)
		if err != nil {
			return nil, fmt.Errorf("merge: module %s: %w", m.name, err)
		}
		scale := 1.0
		if o.RootScale {
			scale = math.Sqrt(float64(j.a.Rows))
		}
		out = append(out, lora.Pair{Module: m.name, Out: m.out, In: m.in, Rank: j.a.Rows, A: j.a.Narrow(), B: j.b.Narrow(), Scale: scale})
	}
	return out, out.Check()
}

func (o Options) check(k kind) error {
	switch {
	case k.needs&needsDensity != 0 && !(o.Density > 0 && o.Density <= 1):
		return fmt.Errorf("merge: %s with density %v, expected the share of entries that stay: above 0, at most 1", k.name, o.Density)
	case k.needs&needsMask != 0 && o.Mask == nil && o.Density < 1:
		return fmt.Errorf("merge: %s without a mask: nothing says which entries stay", k.name)
	case o.Rank < 0:
		return fmt.Errorf("merge: rank %d, expected at least 1, or 0 for the largest rank of the parts", o.Rank)
	}
	return nil
}
