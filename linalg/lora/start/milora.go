package start

import "github.com/loramesh/loramesh/linalg"

// MiLoRA begins from the minor triples of the weight (Wang et al. 2024).
func MiLoRA(w linalg.Dense, rank int, scale float64) (Start, error) {
	return ofWeight(w, rank, scale, Smallest)
}
