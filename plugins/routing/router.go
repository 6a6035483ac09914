package routing

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
)

// deployed is the model with all experts and the router over them.
func (m routing) deployed(s method.Scene, now memory) method.Model {
	model := s.Start
	router := method.Router{Grain: method.Token, Mix: method.Outputs, Column: "task"}
	if m.perPrompt(s.Params) {
		router.Grain = method.Sequence
	}
	for _, x := range now.Experts {
		model = beside(model, x.Task, x.LoRA, 1)
		router.Over = append(router.Over, method.Expert{Attach: x.Task, Key: x.Keys})
	}
	switch m.router(s.Params) {
	case "oracle":
		router.By = method.ByColumn
		return routed(model, router)
	case "retrieval", "pooled":
		router.By, router.Encoder = method.Nearest, encoder(s)
		if m.kind == "pooled" {
			router.By, router.Judge = method.Judged, now.Judge
			for i := range router.Over {
				router.Over[i].Key = "" // what was stored has gone into the judge
			}
		}
		return routed(model, router)
	case "uniform":
		router.By = method.Uniform
	case "arrow":
		router.By = method.Absolute
	default:
		router.By = method.Standardised
	}
	if now.Generic != "" && router.By == method.Standardised {
		router.Over = append(router.Over, method.Expert{Key: now.Generic})
	}
	if router.By == method.Standardised {
		router.Epsilon = s.Params.Float("epsilon")
	}
	if router.By != method.Uniform {
		router.TopK = min(s.Params.Int("top_k"), len(router.Over))
		router.Raw, router.Below = s.Params.Flag("raw"), s.Params.Float("below")
	}
	return routed(model, router)
}

// routed is a model with a router more.
func routed(model method.Model, r method.Router) method.Model {
	model.Routers = append(slices.Clone(model.Routers), r)
	return model
}

// meanKeys puts the mean of what the participants returned for an assignment into a blob:
// keys, by their examples, or what entered the modules, by the tokens behind it. Of no report
// there is none.
func meanKeys(r method.FoldRequest, name, of string) (method.Blob, error) {
	var mean lora.KeysMean
	var all float64
	for pass := range 2 { // shares need the sum first
		for rep, err := range r.Reports.All() {
			if err != nil {
				return "", err
			}
			if rep.Name != name {
				continue
			}
			keys, weight, err := openKeys(r.Blobs, rep, of)
			if err != nil {
				return "", fmt.Errorf("routing: the report of %s: %w", rep.From, err)
			}
			if pass == 0 {
				all += weight
				continue
			}
			if err := mean.Add(weight/all, keys); err != nil {
				return "", fmt.Errorf("routing: the report of %s: %w", rep.From, err)
			}
		}
	}
	if all == 0 {
		return "", nil
	}
	return r.Blobs.Put(mean.Keys().Tensors())
}

// openKeys opens trained keys, or makes keys of mean inputs, with their weight.
func openKeys(blobs method.Blobs, rep method.Report, of string) (lora.Keys, float64, error) {
	b := rep.Blob(of)
	if b == "" {
		return nil, 0, fmt.Errorf("it has no %q", of)
	}
	t, err := blobs.Open(b)
	if err != nil {
		return nil, 0, err
	}
	if of == "keys" {
		keys, err := lora.ParseKeys(t)
		return keys, float64(rep.Examples), err
	}
	var keys lora.Keys
	count := 0.0
	for _, x := range t.List {
		if x.Name == "count" {
			count = sum(x)
			continue
		}
		if len(x.Shape) != 1 {
			return nil, 0, fmt.Errorf("tensor %q of shape %v; expected the mean of what enters a module", x.Name, x.Shape)
		}
		keys = append(keys, lora.Key{Module: x.Name, V: x.Data})
	}
	return keys, count, nil
}

func sum(x linalg.Tensor) (all float64) {
	for _, v := range x.Data {
		all += float64(v)
	}
	return all
}
