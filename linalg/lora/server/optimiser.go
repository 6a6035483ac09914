package server

import (
	"fmt"
	"math"
	"slices"
)

// Rule is how a server turns the mean change of a round, D, into a step.
type Rule string

// The rules, by the names of their papers.
const (
	FedAvg     Rule = "fedavg"     // x + D
	FedAvgM    Rule = "fedavgm"    // m = β·m + D; x + η·m (Hsu et al. 2019)
	FedAdagrad Rule = "fedadagrad" // v = v + D²
	FedAdam    Rule = "fedadam"    // v = β₂·v + (1−β₂)·D²
	FedYogi    Rule = "fedyogi"    // v = v − (1−β₂)·D²·sign(v − D²)
)

// Rules are all rules.
var Rules = []Rule{FedAvg, FedAvgM, FedAdagrad, FedAdam, FedYogi}

// Optimiser is a rule with its numbers. The adaptive rules take
//
//	m = β₁·m + (1−β₁)·D,  x + η·m/(√v + τ)
//
// from m₀ = 0 and v₀ = τ², without correction of a bias (Reddi et al. 2021, algorithm 2).
type Optimiser struct {
	Rule  Rule
	Rate  float64 // η; FedAvg has none
	Beta1 float64 // of m; FedAvgM's β
	Beta2 float64 // of v
	Tau   float64 // adaptivity τ
	// Damped has FedAvgM take (1−β)·D in the place of D.
	Damped bool
}

// Memory is what an optimiser remembers; the zero value is that of a first step.
type Memory struct{ M, V []float64 }

// Step is x after a mean change d. Neither x, d nor was is written to. It panics where their
// lengths differ, and on a rule that is none of [Rules].
func (o Optimiser) Step(x, d []float64, was Memory) ([]float64, Memory) {
	if len(x) != len(d) || was.M != nil && len(was.M) != len(x) || was.V != nil && len(was.V) != len(x) {
		panic(fmt.Sprintf("server: %d parameters, %d changes, memory of %d and %d", len(x), len(d), len(was.M), len(was.V)))
	}
	next := slices.Clone(x)
	if o.Rule == FedAvg {
		for i, y := range d {
			next[i] += y
		}
		return next, Memory{}
	}
	now := Memory{M: make([]float64, len(x))}
	copy(now.M, was.M)
	if o.Rule == FedAvgM {
		damp := 1.0
		if o.Damped {
			damp = 1 - o.Beta1
		}
		for i, y := range d {
			now.M[i] = float64(o.Beta1*now.M[i]) + float64(damp*y)
			next[i] += float64(o.Rate * now.M[i])
		}
		return next, now
	}
	now.V = slices.Clone(was.V)
	if now.V == nil {
		now.V = slices.Repeat([]float64{o.Tau * o.Tau}, len(x))
	}
	for i, y := range d {
		now.M[i] = float64(o.Beta1*now.M[i]) + float64((1-o.Beta1)*y)
		now.V[i] = o.second(now.V[i], float64(y*y))
		next[i] += float64(o.Rate*now.M[i]) / (math.Sqrt(now.V[i]) + o.Tau)
	}
	return next, now
}

// second is the next v of one parameter.
func (o Optimiser) second(v, square float64) float64 {
	switch o.Rule {
	case FedAdagrad:
		return v + square
	case FedAdam:
		return float64(o.Beta2*v) + float64((1-o.Beta2)*square)
	case FedYogi:
		sign := 0.0
		if v != square {
			sign = math.Copysign(1, v-square)
		}
		return v - float64(float64((1-o.Beta2)*square)*sign)
	}
	panic(fmt.Sprintf("server: the rule %q is none of %v", o.Rule, Rules))
}
