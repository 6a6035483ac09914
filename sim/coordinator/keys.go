package coordinator

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg/lora"
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
