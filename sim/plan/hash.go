package plan

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/loramesh/loramesh/sim/scenario"
)

// hashOf names a scenario by content: two files that make the same choices, one by writing
// a default out and the other not, have the same hash.
func hashOf(s *scenario.Scenario) string {
	sum := sha256.Sum256(s.Resolved())
	return hex.EncodeToString(sum[:])
}

// Hash is that of a plan: SHA-256 over its trials' hashes in order, each as a line of hex.
func Hash(trials []Trial) string {
	h := sha256.New()
	for _, t := range trials {
		h.Write([]byte(t.Hash + "\n"))
	}
	return hex.EncodeToString(h.Sum(nil))
}
