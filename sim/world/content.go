package world

import (
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/ledger"
)

// Content names what the world is made of, bases, data sets and traces by content: two worlds of
// one trial with one content give the same work the same result.
func (w *World) Content() string {
	var all []ledger.Content
	for _, b := range w.Bases {
		all = append(all, ledger.Content{Name: b.Name, Blob: b.Blob})
	}
	for _, s := range w.sets {
		all = append(all, ledger.Content{Name: s.Name, Blob: method.Blob(s.hash)})
	}
	return keyOf(append(all, w.traces()...))
}

// traces names the files of devices by content.
func (w *World) traces() (all []ledger.Content) {
	for _, c := range w.classes {
		if c.hash != "" {
			all = append(all, ledger.Content{Name: c.Name, Blob: method.Blob(c.hash)})
		}
	}
	return all
}
