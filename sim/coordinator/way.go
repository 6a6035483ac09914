package coordinator

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
)

// givenWay is a model that another member of the chain builds on. What the one before attached
// beside the weights is in the weights now, and leaves its name to what is trained, for most
// call that "lora": so a member builds alike on one that merges, as flora, and on one that
// attaches, as fedit. What is scaled for each input or shared out by a router cannot be merged;
// it goes on beside the weights, frozen, under another name.
//
// What each participant keeps is found by its name, which cannot give way; a member that would
// train under that name is refused by its card before the run.
func givenWay(model method.Model) method.Model {
	model.Attach = slices.Clone(model.Attach)
	names := map[string]string{} // new by old
	for i, a := range model.Attach {
		if a.Merge || a.From.Kept {
			continue
		}
		// The place makes the name unique, also in a chain of three.
		names[a.Name] = fmt.Sprintf("start.%d", i)
		model.Attach[i].Name, model.Attach[i].Merge = names[a.Name], a.Gate == nil && !routed(model, a.Name)
	}
	model.Routers = slices.Clone(model.Routers)
	for i, r := range model.Routers {
		model.Routers[i].Over = slices.Clone(r.Over)
		for j, x := range r.Over {
			if name, given := names[x.Attach]; given {
				model.Routers[i].Over[j].Attach = name
			}
		}
	}
	return model
}

// routed says whether a router shares inputs out to an attachment.
func routed(model method.Model, name string) bool {
	return slices.ContainsFunc(model.Routers, func(r method.Router) bool {
		return slices.ContainsFunc(r.Over, func(x method.Expert) bool { return x.Attach == name })
	})
}
