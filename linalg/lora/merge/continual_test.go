package merge

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/linalgtest"
)

func oneOfTasks(t *testing.T, name string, f func(*testing.T, *linalgtest.Case)) {
	linalgtest.Cases(t, "lora/cl", func(x string) bool { return x == name }, func(t *testing.T, g *linalgtest.Case) {
		f(t, g)
		g.Done(t)
	})
}

// numbered lists the tensors prefix0, prefix1, … of a case.
func numbered(t *testing.T, g *linalgtest.Case, format string) (all []linalg.Dense) {
	for k := 0; g.Has(fmt.Sprintf(format, k)); k++ {
		all = append(all, g.Get(t, fmt.Sprintf(format, k)))
	}
	return all
}

func ones(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = 1
	}
	return out
}

// Task vectors lose the entries that a mask drops, and are added up, or vote.
func TestGoldenDARE(t *testing.T) {
	oneOfTasks(t, "dare", func(t *testing.T, g *linalgtest.Case) {
		p := linalgtest.Params[struct{ P float64 }](t, g).P
		m := module{Options: Options{Density: 1 - p, Mask: func(_, _, part string, _, _ int) (keep []bool) {
			for _, x := range g.Get(t, "mask"+part).Data {
				keep = append(keep, x != 0)
			}
			return keep
		}}}
		var left []linalg.Dense
		for k, x := range numbered(t, g, "task%d") {
			left = append(left, drop(m, "delta", strconv.Itoa(k), x))
			g.Check(t, fmt.Sprintf("dropped%d", k), left[k].Data)
		}
		g.Check(t, "linear", add(m, "delta", left, ones(len(left))).Data)
		g.Check(t, "ties", elect(m, "delta", left, ones(len(left))).Data)
	})
}

// Trim, elect and merge, tensor by tensor or over all tensors of a task together.
func TestGoldenTIES(t *testing.T) {
	oneOfTasks(t, "ties", func(t *testing.T, g *linalgtest.Case) {
		m := module{Options: Options{Density: linalgtest.Params[struct{ Keep float64 }](t, g).Keep}}
		tasks := len(numbered(t, g, "task%d.0"))
		tensors := len(numbered(t, g, "task0.%d"))
		for _, arm := range []string{"per_tensor", "frequency", "weighted", "whole_vector"} {
			if m.Sign = Total; arm == "frequency" {
				m.Sign = Frequency
			}
			weights := ones(tasks)
			if arm == "weighted" {
				weights = g.Get(t, "weights").Data
			}
			for i := range tensors {
				var left []linalg.Dense
				for k := range tasks {
					left = append(left, trimmed(t, g, m, arm, k, i, tensors))
				}
				check(t, g, m, fmt.Sprintf("%s.%d.", arm, i), left, weights)
			}
		}
	})
}

// trimmed is tensor i of a task without its small entries.
func trimmed(t *testing.T, g *linalgtest.Case, m module, arm string, task, i, tensors int) linalg.Dense {
	if arm != "whole_vector" {
		return largest(m, "", "", g.Get(t, fmt.Sprintf("task%d.%d", task, i)))
	}
	var whole []float64
	at, own := 0, linalg.Dense{}
	for k := range tensors {
		x := g.Get(t, fmt.Sprintf("task%d.%d", task, k))
		if k == i {
			at, own = len(whole), x
		}
		whole = append(whole, x.Data...)
	}
	left := largest(m, "", "", linalg.Dense{Rows: 1, Cols: len(whole), Data: whole})
	return linalg.Dense{Rows: own.Rows, Cols: own.Cols, Data: left.Data[at : at+len(own.Data)]}
}

// check compares what was kept, what was elected and what was merged.
func check(t *testing.T, g *linalgtest.Case, m module, at string, left []linalg.Dense, weights []float64) {
	bit := func(is bool) float64 {
		if is {
			return 1
		}
		return 0
	}
	var kept, signs []float64
	for _, x := range left {
		for _, v := range x.Data {
			kept = append(kept, bit(v != 0))
		}
	}
	for i := range left[0].Data {
		signs = append(signs, bit(m.vote(left, i) > 0))
	}
	g.Check(t, at+"kept", kept)
	g.Check(t, at+"sign", signs)
	g.Check(t, at+"merged", elect(m, "delta", left, weights).Data)
}

// fraction is the simplest one that reads so at three digits: names of cases round.
func fraction(t *testing.T, text string) float64 {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	for below := 1; below < 1000; below++ {
		if f := math.Round(x*float64(below)) / float64(below); strconv.FormatFloat(f, 'g', 3, 64) == text {
			return f
		}
	}
	return x
}

// Task arithmetic is exact by putting factors side by side, and is cut to a rank by SVD.
func TestGoldenTaskArithmetic(t *testing.T) {
	oneOfTasks(t, "task_arithmetic", func(t *testing.T, g *linalgtest.Case) {
		s := linalgtest.Params[struct{ S float64 }](t, g).S
		as, bs, w := numbered(t, g, "A%d"), numbered(t, g, "B%d"), g.Get(t, "W")
		of := func(lambda float64) module {
			m := module{name: "x", out: w.Rows, in: w.Cols}
			for k := range as {
				m.terms = append(m.terms, term{strconv.Itoa(k), lambda, s, bs[k], as[k]})
				m.sum += as[k].Rows
			}
			return m
		}
		for _, name := range g.Names() {
			text, ok := strings.CutSuffix(strings.TrimPrefix(name, "lam"), ".delta")
			if !ok || !strings.HasPrefix(name, "lam") {
				continue
			}
			j, err := cat(of(fraction(t, text)))
			if err != nil {
				t.Fatal(err)
			}
			delta := linalg.Mul(j.b, j.a)
			g.Check(t, name, delta.Data)
			delta.Add(1, w)
			g.Check(t, "lam"+text+".W", delta.Data)
		}
		m := of(1)
		m.rank = int(g.Get(t, "svd_rank").Data[0])
		j, err := svd(m)
		if err != nil {
			t.Fatal(err)
		}
		g.Check(t, "svd_rank", []float64{float64(j.a.Rows)})
		g.Check(t, "svd.product", linalg.Mul(j.b, j.a).Data)
	})
}
