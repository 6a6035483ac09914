package train

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/plugins/method"
)

// keysPart is the gate vectors of an attachment in training: a gate that opens where the
// adapter helps becomes the key by which a router finds it.
type keysPart struct {
	name  string
	began lora.Keys
	keys  lora.Keys // trained in place
}

// startKeys has the gates of an attachment trained, from what the part begins with, or from
// zero: gates half open.
func (t *Trainer) startKeys(run *nn.Runner, b *beside, k method.Keys) (*keysPart, []nn.Param, error) {
	gated := b.gated[k.Of[0]]
	if len(gated) == 0 {
		return nil, nil, fmt.Errorf("part %q: attachment %q has no Sigmoid gate whose keys could be trained", k.Name, k.Of[0])
	}
	given, err := openKeys(k.From.Blob, t.blobs)
	if err != nil {
		return nil, nil, fmt.Errorf("part %q: %w", k.Name, err)
	}
	p := &keysPart{name: k.Name}
	var params []nn.Param
	for _, x := range gated {
		if given != nil {
			v := given.Of(x.Module)
			if len(v) != len(x.Key) {
				return nil, nil, fmt.Errorf("part %q: what it begins from has %d numbers on module %s, which has %d inputs", k.Name, len(v), x.Module, len(x.Key))
			}
			copy(x.Key, v)
		}
		p.began = append(p.began, lora.Key{Module: x.Module, V: slices.Clone(x.Key)})
		p.keys = append(p.keys, lora.Key{Module: x.Module, V: x.Key})
		x.TrainKey()
		params = append(params, x.Params()...)
	}
	return p, params, run.Attach() // finds how deep gradients must flow now
}

// storeKeys uploads keys, and what they began from.
func (t *Trainer) storeKeys(j job, p *keysPart, rep *method.Report) error {
	if len(j.assign.Upload) > 0 && !slices.Contains(j.assign.Upload, p.name) {
		return nil
	}
	from := p.began.Tensors()
	began, err := t.blobs.Put(from)
	if err != nil {
		return err
	}
	made, err := t.upload(j, p.name, p.keys.Tensors(), &from)
	if err != nil {
		return err
	}
	rep.Began = append(rep.Began, method.Named{Name: p.name, Blob: began})
	rep.Made = append(rep.Made, method.Named{Name: p.name, Blob: made})
	return nil
}

// carriesKeys: of one attachment, which is gated.
func carriesKeys(k method.Keys, m method.Model) error {
	if len(k.Of) != 1 {
		return refuse("training the keys of %d attachments as one part: %q; of one each is; that", len(k.Of), k.Of)
	}
	if k.From.Kept {
		return refuse("keys that a participant keeps (part %q)", k.Name)
	}
	i := slices.IndexFunc(m.Attach, func(a method.Attach) bool { return a.Name == k.Of[0] })
	if i < 0 {
		return fmt.Errorf("part %q trains the keys of %q, and nothing is attached under that name", k.Name, k.Of[0])
	}
	if _, ok := m.Attach[i].Gate.(method.Sigmoid); !ok {
		return fmt.Errorf("part %q trains the keys of attachment %q, which has no Sigmoid gate", k.Name, k.Of[0])
	}
	return nil
}
