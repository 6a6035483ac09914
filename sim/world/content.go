package world

import (
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/ledger"
)

// Content names what the world is made of, bases and data sets by content: two worlds of
// one trial with one content give the same work the same result.
func (w *World) Content() string {
	var all []ledger.Content
	for _, b := range w.Bases {
		all = append(all, ledger.Content{Name: b.Name, Blob: b.Blob})
	}
	for _, s := range w.sets {
		all = append(all, ledger.Content{Name: s.Name, Blob: method.Blob(s.hash)})
	}
	return keyOf(all)
}
