package start

import (
	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/rng"
)

// Arm is which triples a start takes in the query and in the value weights of attention.
type Arm struct{ Query, Value Choice }

// AILoRA takes principal triples in the query and minor ones in the value (Ji et al. 2025);
// the others are what it has to be compared with.
func AILoRA() Arm { return Arm{Largest, Smallest} }

// Swapped is AILoRA the other way round, the decisive control.
func Swapped() Arm { return Arm{Smallest, Largest} }

// Principal is PiSSA in both.
func Principal() Arm { return Arm{Largest, Largest} }

// Minor is MiLoRA in both.
func Minor() Arm { return Arm{Smallest, Smallest} }

// Central takes the middle of the spectrum in both.
func Central() Arm { return Arm{Middle, Middle} }

// Random takes drawn triples in both.
func Random(key rng.Key) Arm { return Arm{Any(key.At("query")), Any(key.At("value"))} }

// Chosen begins from the triples of w that the arm chooses there: pass its Query or Value.
func Chosen(w linalg.Dense, rank int, scale float64, choose Choice) (Start, error) {
	return ofWeight(w, rank, scale, choose)
}
