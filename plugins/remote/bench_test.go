package remote_test

import (
	"fmt"
	"testing"

	"github.com/loramesh/loramesh/plugins/remote"
)

// BenchmarkCall is what a call takes in which next to nothing is computed.
func BenchmarkCall(b *testing.B) {
	for _, n := range []int{1, 256} {
		w := newWorld(b, n)
		p, err := remote.Open(b.Context(), remote.Options{Command: []string{self(b), "good"}, Name: "good", RunDir: b.TempDir()})
		if err != nil {
			b.Fatal(err)
		}
		m := p.Methods()[0]
		b.Run(fmt.Sprintf("plan-%d", n), func(b *testing.B) {
			for b.Loop() {
				if _, err := m.Plan(b.Context(), w.plan); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("fold-%d", n), func(b *testing.B) {
			for b.Loop() {
				if _, err := m.Fold(b.Context(), w.fold); err != nil {
					b.Fatal(err)
				}
			}
		})
		if err := p.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
