package flora

import (
	"context"
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
)

// later is a method that may come after another in a chain, and build on what that deployed.
// An adapter that is attached there is merged into the weights, as one that was there before the
// trial, and gives its name away, for all call what they train "lora". So a personal adapter is
// trained over a shared one alike, whether the method before merges (flora) or attaches (fedit).
//
// A name under which participants keep something cannot give way. Where the method trains
// under it too, what each keeps would be written over while it is built on: that is refused.
type later struct{ method.MethodWithCheck }

func (m later) Plan(ctx context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	r.Start = givenWay(r.Start)
	out, err := m.MethodWithCheck.Plan(ctx, r)
	if err != nil {
		return out, err
	}
	for _, a := range out.Assign {
		if f, ok := a.Recipe.(method.Fit); ok {
			if err := m.apart(f, r.Start); err != nil {
				return out, err
			}
		}
	}
	return out, nil
}

func (m later) Fold(ctx context.Context, r method.FoldRequest) (method.FoldResponse, error) {
	r.Start = givenWay(r.Start)
	return m.MethodWithCheck.Fold(ctx, r)
}

// givenWay is a start whose attachments leave the name "lora" to what is trained. What is kept
// under it stays, and what is scaled for each input cannot be merged.
func givenWay(start method.Model) method.Model {
	i := slices.IndexFunc(start.Attach, func(a method.Attach) bool { return a.Name == upload && !a.From.Kept })
	if i < 0 {
		return start
	}
	// The place makes the name unique, also in a chain of three.
	name := fmt.Sprintf("start.%d", i)
	start.Attach = slices.Clone(start.Attach)
	start.Attach[i].Name, start.Attach[i].Merge = name, start.Attach[i].Gate == nil
	start.Routers = slices.Clone(start.Routers)
	for k, router := range start.Routers {
		router.Over = slices.Clone(router.Over)
		for j := range router.Over {
			if router.Over[j].Attach == upload {
				router.Over[j].Attach, start.Attach[i].Merge = name, false
			}
		}
		start.Routers[k] = router
	}
	return start
}

// apart refuses to train under a name under which the start has what participants keep.
func (m later) apart(f method.Fit, start method.Model) error {
	for _, p := range f.Train {
		l, ok := p.(method.LoRA)
		if !ok {
			continue
		}
		for _, a := range start.Attach {
			if a.Name == l.Name && a.From.Kept {
				return fmt.Errorf("flora: the method before %s in the chain left each participant an adapter of its own, kept under the name %q, and %s trains one under that name, which would take its place: expected a method before it that merges or shares its adapter, as flora or fedit",
					m.Describe().Name, a.Name, m.Describe().Name)
			}
		}
	}
	return nil
}
