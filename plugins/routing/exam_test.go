package routing

import (
	"testing"

	"github.com/loramesh/loramesh/plugins/methodtest"
)

func TestMain(m *testing.M) { methodtest.Main(m, Set()) }

// Every router and every way to join a cohort passes the exam, not only those that the cards
// take by default, which the list of built-in methods has examined.
func TestEveryWayPassesTheExam(t *testing.T) {
	for _, x := range []struct{ name, value string }{
		{"router", "sequence"}, {"router", "activation"}, {"router", "activation-sequence"}, {"router", "arrow"}, {"router", "uniform"}, {"aggregate", "stack"}, {"aggregate", "svd"},
	} {
		if testing.Short() && x.value != "activation-sequence" && x.value != "stack" {
			continue
		}
		t.Run(x.value, func(t *testing.T) {
			methodtest.Exam(t, Routing(), methodtest.With(x.name, x.value), methodtest.With("rounds_each", 2))
		})
	}
	t.Run("sequential", func(t *testing.T) {
		methodtest.Exam(t, Sequential(), methodtest.With("aggregate", "stack"), methodtest.With("rounds_each", 2))
	})
}
