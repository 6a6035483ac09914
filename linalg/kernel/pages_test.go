package kernel

import "testing"

// What lies beside memory that is moved to large pages keeps its numbers, and what is made
// is zeros, whether it was used before or not.
func TestMakeGivesZerosAndLeavesNeighboursAlone(t *testing.T) {
	var kept [][]float32
	for round := range 40 {
		x := Make[float32](worthAPage/4 + 1000*round)
		for i, v := range x {
			if v != 0 {
				t.Fatalf("round %d: number %d is %g; expected 0", round, i, v)
			}
			x[i] = float32(round)
		}
		if round%2 == 0 { // the others' memory is used again
			kept = append(kept, x)
		}
	}
	for i, x := range kept {
		for j, v := range x {
			if v != float32(2*i) {
				t.Fatalf("slice %d, number %d is %g; expected %d", i, j, v, 2*i)
			}
		}
	}
	if n := len(Make[uint16](0)); n != 0 {
		t.Errorf("no numbers are %d numbers", n)
	}
}
