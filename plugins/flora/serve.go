package flora

import (
	"fmt"
	"math"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/lora/server"
	"github.com/loramesh/loramesh/plugins/method"
)

// serve is the answer of a server that holds a shared adapter and goes on from the clients'
// mean, or by a step of its optimiser. What was uploaded under the name what may be the whole
// adapter or one factor of it; the other stays as it is. Beside the adapter it holds what the
// optimiser remembers.
func serve(r method.FoldRequest, what string) (method.FoldResponse, error) {
	var out method.FoldResponse
	next, memory, seen, err := nextOf(r, what)
	if err != nil {
		return out, err
	}
	if len(r.State.Holds) > 0 {
		whole, err := factorsIn(r.State.Holds[0], r.Blobs)
		if err == nil {
			next, err = next.Over(whole)
		}
		if err != nil {
			return out, err
		}
	}
	out, err = goesOn(r, next.Whole(), seen.values(), seen.meanFlops())
	if err != nil {
		return out, err
	}
	for _, f := range memory {
		b, err := put(f, r.Blobs)
		if err != nil {
			return out, err
		}
		out.State.Holds = append(out.State.Holds, b)
	}
	return out, nil
}

// nextOf is what was uploaded, joined, with the memory of the optimiser: nothing, m, or m and v.
func nextOf(r method.FoldRequest, what string) (next lora.Factors, memory []lora.Factors, seen joined, err error) {
	o := optimiser(r.Params)
	stale, err := anyOld(r.Reports)
	if err != nil {
		return nil, nil, seen, err
	}
	if o.Rule == server.FedAvg && !stale && mixing(r.Params) == 0 {
		var mean lora.Mean
		seen, err = each(r, what, func(share float64, _ method.Report, f lora.Factors) error { return mean.AddFactors(share, f) })
		if err != nil {
			return nil, nil, seen, err
		}
		return mean.Factors(), nil, seen, nil
	}
	at, change, seen, err := changeOf(r, what)
	if err != nil {
		return nil, nil, seen, err
	}
	was, err := memoryOf(r, at)
	if err != nil {
		return nil, nil, seen, err
	}
	x, now := o.Step(at.Numbers(), change, was)
	return at.With(x), memories(at, now), seen, nil
}

// memories are what an optimiser remembers as factors, in the shape of what it moves.
func memories(shape lora.Factors, m server.Memory) (list []lora.Factors) {
	for _, x := range [][]float64{m.M, m.V} {
		if x != nil {
			list = append(list, shape.With(x))
		}
	}
	return list
}

// optimiser is the server's.
func optimiser(p method.Values) server.Optimiser {
	return server.Optimiser{Rule: server.Rule(p.Text("server")), Rate: p.Float("server_lr"),
		Beta1: p.Float("server_beta1"), Beta2: p.Float("server_beta2"), Tau: p.Float("server_tau")}
}

func anyOld(reports method.Reports) (bool, error) {
	for rep, err := range reports.All() {
		if err != nil || rep.Age > 0 {
			return err == nil, err
		}
	}
	return false, nil
}

// changeOf is the mean change of what was uploaded, each client's since it began, and where
// the server is. A report of an earlier round counts less by its age (FedBuff, Nguyen et al.
// 2022). With mixing, the change is from where the server is, a share α of it: (1−α)·θ + α·θ_k
// of one report (FedAsync, Xie et al. 2019). A report may have been made at a rank from before the adapter was cut.
func changeOf(r method.FoldRequest, what string) (at lora.Factors, change []float64, seen joined, err error) {
	if at, err = heldPart(r, what); err != nil {
		return nil, nil, seen, err
	}
	seen, err = each(r, what, func(share float64, rep method.Report, f lora.Factors) error {
		began, err := begunPart(r.Blobs, rep, what)
		if err != nil {
			return err
		}
		if at == nil {
			at = began
		}
		since := began
		if alpha := mixing(r.Params); alpha > 0 {
			share, since = share*alpha, at
		}
		moved, err := moved(at, since, f)
		if err != nil {
			return err
		}
		if change == nil {
			change = make([]float64, len(moved))
		}
		share *= discount(r.Params, rep.Age)
		for i, d := range moved {
			change[i] += float64(share * d)
		}
		return nil
	})
	return at, change, seen, err
}

// moved is a client's change, in the shape of where the server is.
func moved(at, began, made lora.Factors) ([]float64, error) {
	rank := 0
	for _, p := range at {
		rank = max(rank, p.Rank)
	}
	var ends [2][]float64
	for i, f := range []lora.Factors{began, made} {
		cut, err := f.Cut(rank)
		if err != nil {
			return nil, err
		}
		if err := cut.SameShape(at); err != nil {
			return nil, err
		}
		ends[i] = cut.Numbers()
	}
	for i, x := range ends[0] {
		ends[1][i] -= x
	}
	return ends[1], nil
}

// discount is the share of its weight that a report keeps at an age.
func discount(p method.Values, age int) float64 {
	name, _ := p["discount"].(string) // those that take no old reports have none
	switch name {
	case "sqrt":
		return 1 / math.Sqrt(1+float64(age))
	case "linear":
		return 1 / (1 + float64(age))
	}
	return 1
}

// mixing is FedAsync's α; 0 where it is not asked for, or not offered.
func mixing(p method.Values) float64 {
	alpha, _ := p["mixing"].(float64)
	return alpha
}

// heldPart is the part of what the server holds that is uploaded; nil before the first round.
func heldPart(r method.FoldRequest, what string) (lora.Factors, error) {
	if len(r.State.Holds) == 0 {
		return nil, nil
	}
	f, err := factorsIn(r.State.Holds[0], r.Blobs)
	if err != nil {
		return nil, err
	}
	return onlyPart(f, what)
}

// begunPart is what a client began from, as far as it uploads it.
func begunPart(blobs method.Blobs, rep method.Report, what string) (lora.Factors, error) {
	part, _, _ := method.Factor(what)
	for _, n := range rep.Began {
		if n.Name == part || n.Name == what {
			f, err := factorsIn(n.Blob, blobs)
			if err != nil {
				return nil, err
			}
			return onlyPart(f, what)
		}
	}
	return nil, fmt.Errorf("it does not say what %q began from, so its change is not known", what)
}

// onlyPart is one factor of f where what names one, else f.
func onlyPart(f lora.Factors, what string) (lora.Factors, error) {
	_, factor, single := method.Factor(what)
	if !single || lora.Adapter(f).Check() != nil { // single factors already
		return f, nil
	}
	return lora.Adapter(f).Only(factor)
}

// memoryOf is what the optimiser remembers, in the shape of where the server is.
func memoryOf(r method.FoldRequest, at lora.Factors) (m server.Memory, err error) {
	for i, into := range []*[]float64{&m.M, &m.V} {
		if len(r.State.Holds) < i+2 {
			break
		}
		f, err := factorsIn(r.State.Holds[i+1], r.Blobs)
		if err != nil {
			return m, err
		}
		if err := f.SameShape(at); err != nil {
			return m, fmt.Errorf("flora: what the server's optimiser remembers: %w", err)
		}
		*into = f.Numbers()
	}
	return m, nil
}
