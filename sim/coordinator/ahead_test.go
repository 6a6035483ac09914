package coordinator

import (
	"math"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
)

// What is measured while others are at work comes out as it does in the fold, in whatever order
// reports come; and of a round that comes to what was foretold, nothing is measured again.
func TestWhatIsMeasuredAheadMovesNothing(t *testing.T) {
	const clients, rounds = 9, 3
	fates := map[string]func(method.ID, int) Fate{
		"all come": nil,
		"some do not": func(id method.ID, times int) Fate {
			return Fate{Dropped: id.Index == 2, Lost: id.Index == 4 && times == 1, Corrupt: id.Index == 0 && times == 2}
		},
	}
	regimes := map[string]Regime{"sync": {}, "deadline": {Deadline: 1e6, Over: 1}, "flying": {Flying: clients, Close: 4}}
	orders := map[string]func([]Input) []Input{"in order": nil, "crossed": func(in []Input) []Input {
		for i := 1; i < len(in); i += 2 {
			in[i-1], in[i] = in[i], in[i-1]
		}
		return in
	}}
	for fated, fate := range fates {
		for closes, regime := range regimes {
			some := func() *trial {
				x := one(clients, rounds, averager(1))
				x.world.fate, x.fixed.Members[0].Regime = fate, regime
				return x
			}
			want := some().mustRun(t).hash
			for order, arrive := range orders {
				x := some()
				x.arrive = arrive
				folded, ahead := x.aheadOf(t)
				if x.hash != want {
					t.Errorf("%s, %s, %s: measured ahead the hash is %s, expected %s", fated, closes, order, x.hash, want)
				}
				if expected := closes == "sync"; ahead == folded != expected {
					t.Errorf("%s, %s, %s: the measures of %d of %d folds were begun ahead", fated, closes, order, ahead, folded)
				}
			}
		}
	}
}

// What comes otherwise than foretold is measured when the round has closed.
func TestWhatIsNotForetoldIsMeasuredInTheFold(t *testing.T) {
	answers := map[string]func(x *trial, l Lease, r *method.Report){
		"fewer examples": func(_ *trial, l Lease, r *method.Report) {
			if l.Key.Whom.Index == 3 {
				r.Examples--
			}
		},
		"a number that is none": func(x *trial, l Lease, r *method.Report) {
			if l.Key.Whom.Index == 3 {
				made := random(1, 2)
				made[0].A[0] = float32(math.NaN())
				r.Made[0].Blob = must(x.store.Put(made.Tensors()))
			}
		},
	}
	for name, spoil := range answers {
		some := func() *trial {
			x := one(6, 2, averager(1))
			x.answer = func(l Lease) method.WorkResponse {
				out := x.work(l)
				for i := range out.Reports {
					spoil(x, l, &out.Reports[i])
				}
				return out
			}
			return x
		}
		want := some().mustRun(t).hash
		x := some()
		if folded, ahead := x.aheadOf(t); x.hash != want || ahead != 0 || folded != 2 {
			t.Errorf("%s: the hash is %s, expected %s; of %d folds %d used what was measured ahead", name, x.hash, want, folded, ahead)
		}
	}
}

// aheadOf runs a trial whose driver has time after each input, and counts the folds whose measures
// were begun before.
func (x *trial) aheadOf(t *testing.T) (folded, ahead int) {
	t.Helper()
	x.keeper = &nobody{}
	x.between = func(m *Machine) {
		var begun *brought
		if m.open != nil {
			begun = m.open.ahead
		}
		for m.Ahead() {
			continue
		}
		if m.phase != folding || m.open.brought == nil {
			return
		}
		if folded++; begun != nil && m.open.brought == begun {
			ahead++
		}
	}
	x.mustRun(t)
	return folded, ahead
}
