package train

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/plugins/method"
)

// beside is what runs beside the weights of a model.
type beside struct {
	model   method.Model
	plain   []*nn.Branch
	gated   map[string][]*nn.Branch // by attachment, its branches that have a Sigmoid gate
	experts map[string]lora.Adapter // by attachment, those that a router shares rows among
	scales  map[string]float64      // of the experts' attachments
	routers [][]*nn.Router          // by router of the model, one for each module
	seekers []*seeker               // by router, of those that look at whole prompts
	open    bool                    // the scenario's own measuring, which may be told any column
}

// newBeside notes which attachments are experts.
func newBeside(m method.Model) *beside {
	b := &beside{model: m, gated: map[string][]*nn.Branch{}, experts: map[string]lora.Adapter{}, scales: map[string]float64{}}
	for _, r := range m.Routers {
		for _, x := range r.Over {
			if x.Attach != "" {
				b.experts[x.Attach] = nil
			}
		}
	}
	return b
}

// add puts an attachment where it belongs: among the experts, behind a gate, or beside the
// weights as it is.
func (b *beside) add(at method.Attach, a lora.Adapter, blobs method.Blobs) error {
	_, expert := b.experts[at.Name]
	gate, gated := at.Gate.(method.Sigmoid)
	if !expert && !gated {
		for _, p := range a {
			b.plain = append(b.plain, branches(p, at.Scale)...)
		}
		return nil
	}
	for _, p := range a {
		if p.Dense() || p.Started() {
			return fmt.Errorf("module %s is dense or moved the base: a gate or a router takes plain pairs of factors", p.Module)
		}
	}
	if expert {
		if gated {
			return refuse("a gate on an attachment that a router shares rows with")
		}
		b.experts[at.Name], b.scales[at.Name] = a, at.Scale
		return nil
	}
	keys, err := openKeys(gate.Key, blobs)
	if err != nil {
		return fmt.Errorf("its gate: %w", err)
	}
	for _, p := range a {
		x := branches(p, at.Scale)[0]
		x.Key = make([]float32, p.In)
		if keys != nil {
			v := keys.Of(p.Module)
			if len(v) != p.In {
				return fmt.Errorf("its gate has a key of %d numbers for module %s, which has %d inputs: it is the gate of another base or adapter", len(v), p.Module, p.In)
			}
			copy(x.Key, v)
		}
		b.plain, b.gated[at.Name] = append(b.plain, x), append(b.gated[at.Name], x)
	}
	return nil
}

// openKeys reads keys; of no blob there are none.
func openKeys(b method.Blob, blobs method.Blobs) (lora.Keys, error) {
	if b == "" {
		return nil, nil
	}
	t, err := blobs.Open(b)
	if err != nil {
		return nil, err
	}
	keys, err := lora.ParseKeys(t)
	if err != nil {
		return nil, fmt.Errorf("blob %.12s…: %w", b, err)
	}
	return keys, nil
}

// affinities, grains and mixes are the seam's words in the engine's.
var (
	affinities = map[method.Affinity]nn.Affinity{method.Standardised: nn.Standardised, method.Absolute: nn.Absolute, method.Uniform: nn.Uniform, method.ByColumn: nn.Shared, method.Nearest: nn.Shared, method.Judged: nn.Shared}
	grains     = map[method.Grain]nn.Grain{method.Token: nn.ByRow, method.Sequence: nn.BySequence, method.Batch: nn.ByBatch}
	mixes      = map[method.Mix]nn.Mix{method.Outputs: nn.Outputs, method.Factors: nn.Factors}
)

// route makes the routers of a model: of each one for every module that an expert adapts.
func (b *beside) route(m method.Model, model *nn.Model, blobs method.Blobs) error {
	for i, r := range m.Routers {
		keys := make([]lora.Keys, len(r.Over))
		scored := r.By == method.Standardised || r.By == method.Absolute
		for j, x := range r.Over {
			if !scored {
				break
			}
			var err error
			if keys[j], err = openKeys(x.Key, blobs); err != nil {
				return fmt.Errorf("router %d, expert %d: %w", i, j, err)
			}
			if keys[j] == nil {
				return fmt.Errorf("router %d, expert %d: it has no key, by which a router that is %s scores it", i, j, r.By)
			}
		}
		var own []*nn.Router
		for _, x := range model.Modules() {
			q := &nn.Router{Module: x.Name, By: affinities[r.By], Grain: grains[r.Grain], Mix: mixes[r.Mix], TopK: r.TopK, Raw: r.Raw, Epsilon: r.Epsilon, Below: r.Below}
			if !scored { // nothing is chosen where nothing is scored
				q.TopK, q.Raw, q.Epsilon, q.Below = 0, false, 0, 0
			}
			adapts := false
			for j, e := range r.Over {
				branch := b.expert(e.Attach, x.Name)
				adapts = adapts || branch != nil
				q.Experts = append(q.Experts, branch)
				if scored {
					q.Keys = append(q.Keys, keys[j].Of(x.Name)...)
				}
			}
			if !adapts {
				continue
			}
			for j := range r.Over {
				if v := keys[j].Of(x.Name); scored && len(v) != x.In {
					return fmt.Errorf("router %d, expert %d: its key has %d numbers on module %s, which has %d inputs: it is the key of another base or adapter", i, j, len(v), x.Name, x.In)
				}
			}
			own = append(own, q)
		}
		b.routers = append(b.routers, own)
	}
	return nil
}

// expert is the branch of an expert on a module, nil where it has none.
func (b *beside) expert(name, module string) *nn.Branch {
	a := b.experts[name]
	i := slices.IndexFunc(a, func(p lora.Pair) bool { return p.Module == module })
	if i < 0 {
		return nil
	}
	return branches(a[i], b.scales[name])[0]
}

// attach puts it all into a runner.
func (b *beside) attach(run *nn.Runner) error {
	if err := run.Attach(b.plain...); err != nil {
		return err
	}
	for i, own := range b.routers {
		if err := run.Route(own...); err != nil {
			return fmt.Errorf("router %d: %w", i, err)
		}
	}
	return nil
}
