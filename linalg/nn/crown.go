package nn

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/linalg/safetensors"
)

// Answering is the config of an encoder with a head for another answer: as many outputs, and
// of the kind, that a says. classes are their names; nil: they have none. Where the family's
// head has a pooler before it, this one has it too.
func (c Config) Answering(a Answer, classes []string) (Config, error) {
	if !c.Headless {
		return c, fmt.Errorf("a model of type %q says tokens; a head that answers for sequences stands on encoders: %s", c.Family, strings.Join(crownable(), ", "))
	}
	if a.Outputs < 1 || classes != nil && len(classes) != a.Outputs {
		return c, fmt.Errorf("a head of %d outputs with %d names; expected at least one, and as many names", a.Outputs, len(classes))
	}
	c.Answer = Answer{Outputs: a.Outputs, Regression: a.Regression, Several: a.Several, Act: c.Answer.Act}
	c.Classes = classes
	return parseConfig(c.JSON()) // which knows what stands before the outputs
}

// crownable lists the families that a head can stand on.
func crownable() (names []string) {
	for _, name := range Families() {
		c := Config{Family: name}
		families[name].design(&c)
		if c.Headless {
			names = append(names, name)
		}
	}
	return names
}

// HeadTensors lists what belongs to the module that answers ("classifier" in all families),
// by the names of its tensors. None: there is no such head.
func (c Config) HeadTensors() (names []string) {
	p := partsOf(c)
	if c.Answer.Outputs == 0 {
		return nil
	}
	module := ""
	for _, s := range p.slots {
		if s.to == toMap && s.owner == p.answer.out.id {
			module, _, _ = strings.Cut(s.name, ".")
		}
	}
	for _, s := range p.slots {
		if strings.HasPrefix(s.name, module+".") {
			names = append(names, s.name)
		}
	}
	return names
}

// Crown gives the tensors of an encoder's file a new head, for a config that [Config.Answering]
// made: weights as draw gives them, map by map, and biases of 0, in the place of those that the
// file may have. A pooler of the file stays; one that it lacks is drawn too. fresh names the
// tensors that are new: without training they say nothing.
func Crown(c Config, ts []safetensors.Tensor, draw func(out, in int) []float32) (all []safetensors.Tensor, fresh []string, err error) {
	if c.Answer.Outputs == 0 {
		return nil, nil, errors.New("there is no head to draw: the config has no outputs")
	}
	rename, head := families[c.Family].rename, c.HeadTensors()
	have := map[string]bool{}
	for _, t := range ts {
		name := rename(c, t.Name)
		if slices.Contains(head, name) {
			continue
		}
		have[name] = true
		all = append(all, t)
	}
	for _, slot := range partsOf(c).slots {
		if !partOfAnswer(c, slot) || have[slot.name] {
			continue
		}
		data := make([]float32, product(slot.shape))
		if slot.to == toMap {
			data = draw(slot.shape[0], slot.shape[1])
		}
		t, err := safetensors.FromFloats(slot.name, "F32", slot.shape, data)
		if err != nil {
			return nil, nil, err
		}
		all, fresh = append(all, t), append(fresh, slot.name)
	}
	return all, fresh, nil
}

// partOfAnswer says whether a tensor is of the pooler or of the outputs.
func partOfAnswer(c Config, s slot) bool {
	a := partsOf(c).answer
	for _, l := range []*linear{a.pooler, a.out} {
		if l != nil && (s.to == toMap && s.owner == l.id || s.to == toVector && s.owner == l.bias) {
			return true
		}
	}
	return false
}
