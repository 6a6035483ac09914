package claims

import (
	"context"
	"fmt"
	"math"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/lora/start"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/sim/world"
)

// begins are AILoRA's arms, in the query's weight and in the value's.
func begins(w linalg.Dense, query bool, rank int, scale float64) (map[string]start.Start, error) {
	out := map[string]start.Start{}
	key := rng.New(21)
	for name, arm := range map[string]start.Arm{"ailora": start.AILoRA(), "swapped": start.Swapped(), "pissa-qv": start.Principal(),
		"milora-qv": start.Minor(), "middle": start.Central(), "random": start.Random(key)} {
		choose := arm.Value
		if query {
			choose = arm.Query
		}
		st, err := start.Chosen(w, rank, scale, choose)
		if err != nil {
			return nil, err
		}
		out[name] = st
	}
	p, err := start.Directions(key.At("P"), w.Rows, rank)
	if err != nil {
		return nil, err
	}
	r, err := start.Directions(key.At("R"), w.Cols, rank)
	if err != nil {
		return nil, err
	}
	choose := start.AILoRA().Value
	if query {
		choose = start.AILoRA().Query
	}
	if out["norm-matched"], err = start.NormMatched(w, p, r, scale, choose); err != nil {
		return nil, err
	}
	out["olora"], err = start.OLoRA(w, rank, scale)
	return out, err
}

// armOrder is the names of begins, in order.
var armOrder = []string{"ailora", "swapped", "pissa-qv", "milora-qv", "middle", "random", "norm-matched", "olora"}

// functionKept attaches every arm's start to a model and looks how far its logits move, in
// float32; and takes the start out of one weight and adds it again, in float64.
func functionKept(context.Context, *world.World) (m measured, err error) {
	c, err := nn.Design("llama", nn.Shape{Vocab: 64, Width: 64, Inner: 128, Layers: 2, Heads: 4, KVHeads: 2, Context: 32, Tied: true})
	if err != nil {
		return m, err
	}
	model, err := nn.New(c, 0.1, rng.New(22).Stream())
	if err != nil {
		return m, err
	}
	batch := nn.Batch{IDs: make([][]int32, 4)}
	draw := rng.New(23).Stream()
	for i := range batch.IDs {
		for range 20 {
			batch.IDs[i] = append(batch.IDs[i], int32(draw.IntN(64)))
		}
	}
	run := nn.NewRunner(model)
	if err := run.Forward(batch); err != nil {
		return m, err
	}
	plain := run.Logits(nil)
	for _, name := range armOrder {
		run.Use(model)
		worst := 0.0
		for _, module := range c.Modules() {
			query := len(module.Name) == 3 && module.Name[2] == 'q'
			if !query && (len(module.Name) != 3 || module.Name[2] != 'v') {
				continue
			}
			data, err := model.Weight(module.Name)
			if err != nil {
				return m, err
			}
			w := linalg.Widen(module.Out, module.In, data)
			all, err := begins(w, query, 8, 2)
			if err != nil {
				return m, err
			}
			st := all[name]
			back := st.Residual(w, 2)
			back.Add(2, linalg.Mul(st.B, st.A))
			worst = max(worst, apart(back, w))
			p := st.Pair(lora.Module{Name: module.Name, Out: module.Out, In: module.In}, 2)
			err = run.Attach(&nn.Branch{Module: p.Module, A: p.A, B: p.B, Rank: p.Rank, Scale: 2},
				&nn.Branch{Module: p.Module, A: p.A0, B: p.B0, Rank: p.Rank, Scale: -2})
			if err != nil {
				return m, err
			}
		}
		if err := run.Forward(batch); err != nil {
			return m, err
		}
		moved := 0.0
		for i, v := range run.Logits(nil) {
			moved = max(moved, math.Abs(float64(v-plain[i])))
		}
		m.errors = append(m.errors, off(name+", weight, float64", worst, 1e-10), off(name+", logits, float32", moved, 1e-4))
	}
	return m, nil
}

// firstStep makes one step of gradient descent from every start and holds it against the
// formula, both of its orders.
func firstStep(context.Context, *world.World) (m measured, err error) {
	const scale, rate = 2, 0.05
	w := draws(rng.New(24), 40, 32)
	g := draws(rng.New(25), 40, 32)
	g = g.Scaled(1 / linalg.Norm(g.Data))
	all, err := begins(w, true, 8, scale)
	if err != nil {
		return m, err
	}
	all["vanilla"] = start.Start{A: draws(rng.New(26), 8, 32).Scaled(0.1), B: linalg.NewDense(40, 8)}
	for _, name := range append([]string{"vanilla"}, armOrder...) {
		step := start.FirstStep(all[name], g, scale, rate)
		change, _, _ := start.Taken(all[name], g, scale, rate)
		formula := step.First.Scaled(1)
		formula.Add(1, step.Second)
		m.errors = append(m.errors, off(fmt.Sprintf("%s, whose gain is %.3g", name, step.Gain(rate)), apart(formula, change), 1e-10))
	}
	return m, nil
}
