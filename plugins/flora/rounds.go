package flora

import (
	"maps"
	"slices"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
)

// The two ways from round to round: clients go on from an adapter that the server holds, or
// what a round made is merged and they begin afresh.

// goOn has everyone train at one rank, from the adapter that is held first, once there is one.
func goOn(r method.PlanRequest) (method.PlanResponse, error) {
	rank, state, err := equalRank(r)
	if err != nil {
		return method.PlanResponse{}, err
	}
	part := adapter(r.Scene)
	part.Rank, part.Shared = rank, true
	if len(state.Holds) > 0 {
		if state.Holds, err = cutAll(rank, state.Holds, r.Blobs); err != nil {
			return method.PlanResponse{}, err
		}
		part.From.Blob = state.Holds[0]
	}
	return ask(state, fit(r.Params, r.Start, part)), nil
}

// goesOn is the answer of a server that holds one adapter, which runs beside the base.
func goesOn(r method.FoldRequest, now lora.Adapter, values []method.Value, flops float64) (method.FoldResponse, error) {
	b, err := r.Blobs.Put(now.Tensors())
	if err != nil {
		return method.FoldResponse{}, err
	}
	model := beside(r.Start, b)
	return method.FoldResponse{State: method.State{Bytes: r.State.Bytes, Holds: []method.Blob{b}}, Deploy: &model, Values: values, Flops: flops}, nil
}

// afresh has everyone train a new adapter at its own rank, on what has been merged so far.
func afresh(r method.PlanRequest) method.PlanResponse {
	part := adapter(r.Scene)
	part.Rank = method.OwnRank
	return ask(r.State, fit(r.Params, merged(r.Start, r.State.Holds), part))
}

// isMerged is the answer of a server that merges what a round made.
func isMerged(r method.FoldRequest, sum lora.Adapter, values []method.Value, flops float64) (method.FoldResponse, error) {
	b, err := r.Blobs.Put(sum.Tensors())
	if err != nil {
		return method.FoldResponse{}, err
	}
	state := r.State.Hold(b)
	model := merged(r.Start, state.Holds)
	return method.FoldResponse{State: state, Deploy: &model, Values: values, Flops: flops}, nil
}

// handOut has everyone go on from the adapter that is held, at the ranks given: who trains at
// a small one is sent the leading rows alone, and downloads no more than them.
func handOut(r method.PlanRequest, state method.State, ranks map[int][]method.ID) (method.PlanResponse, error) {
	out := method.PlanResponse{State: state}
	for _, rank := range slices.Sorted(maps.Keys(ranks)) {
		part := adapter(r.Scene)
		part.Rank, part.Shared = rank, true
		if rank == 0 { // no limit: the host says what is missing
			part.Rank = method.OwnRank
		}
		if len(state.Holds) > 0 {
			part.From.Blob = state.Holds[0]
			if rank > 0 {
				var err error
				if part.From.Blob, err = cutTo(rank, state.Holds[0], r.Blobs); err != nil {
					return out, err
				}
			}
		}
		one := ask(state, fit(r.Params, r.Start, part)).Assign[0]
		one.To = ranks[rank]
		out.Assign = append(out.Assign, one)
	}
	return out, nil
}

// ownRanks groups those offered by the rank that each can hold.
func ownRanks(offered []method.Participant) map[int][]method.ID {
	ranks := map[int][]method.ID{}
	for _, p := range offered {
		ranks[p.Rank] = append(ranks[p.Rank], p.ID)
	}
	return ranks
}
