package sim_test

import (
	"testing"

	"github.com/loramesh/loramesh/sim/simtest"
)

func TestSmoke(t *testing.T) {
	h, lines := simtest.Run(t, simtest.World(t, simtest.Trial(t), nil))
	t.Log(h, len(lines))
	for _, l := range lines { t.Log(string(l.Raw)) }
}
