package coordinator

import (
	"fmt"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/loramesh/loramesh/plugins/method"
)

// Tales say what was told, in order, whatever their length.
func TestTalesRoundTrip(t *testing.T) {
	word := rapid.SampledFrom([]string{"", "fit", "lora", "loss", "y=1,s=0", "a name of some length"})
	float := rapid.Float64Range(-1e300, 1e300)
	named := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) method.Named {
		blob := fmt.Sprintf("%064x", rapid.IntRange(0, 5).Draw(t, "blob"))
		return method.Named{Name: word.Draw(t, "name"), Blob: method.Blob(blob)}
	}), 0, 3)
	one := rapid.Custom(func(t *rapid.T) (o outcome) {
		o.unusable, o.flops, o.energy, o.claimed = word.Draw(t, "why"), float.Draw(t, "flops"), float.Draw(t, "energy"), float.Draw(t, "claimed")
		if rapid.Bool().Draw(t, "usual") {
			o.energy, o.claimed = 0, 1
		}
		o.adapter, o.folded, o.Round = rapid.Bool().Draw(t, "adapter"), rapid.Int().Draw(t, "folded"), rapid.Int().Draw(t, "round")
		o.Name, o.From = word.Draw(t, "name"), method.ID{Pool: word.Draw(t, "pool"), Index: rapid.IntRange(0, 1<<40).Draw(t, "index")}
		o.Examples, o.Share, o.Spent = rapid.Int().Draw(t, "examples"), rapid.SampledFrom([]float64{1, 0.5}).Draw(t, "share"), method.Seconds(float.Draw(t, "spent"))
		o.Up, o.Down = int64(rapid.Int().Draw(t, "up")), int64(rapid.Int().Draw(t, "down"))
		o.Made, o.Began, o.kept = none(named.Draw(t, "made")), none(named.Draw(t, "began")), none(named.Draw(t, "kept"))
		for range rapid.IntRange(0, 4).Draw(t, "values") {
			o.Values = append(o.Values, method.Value{Name: word.Draw(t, "value"), Group: word.Draw(t, "group"), Value: float.Draw(t, "v"), Weight: float.Draw(t, "w")})
		}
		for range rapid.IntRange(0, 2).Draw(t, "warnings") {
			o.Warnings = append(o.Warnings, rapid.StringN(0, 20_000, -1).Draw(t, "warning"))
		}
		return o
	})
	rapid.Check(t, func(t *rapid.T) {
		var memory tales
		var all []outcome
		var r reports
		for range rapid.IntRange(0, 20).Draw(t, "flights") {
			told := rapid.SliceOfN(one, 1, 3).Draw(t, "outcomes")
			all, r.flights = append(all, told...), append(r.flights, memory.add(told))
		}
		n := 0
		for got := range r.outcomes() {
			if all[n].Age = -all[n].folded; !reflect.DeepEqual(got, all[n]) {
				t.Fatalf("outcome %d is %+v, not %+v", n, got, all[n])
			}
			n++
		}
		if n != len(all) {
			t.Fatalf("%d outcomes of %d", n, len(all))
		}
	})
}

// none is a list that has nothing in it as it is told: without memory.
func none[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}

// What a loop over reports changes in them changes nothing for the next.
func TestReportsAreCopies(t *testing.T) {
	var memory tales
	blob := method.Blob(fmt.Sprintf("%064x", 7))
	rep := method.Report{Name: "fit", Made: []method.Named{{Name: "lora", Blob: blob}}, Values: []method.Value{{Name: "loss", Value: 1}}, Warnings: []string{"slow"}}
	r := reports{flights: []tale{memory.add([]outcome{{Report: rep}, {Report: rep, unusable: whyLost}})}, usable: 1}
	for range 2 {
		n := 0
		for got, err := range r.All() {
			if err != nil || !reflect.DeepEqual(got, rep) {
				t.Fatalf("%+v, %v", got, err)
			}
			got.Made[0].Blob, got.Values[0].Value, got.Warnings[0] = "", 2, ""
			n++
		}
		if n != r.Len() {
			t.Errorf("%d reports, and %d can be used", n, r.Len())
		}
	}
}
