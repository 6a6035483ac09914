package lora

import (
	"math"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/factor"
)

// Drift and overlaps by hand, from full matrices: Σp‖U−Ū‖²/Σp‖U‖² and leading left vectors;
// beyond the first eight clients too, whose directions are not looked at.
func TestDriftMeter(t *testing.T) {
	for _, clients := range []int{1, 3, 10} {
		var m DriftMeter
		share := 1 / float64(clients)
		mean, squares := linalg.NewDense(20, 14), 0.0
		var updates []linalg.Dense
		for k := range clients {
			made, began := grown(k, 20, 14, 3, 2), grown(100+k%2, 20, 14, 3, 2)
			if err := m.Client(share, []Adapter{made}, []Adapter{began}); err != nil {
				t.Fatal(err)
			}
			u := minus(made[0].Delta(), began[0].Delta())
			updates = append(updates, u)
			mean.Add(share, u)
			squares += share * math.Pow(linalg.Norm(u.Data), 2)
		}
		apart := 0.0
		for _, u := range updates {
			apart += share * math.Pow(linalg.Norm(minus(u, mean).Data), 2)
		}
		if got, want := m.Drift(linalg.Norm(mean.Data)), math.Sqrt(apart/squares); math.Abs(got-want) > 1e-7 || clients == 1 && got != 0 {
			t.Errorf("%d clients: the drift is %v, expected %v", clients, got, want)
		}
		modules, overlaps := m.Overlaps()
		if clients == 1 {
			if len(modules) > 0 {
				t.Errorf("one client overlaps in %v", modules)
			}
			continue
		}
		sum, n := 0.0, 0.0
		for a := range min(clients, 8) {
			for b := range a {
				x, y := decompose(t, updates[a]), decompose(t, updates[b])
				sum, n = sum+factor.Overlap(x.U, y.U, 4), n+1
			}
		}
		if len(overlaps) != 1 || modules[0] != "0.q" || math.Abs(overlaps[0]-sum/n) > 1e-9 {
			t.Errorf("%d clients overlap by %v in %v, expected %v", clients, overlaps, modules, sum/n)
		}
	}
}

// What changed between two deployed models: thin, full, and nothing.
func TestChangeMeter(t *testing.T) {
	for _, rank := range []int{2, 9} {
		var m ChangeMeter
		now, before := grown(1, 12, 10, rank, 2), grown(2, 12, 10, 3, 2)
		told := GapMeter{Change: &m}
		told.Deployed(0.5, now)
		told.Previous(1, before)
		d := decompose(t, minus(now[0].Delta().Scaled(0.5), before[0].Delta()))
		got, err := m.Shapes()
		if err != nil || len(got) != 1 || math.Abs(got[0].Effective-factor.EffectiveRank(d.Sigma)) > 1e-9 || math.Abs(got[0].Stable-factor.StableRank(d.Sigma)) > 1e-9 {
			t.Errorf("rank %d: %+v, %v", rank, got, err)
		}
		var none ChangeMeter
		told = GapMeter{Change: &none}
		told.Deployed(1, now)
		told.Previous(1, now)
		if got, err := none.Shapes(); err != nil || len(got) > 0 {
			t.Errorf("of no change: %+v, %v", got, err)
		}
	}
	var m ChangeMeter
	bad := grown(1, 12, 10, 2, 2)
	bad[0].A[3] = float32(math.NaN())
	told := GapMeter{Change: &m}
	told.Deployed(1, bad)
	if _, err := m.Shapes(); !NotFinite(err) {
		t.Errorf("of NaN: %v", err)
	}
}
