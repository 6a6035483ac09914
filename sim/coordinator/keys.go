package coordinator

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/mlp"
	"github.com/loramesh/loramesh/plugins/method"
)

// openable says why a blob cannot be the keys of a gate or a router on a base: it is no keys,
// or those of another base. No blob is no keys, which nothing is wrong with.
func (m *Machine) openable(b method.Blob, base string) error {
	if b == "" {
		return nil
	}
	key := fitting{b, base}
	if err, known := m.fits[key]; known {
		return err
	}
	defer m.blobs.Hold()()
	t, err := m.blobs.Open(b)
	var keys lora.Keys
	if err == nil {
		keys, err = lora.ParseKeys(t)
	}
	for _, k := range keys {
		if err = m.keyFits(k, base); err != nil {
			break
		}
	}
	m.fits[key] = err
	return err
}

// seeks says why a router cannot find experts by prompts: its encoder is no base of the scenario,
// or what it compares with, or its judge, is of another.
func (m *Machine) seeks(r method.Router, base string) error {
	if r.Encoder != "" {
		base = r.Encoder
	}
	i := slices.IndexFunc(m.fixed.Bases, func(b method.Base) bool { return b.Name == base })
	if i < 0 {
		return fmt.Errorf("its encoder %q is no base of the scenario", base)
	}
	width := m.fixed.Bases[i].Width
	defer m.blobs.Hold()()
	if r.By == method.Judged {
		t, err := m.blobs.Open(r.Judge)
		if err != nil {
			return err
		}
		c, err := mlp.Parse(t)
		if err == nil && (c.In != width || c.Out != len(r.Over)) {
			err = fmt.Errorf("its judge takes %d numbers and knows %d experts; base %q gives %d, and there are %d experts", c.In, c.Out, base, width, len(r.Over))
		}
		return err
	}
	for j, e := range r.Over {
		t, err := m.blobs.Open(e.Key)
		if err != nil {
			return fmt.Errorf("expert %d: its stored examples: %w", j, err)
		}
		own, err := lora.ParseEmbeddings(t)
		if err == nil && own.Width != width {
			err = fmt.Errorf("its stored examples have %d numbers, and base %q gives %d: they are of another encoder", own.Width, base, width)
		}
		if err != nil {
			return fmt.Errorf("expert %d: %w", j, err)
		}
	}
	return nil
}

// keyFits compares a key with the module of its name.
func (m *Machine) keyFits(k lora.Key, base string) error {
	for _, b := range m.fixed.Bases {
		for _, x := range b.Modules {
			if b.Name == base && x.Name == k.Module {
				if len(k.V) != x.In {
					return fmt.Errorf("the key of module %s has %d numbers and the module of base %q %d inputs: it is the key of another base", k.Module, len(k.V), base, x.In)
				}
				return nil
			}
		}
	}
	return fmt.Errorf("base %q has no module %s, which there is a key for: it is the key of another base", base, k.Module)
}
