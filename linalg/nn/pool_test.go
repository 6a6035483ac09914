package nn

import (
	"fmt"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/rng"
)

// A block that the model does not have is the caller's fault, who is told it and how many there are.
func TestGivenOfNoBlock(t *testing.T) {
	s := rng.New(84).Stream()
	m := randomModel(t, small(true), s)
	r := NewRunner(m)
	if err := r.Forward(raggedBatch(m.config, s)); err != nil {
		t.Fatal(err)
	}
	for l := Last; l <= m.config.Layers; l++ {
		if got, want := len(r.Given(l)), r.Rows()*m.config.Width; got != want {
			t.Errorf("%d numbers after block %d, expected %d", got, l, want)
		}
	}
	for _, l := range []int{Last - 1, m.config.Layers + 1} {
		func() {
			defer func() {
				if want := fmt.Sprintf("Given of block %d of a model of %d", l, m.config.Layers); !strings.Contains(fmt.Sprint(recover()), want) {
					t.Errorf("block %d: no panic that says %q", l, want)
				}
			}()
			r.Given(l)
		}()
	}
}
