package actors

import (
	"fmt"
	"testing"
)

func TestOneLedgerByAnyNumberOfSlots(t *testing.T) {
	for _, slots := range []int{1, 2, 8} {
		t.Run(fmt.Sprint(slots), func(t *testing.T) {
			p := same(t, "6", Options{Slots: slots})
			if p.ClientRuns != 12 || p.Failures != 0 || p.Round != 2 || p.Rounds != 2 {
				t.Errorf("12 runs of clients in 2 rounds were expected: %+v", p)
			}
		})
	}
}
