package routing

import (
	"context"
	"fmt"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
)

// Routing is Dynamic Routing Between Experts (arXiv 2511.01831): a LoRA for each task, trained
// on that task alone; then a gate vector for each adapted module, trained for a few steps
// with all else frozen; and a router that shares every token between the experts whose gates
// fit it best. Steps as in PHATGOOSE (arXiv 2402.05859, section 3), which it adapts; see the
// page docs/methods/routing.md for what of the paper is known.
func Routing() method.Method { return routing{} }

// Oracle is the same with experts found by the task's name: the upper bound of routing.
func Oracle() method.Method { return routing{kind: "oracle"} }

// Generic is Dynamic Routing with one more slot, an expert that says nothing: its key is the
// mean activation on generic text, which a pool of the role "generic" brings.
func Generic() method.Method { return routing{kind: "generic"} }

type routing struct{ kind string }

const paper = "Yang et al., Dynamic Routing Between Experts: A Data-Efficient Approach to Continual Learning in Vision-Language Models, 2025"

func (m routing) Describe() method.Card {
	c := m.describe()
	c.Routes, c.Still = true, "experts stand behind a router, which takes plain pairs of factors, and the weight must stay"
	return c
}

func (m routing) describe() method.Card {
	c := card("routing", "An expert for each task, and a gate by which tokens find it", paper)
	if m.kind == "oracle" {
		c = card("routing-oracle", "An expert for each task, found by the task's name: the upper bound of routing", paper)
		c.Needs = []method.Need{method.NeedTestTask}
		return c
	}
	if m.byPrompt() {
		return m.promptCard()
	}
	if m.kind == "generic" {
		c = card("routing-generic", "Dynamic Routing with an expert that says nothing, which generic text goes to", paper)
		c.Roles = append(c.Roles, "generic")
	}
	c.Params = append(c.Params,
		method.Param{Name: "router", Kind: method.Text, Default: "gates", OneOf: []string{"gates", "sequence", "activation", "activation-sequence", "arrow", "uniform"}, Doc: "how experts are found: trained gates by token; the same by prompt; the mean activation of their data by token; the same by prompt; the leading direction of their change; all alike"},
		method.Param{Name: "gate_steps", Kind: method.Int, Default: 100, Min: 1, Max: 1 << 20, Doc: "updates that train the gates of a task"},
		method.Param{Name: "gate_lr", Kind: method.Float, Default: 5e-3, Min: 0, Max: 10, Doc: "AdamW's learning rate for them; at 0 all gates stay alike"},
		method.Param{Name: "top_k", Kind: method.Int, Default: 2, Min: 0, Max: 1 << 10, Doc: "experts that share a token; 0 takes all"},
		method.Param{Name: "raw", Kind: method.Flag, Default: false, Doc: "weights as a softmax over all experts gives them, with a sum below 1; false lets those chosen share all"},
		method.Param{Name: "epsilon", Kind: method.Float, Default: 1e-5, Min: 1e-12, Max: 1, Doc: "beside the variance where gates and tokens are standardised"},
		method.Param{Name: "below", Kind: method.Float, Default: 0.0, Min: -1e6, Max: 1e6, Doc: "no expert acts on a token whose best score is lower; 0 does nothing"},
	)
	return c
}

// router is how experts are found.
func (m routing) router(p method.Values) string {
	if m.kind == "oracle" || m.byPrompt() {
		return m.kind
	}
	return p.Text("router")
}

// byActivation says whether the key of an expert is the mean of what enters a module on its
// data, which nothing trains.
func (m routing) byActivation(p method.Values) bool {
	by := m.router(p)
	return by == "activation" || by == "activation-sequence"
}

// keyed says whether keys take a round of their own.
func (m routing) keyed(p method.Values) bool {
	switch m.router(p) {
	case "gates", "sequence", "activation", "activation-sequence", "retrieval", "pooled":
		return true
	}
	return false
}

// rounds is how many a stage takes.
func (m routing) rounds(p method.Values) int {
	if m.keyed(p) {
		return p.Int("rounds_each") + 1
	}
	return p.Int("rounds_each")
}

// perPrompt says whether an expert is found once for a whole prompt, or by the task's name.
func (m routing) perPrompt(p method.Values) bool {
	switch m.router(p) {
	case "oracle", "retrieval", "pooled", "sequence", "activation-sequence":
		return true
	}
	return false
}

// Check refuses what would leave experts without gates, and modules that no base has.
func (m routing) Check(_ context.Context, s method.Scene) ([]method.Problem, error) {
	found := check(s, m.rounds(s.Params))
	if s.Followed && m.perPrompt(s.Params) {
		found = append(found, method.Problem{Path: "params.router", Text: "a router that decides for a whole prompt, or by the task's name, is not trained beside: put the method last in the chain, or take one that decides token by token, as routing with gates, activation, arrow or uniform"})
	}
	return found, nil
}

func (m routing) Plan(_ context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	now, err := recall(r.Scene)
	if err != nil {
		return method.PlanResponse{}, err
	}
	rounds, wanted := r.Params.Int("rounds_each"), m.rounds(r.Params)
	switch {
	case now.Done >= wanted:
		return finished(r.Scene)
	case now.Done == rounds:
		ask, err := m.askKeys(r, &now)
		if err != nil {
			return method.PlanResponse{}, err
		}
		return planned(now, ask)
	}
	fit, err := now.ask(r, lesson{on: r.Start, fresh: true})
	if err != nil {
		return method.PlanResponse{}, err
	}
	asks := []method.Assignment{fit}
	if m.kind == "generic" && now.Generic == "" {
		if probe, some := m.askGeneric(r); some {
			asks = append(asks, probe)
		}
	}
	return planned(now, asks...)
}

// askGeneric has generic text looked at by the base alone.
func (m routing) askGeneric(r method.PlanRequest) (a method.Assignment, some bool) {
	a = method.Assignment{Name: "generic", Recipe: method.Probe{Model: r.Start, What: []method.Statistic{method.Input{Modules: method.Patterns(r.Params.Text("modules"))}}}}
	for _, p := range r.Offered {
		if p.Role == "generic" {
			a.To = append(a.To, p.ID)
		}
	}
	return a, len(a.To) > 0
}

// askKeys has the expert's keys made by those who trained it: gates under a frozen expert, or
// a look at what enters the modules.
func (m routing) askKeys(r method.PlanRequest, now *memory) (method.Assignment, error) {
	to, err := now.settle(r, false)
	if err != nil {
		return method.Assignment{}, err
	}
	p := r.Params
	if m.byPrompt() {
		return askPrompts(r, to), nil
	}
	if m.byActivation(p) {
		return method.Assignment{Name: "activation", To: to, Recipe: method.Probe{Model: r.Start, What: []method.Statistic{method.Input{Modules: method.Patterns(p.Text("modules"))}}}}, nil
	}
	const name = "expert"
	on := beside(r.Start, name, now.Now, 1)
	on.Attach[len(on.Attach)-1].Gate = method.Sigmoid{}
	return method.Assignment{Name: "gates", To: to, Upload: []string{"keys"}, Recipe: method.Fit{
		Model: on, Train: []method.Part{method.Keys{Name: "keys", Of: []string{name}}}, Objective: method.CE,
		Optimiser: method.Optimiser{Name: "adamw", LR: p.Float("gate_lr")},
		Schedule:  method.Schedule{Name: p.Text("schedule"), Warmup: p.Float("warmup")},
		Steps:     p.Int("gate_steps"), Batch: p.Int("batch"), Clip: p.Float("clip"),
	}}, nil
}

func (m routing) Fold(_ context.Context, r method.FoldRequest) (out method.FoldResponse, err error) {
	now, err := recall(r.Scene)
	if err != nil {
		return out, err
	}
	rounds := r.Params.Int("rounds_each")
	var keys method.Blob
	if now.Done < rounds {
		if out.Values, out.Flops, err = now.join(r); err != nil {
			return out, err
		}
		if now.Generic == "" && m.kind == "generic" {
			if now.Generic, err = meanKeys(r, "generic", "input"); err != nil {
				return out, err
			}
			if now.Generic == "" {
				out.Warnings = append(out.Warnings, "nobody of the role \"generic\" has reported yet: until then there is no null expert")
			}
		}
	} else if m.byPrompt() {
		if keys, out.Values, err = foldPrompts(r); err != nil {
			return out, err
		}
	} else {
		name, of := "gates", "keys"
		if m.byActivation(r.Params) {
			name, of = "activation", "input"
		}
		if keys, err = meanKeys(r, name, of); err == nil && keys == "" {
			err = fmt.Errorf("routing: no report of %q, or no example behind any: the keys of an expert are undefined", name)
		}
		if err != nil {
			return out, err
		}
		v, err := spread(r.Blobs, keys)
		if err != nil {
			return out, err
		}
		out.Values = append(out.Values, v)
	}
	now.Done++
	if now.Done == rounds && !m.keyed(r.Params) || now.Done > rounds {
		if m.router(r.Params) == "arrow" {
			if keys, err = prototypes(r.Blobs, now.Now); err != nil {
				return out, err
			}
		}
		if err := now.register(r.Stage, expert{LoRA: now.Now, Keys: keys}); err != nil {
			return out, err
		}
		now.Now = ""
		if m.kind == "pooled" {
			if now.Judge, err = judge(r, now.Experts); err != nil {
				return out, err
			}
		}
		model := m.deployed(r.Scene, now)
		out.Deploy = &model
		out.Values = append(out.Values, method.Value{Name: "experts", Value: float64(len(now.Experts)), Weight: 1})
	}
	out.State, err = now.state()
	return out, err
}

// prototypes are keys that an adapter has by itself.
func prototypes(blobs method.Blobs, b method.Blob) (method.Blob, error) {
	a, err := openLoRA(blobs, b)
	if err != nil {
		return "", err
	}
	keys, err := a.Prototypes()
	if err != nil {
		return "", err
	}
	return blobs.Put(keys.Tensors())
}

// spread is the variance of an expert's gates, the mean over modules: beside epsilon it says
// how far standardised scores can be trusted.
func spread(blobs method.Blobs, b method.Blob) (method.Value, error) {
	t, err := blobs.Open(b)
	if err != nil {
		return method.Value{}, err
	}
	keys, err := lora.ParseKeys(t)
	if err != nil {
		return method.Value{}, err
	}
	var sum float64
	for _, k := range keys {
		var mean, square float64
		for _, v := range k.V {
			mean += float64(v)
		}
		mean /= float64(len(k.V))
		for _, v := range k.V {
			d := float64(v) - mean
			square += float64(d * d)
		}
		sum += square / float64(len(k.V))
	}
	return method.Value{Name: "gate.variance", Value: sum / float64(len(keys)), Weight: 1}, nil
}
