package mesh

import (
	"fmt"
	"sync"
	"time"
	"unsafe"

	"github.com/loramesh/loramesh/linalg/rng"
)

// jumpEvery is how long a clock goes on before it jumps again.
const jumpEvery = 200 * time.Millisecond

// Clock is the clock of one party whose wall time jumps again and again, to where it is
// wrong by up to Jump, as when somebody sets it; nil where clocks do not jump. Its readings
// are those of a process on such a machine: spans between two of them are right, and
// whatever is taken from the date, or carried through it, is wrong.
func (c Climate) Clock(party string) func() time.Time {
	if c.Jump == 0 {
		return nil
	}
	var mu sync.Mutex
	dice := rng.New(c.Seed).At("clock", party).Stream()
	var jumped time.Time
	var wrong time.Duration
	return func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		now := time.Now()
		if now.Sub(jumped) > jumpEvery {
			jumped, wrong = now, time.Duration(dice.Uniform(-1, 1)*float64(c.Jump)).Truncate(time.Second)
		}
		return misdated(now, wrong)
	}
}

// misdated is a reading whose date is wrong by whole seconds, and whose span from any other
// reading is right. Package time makes no such readings by itself: seconds of the date stand
// from bit 30 of its first word on, in all that have a reading of the steady clock too.
func misdated(t time.Time, by time.Duration) time.Time {
	wrong := t
	*(*uint64)(unsafe.Pointer(&wrong)) += uint64(int64(by/time.Second)) << 30 //nolint:gosec // see above, and the check below
	if wrong.Sub(t) != 0 || wrong.Round(0).Sub(t.Round(0)) != by {
		panic(fmt.Sprintf("mesh: %s misdated by %s came as %s: package time keeps readings in another way", t, by, wrong))
	}
	return wrong
}
