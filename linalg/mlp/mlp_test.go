package mlp

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/rng"
)

// rings are points around the origin in three rings, a class each: no plane parts them.
func rings(n int) (rows []float32, classes []int) {
	s := rng.New(3).Stream()
	for i := range n {
		class := i % 3
		r := 1 + 2*float64(class) + 0.1*s.Norm()
		a := s.Uniform(0, 2*math.Pi)
		rows, classes = append(rows, float32(100+r*math.Cos(a)), float32(0.01*r*math.Sin(a)), 7), append(classes, class)
	}
	return rows, classes
}

func TestRingsAreToldApart(t *testing.T) {
	rows, classes := rings(150)
	c, err := Train(rows, 3, classes, 3, Plan{32, 400, 0.03}, rng.New(1).Stream())
	if err != nil {
		t.Fatal(err)
	}
	x, err := Parse(c.Tensors())
	if err != nil {
		t.Fatal(err)
	}
	right := 0
	for i, y := range classes {
		if x.Class(rows[3*i:3*i+3]) == y {
			right++
		}
	}
	if right < 145 {
		t.Errorf("%d of %d points are told apart", right, len(classes))
	}
	again, err := Train(rows, 3, classes, 3, Plan{32, 400, 0.03}, rng.New(1).Stream())
	if err != nil || !slices.Equal(again.W1, c.W1) || !slices.Equal(again.B2, c.B2) {
		t.Error("the same rows and stream gave another classifier")
	}
}

func TestWhatIsNoClassifier(t *testing.T) {
	s := rng.New(1).Stream()
	for says, f := range map[string]func() error{
		"5 numbers for 2 rows of 3": func() error { _, err := Train(make([]float32, 5), 3, []int{0, 1}, 2, Plan{1, 1, 1}, s); return err },
		"row 1 is of class 2":       func() error { _, err := Train(make([]float32, 6), 3, []int{0, 2}, 2, Plan{1, 1, 1}, s); return err },
		"of kind \"\"":              func() error { _, err := Parse(linalg.Tensors{}); return err },
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v; want one that says %q", err, says)
		}
	}
}
