package flora

import (
	"fmt"
	"strings"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/method"
)

// Names of single factors, as they are uploaded and kept.
const (
	factorA = upload + ".A"
	factorB = upload + ".B"
)

// drawn is the adapter at which a trial begins where the server, and no client, draws it: as
// clients would, B being 0. It is the same for all rounds, which what clients share is not.
func drawn(r method.PlanRequest, rank int) (method.Blob, error) {
	patterns := method.Patterns(r.Params.Text("modules"))
	var a lora.Adapter
	for _, base := range r.Bases {
		if base.Name != r.Start.Base {
			continue
		}
		for _, m := range base.Modules {
			takes, err := matches(patterns, m.Name)
			if err != nil {
				return "", err
			}
			if !takes {
				continue
			}
			p, err := drawPair(r, m, min(rank, lora.MaxRank(m.Out, m.In)))
			if err != nil {
				return "", err
			}
			a = append(a, p)
		}
	}
	if err := a.Check(); err != nil {
		return "", fmt.Errorf("flora: modules %q of base %q: %w", r.Params.Text("modules"), r.Start.Base, err)
	}
	return r.Blobs.Put(a.Tensors())
}

// drawnByServer is why such a method cannot begin at an init that is taken out of the weight.
const drawnByServer = "its server draws the factors that all share, and the weight must stay"

// drawPair is where one module begins.
func drawPair(r method.PlanRequest, m method.Module, rank int) (lora.Pair, error) {
	fresh := func(init lora.Init) (lora.Pair, error) {
		module := lora.Module{Name: m.Name, Out: m.Out, In: m.In}
		return lora.Fresh(rng.New(r.Seed).At("start"), module, rank, r.Params.Float("scale"), init), nil
	}
	for _, at := range r.Init {
		takes, err := linalg.Match(at.Modules, m.Name)
		if err != nil {
			return lora.Pair{}, err
		}
		if !takes {
			continue
		}
		switch init := at.Init.(type) {
		case method.Kaiming:
			return fresh(lora.Kaiming{})
		case method.Gaussian:
			return fresh(lora.Gaussian{Std: init.Std})
		case method.Given:
			if init.Residual {
				break
			}
			return givenPair(r, init.Blob, m, rank)
		}
		return lora.Pair{}, fmt.Errorf("flora: module %s is to begin by %s, which moves the base; this method cannot take it, for %s: take an init that leaves the weight, as EVA", m.Name, method.Name(at.Init), drawnByServer)
	}
	return fresh(lora.Kaiming{})
}

// givenPair is what the chain left for a module, at a rank.
func givenPair(r method.PlanRequest, b method.Blob, m method.Module, rank int) (lora.Pair, error) {
	f, err := factorsIn(b, r.Blobs)
	if err == nil {
		f, err = f.Cut(rank)
	}
	if err != nil {
		return lora.Pair{}, err
	}
	p, ok := f.Whole().Pair(m.Name)
	if !ok {
		return p, fmt.Errorf("flora: the chain left factors to begin from, and none for module %s", m.Name)
	}
	return lora.Adapter{p}.Rescale(r.Params.Float("scale"))[0], nil
}

func matches(patterns []string, module string) (bool, error) {
	for _, p := range patterns {
		if ok, err := linalg.Match(p, module); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

// oneFactor has everyone go on from the shared adapter, at one rank, and train one factor of
// it; changed is the factor that the turn before has moved, and knows says who keeps the
// other as it is. They are sent that one factor alone, and whoever missed it both. Everybody
// keeps the frozen factor, which will be the same in the next turn.
func oneFactor(r method.PlanRequest, train, changed string, knows func(method.Participant) (bool, error)) (method.PlanResponse, error) {
	rank, state, err := equalRank(r)
	if err != nil {
		return method.PlanResponse{}, err
	}
	if state.Holds, err = begun(r, rank, state.Holds); err != nil {
		return method.PlanResponse{}, err
	}
	var all, some []method.ID
	for _, p := range r.Offered {
		has, err := knows(p)
		switch {
		case err != nil:
			return method.PlanResponse{}, err
		case has:
			some = append(some, p.ID)
		default:
			all = append(all, p.ID)
		}
	}
	out := method.PlanResponse{State: state}
	add := func(to []method.ID, from method.From) {
		part := adapter(r.Scene)
		part.Rank, part.Freeze, part.From = rank, strings.TrimPrefix(otherFactor(train), upload+"."), from
		one := ask(state, fit(r.Params, r.Start, part)).Assign[0]
		one.To, one.Upload, one.Keep = to, []string{train}, []string{otherFactor(train)}
		out.Assign = append(out.Assign, one)
	}
	if len(all) > 0 {
		add(all, method.From{Blob: state.Holds[0]})
	}
	if len(some) > 0 {
		b, err := half(state.Holds[0], changed, r.Blobs)
		if err != nil {
			return out, err
		}
		add(some, method.From{Blob: b, Kept: true})
	}
	return out, nil
}

// begun is what a server holds, at a rank, drawn where it is the first round.
func begun(r method.PlanRequest, rank int, holds []method.Blob) ([]method.Blob, error) {
	if len(holds) == 0 {
		start, err := drawn(r, rank)
		return []method.Blob{start}, err
	}
	return cutAll(rank, holds, r.Blobs)
}

func otherFactor(name string) string {
	if name == factorA {
		return factorB
	}
	return factorA
}

// half stores one factor of an adapter by itself.
func half(b method.Blob, factor string, blobs method.Blobs) (method.Blob, error) {
	whole, err := factorsIn(b, blobs)
	if err != nil {
		return "", err
	}
	only, err := onlyPart(whole, factor)
	if err != nil {
		return "", err
	}
	return put(only, blobs)
}
