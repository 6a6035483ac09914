package lora

import (
	"reflect"
	"testing"
)

// Numbers come back as they went, and a vector of another length is accused.
func TestNumbersComeBack(t *testing.T) {
	whole := Factors(grown(1, 5, 4, 2, 3))
	half, err := Adapter(whole).Only("B")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []Factors{whole, half} {
		if got := f.With(f.Numbers()); !reflect.DeepEqual(got, f) || f.SameShape(got) != nil {
			t.Errorf("%+v came back as %+v", f, got)
		}
		for _, n := range []int{1, len(f.Numbers()) + 1} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%d numbers were taken", n)
					}
				}()
				f.With(make([]float64, n))
			}()
		}
	}
	if whole.SameShape(half) == nil || whole.SameShape(Factors(grown(1, 5, 4, 2, 2))) == nil {
		t.Error("unlike shapes pass for one")
	}
}
