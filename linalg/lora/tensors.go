package lora

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/loramesh/loramesh/linalg"
)

// Meta keys of an adapter's tensors. The scale is written once where all pairs have the
// same, and per module ("scale.3.q") where they do not: one content, one hash.
const (
	metaKind  = "kind"
	metaScale = "scale"
	kind      = "adapter"
)

// Tensors is the form in which the adapter travels. It shares memory with the adapter.
// It panics where [Adapter.Check] would not pass.
func (a Adapter) Tensors() linalg.Tensors {
	if err := a.Check(); err != nil {
		panic(err.Error())
	}
	if a.Magnified() {
		return tensorsOf(a, kindDora)
	}
	return tensorsOf(a, kind)
}

func tensorsOf(a []Pair, kind string) linalg.Tensors {
	t := linalg.Tensors{Meta: map[string]string{metaKind: kind}}
	one := true
	for _, p := range a {
		one = one && p.Scale == a[0].Scale
	}
	for _, p := range a {
		key := metaScale
		if !one {
			key += "." + p.Module
		}
		t.Meta[key] = strconv.FormatFloat(p.Scale, 'g', -1, 64)
		t.List = append(t.List, p.tensors()...)
	}
	return t
}

func (p Pair) tensors() []linalg.Tensor {
	named := func(factor string, rows, cols int, data []float32) linalg.Tensor {
		return linalg.Tensor{Name: p.Module + "." + factor, Shape: []int{rows, cols}, Data: data}
	}
	if p.Dense() {
		return []linalg.Tensor{named("D", p.Out, p.In, p.D)}
	}
	var list []linalg.Tensor
	for _, x := range []struct {
		factor     string
		rows, cols int
		data       []float32
	}{{"A", p.Rank, p.In, p.A}, {"B", p.Out, p.Rank, p.B}, {"A0", p.StartRank(), p.In, p.A0}, {"B0", p.Out, p.StartRank(), p.B0}, {"M", p.Out, 1, p.M}} {
		if x.data != nil {
			list = append(list, named(x.factor, x.rows, x.cols, x.data))
		}
	}
	return list
}

// Is says whether tensors call themselves an adapter; [Parse] says whether they are one.
func Is(t linalg.Tensors) bool { return t.Meta[metaKind] == kind }

// Parse reads an adapter from its tensors, which are somebody else's word: names, shapes
// and scales are checked, and an error names the module. The adapter shares memory with
// the tensors. Pairs are in the order in which their modules first come.
func Parse(t linalg.Tensors) (Adapter, error) {
	if k := t.Meta[metaKind]; k != kind {
		return nil, fmt.Errorf("lora: these tensors are of kind %q, expected %q", k, kind)
	}
	a, err := pairs(t)
	if err != nil {
		return nil, err
	}
	return a, a.Check()
}

// pairs reads what tensors say, be it whole or not.
func pairs(t linalg.Tensors) (Adapter, error) {
	var a Adapter
	at := map[string]int{}
	for _, x := range t.List {
		dot := strings.LastIndexByte(x.Name, '.')
		if dot <= 0 {
			return nil, fmt.Errorf("lora: tensor %q: expected MODULE.A, .B, .A0, .B0, .D or .M", x.Name)
		}
		module := x.Name[:dot]
		i, known := at[module]
		if !known {
			i = len(a)
			at[module] = i
			a = append(a, Pair{Module: module})
		}
		if err := a[i].take(x, x.Name[dot+1:]); err != nil {
			return nil, err
		}
	}
	return a, a.readScales(t.Meta)
}

// take puts one tensor into its place and learns the sizes from its shape.
func (p *Pair) take(x linalg.Tensor, factor string) error {
	if len(x.Shape) != 2 || x.Shape[0] <= 0 || x.Shape[1] <= 0 || len(x.Data) != x.Shape[0]*x.Shape[1] {
		return fmt.Errorf("lora: tensor %s has shape %v and %d numbers, expected a filled matrix", x.Name, x.Shape, len(x.Data))
	}
	rows, cols := x.Shape[0], x.Shape[1]
	var into *[]float32
	var out, in, rank int
	switch factor {
	case "A":
		into, rank, in = &p.A, rows, cols
	case "B":
		into, out, rank = &p.B, rows, cols
	case "A0":
		into, in = &p.A0, cols
	case "B0":
		into, out = &p.B0, rows
	case "D":
		into, out, in = &p.D, rows, cols
	case "M":
		into, out = &p.M, rows
	default:
		return fmt.Errorf("lora: tensor %s: %q is no factor, expected A, B, A0, B0, D or M", x.Name, factor)
	}
	if *into != nil {
		return fmt.Errorf("lora: tensor %s comes twice", x.Name)
	}
	*into = x.Data
	for _, size := range []struct {
		name string
		have *int
		now  int
	}{{"out", &p.Out, out}, {"in", &p.In, in}, {"rank", &p.Rank, rank}} {
		if size.now == 0 {
			continue
		}
		if *size.have != 0 && *size.have != size.now {
			return fmt.Errorf("lora: tensor %s is %d×%d, but %s is %d by the factors before it", x.Name, rows, cols, size.name, *size.have)
		}
		*size.have = size.now
	}
	return nil
}

// readScales fills in the scales from the meta data: one for all, or one for each.
func (a Adapter) readScales(meta map[string]string) error {
	for i := range a {
		key := metaScale + "." + a[i].Module
		text, ok := meta[key]
		if !ok {
			key = metaScale
			text, ok = meta[key]
		}
		if !ok {
			return fmt.Errorf("lora: no scale for module %s: expected the meta key %q or %q", a[i].Module, metaScale, metaScale+"."+a[i].Module)
		}
		s, err := strconv.ParseFloat(text, 64)
		if err != nil || s == 0 || math.IsNaN(s) || math.IsInf(s, 0) {
			return fmt.Errorf("lora: meta key %q is %q, expected a finite number other than 0", key, text)
		}
		a[i].Scale = s
	}
	return nil
}
