package report

import (
	"fmt"
	"slices"
	"testing"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/ledger"
)

// Arms that miss the same work of the same participants share a row, which names the first of
// them in their order and counts the rest; an arm that misses more has its own.
func TestLeftOut(t *testing.T) {
	trial := func(arm string, missing ...ledger.Missing) *results.Trial {
		x := &results.Trial{Missing: missing}
		x.Head.Arm = arm
		return x
	}
	var dropped []ledger.Missing
	for i := range 14 {
		dropped = append(dropped, ledger.Missing{From: fmt.Sprintf("client/%d", 13-i), Why: "dropped"})
	}
	lost := ledger.Missing{From: "client/3", Why: "lost"}
	got := leftOut(&results.Run{Trials: []*results.Trial{
		trial("flora", append(dropped, lost)...), trial("fedit", append(dropped, lost, lost)...), trial("zeropad", append(slices.Clone(dropped), lost)...), trial("whole"),
	}})
	var rows []string
	for _, a := range got {
		rows = append(rows, fmt.Sprint(a.Arm, "; ", a.Why, " ", a.Times, " ", a.Whom, " ", a.More))
	}
	first := "[client/0 client/1 client/2 client/3 client/4 client/5 client/6 client/7 client/8 client/9 client/10 client/11]"
	want := []string{"fedit, flora, zeropad; dropped 14 " + first + " 2", "fedit; lost 2 [client/3] 0", "flora, zeropad; lost 1 [client/3] 0"}
	if !slices.Equal(rows, want) {
		t.Errorf("got  %q\nwant %q", rows, want)
	}
}
