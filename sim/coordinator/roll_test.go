package coordinator

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/loramesh/loramesh/plugins/method"
)

// A roll is a map from participants, in their order, whose values stay where they are.
func TestRollIsAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r Roll[int]
		want, at := map[method.ID]int{}, map[method.ID]*int{}
		id := rapid.Custom(func(t *rapid.T) method.ID {
			return method.ID{Pool: rapid.SampledFrom([]string{"client", "anchor"}).Draw(t, "pool"), Index: rapid.IntRange(0, 200).Draw(t, "index")}
		})
		for n := range rapid.IntRange(0, 100).Draw(t, "touched") {
			x := id.Draw(t, "id")
			if _, known := want[x]; !known && r.Find(x) != nil {
				t.Fatalf("%s was not touched, and is found", x)
			}
			*r.At(x) = n
			want[x], at[x] = n, r.At(x)
		}
		if r.Len() != len(want) {
			t.Fatalf("%d were touched, and %d are counted", len(want), r.Len())
		}
		var order []method.ID
		for x, v := range r.All() {
			order = append(order, x)
			if *v != want[x] || v != at[x] || v != r.Find(x) {
				t.Fatalf("%s: %d at %p, not %d at %p", x, *v, v, want[x], at[x])
			}
		}
		if !slices.Equal(order, slices.SortedFunc(maps.Keys(want), method.ID.Compare)) {
			t.Fatalf("%v", order)
		}
	})
}

// An index that comes from outside may be any number.
func TestRollTakesAnyIndex(t *testing.T) {
	var r Roll[int]
	for _, i := range []int{-1, -17, 1 << 62} {
		x := method.ID{Pool: "client", Index: i}
		if r.Find(x) != nil {
			t.Errorf("%s is found", x)
		}
		*r.At(x) = i
		if got := r.Find(x); got == nil || *got != i {
			t.Errorf("%s is not found", x)
		}
	}
}
