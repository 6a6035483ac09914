package ailora

import (
	"testing"

	"github.com/loramesh/loramesh/plugins/methodtest"
)

func TestMain(m *testing.M) { methodtest.Main(m, Set()) }

// Every arm passes the exam, not only the one that the card takes by default, and so does
// LoRA+. (The list of built-in methods has all others of this package examined.)
func TestEveryArmPassesTheExam(t *testing.T) {
	names := armNames()
	if testing.Short() {
		names = []string{"rescaled", "norm-matched"}
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			methodtest.Exam(t, AILoRA(), methodtest.With("arm", name), methodtest.With("plus", 16.0))
		})
	}
}
