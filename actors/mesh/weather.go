package mesh

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/loramesh/loramesh/linalg/rng"
)

// Weather says when the copies of a message arrive: one at once on a fair day, which nil
// means too; none where it is lost, several where it is doubled, late ones where they wait.
// It is how faults are put into the mesh.
type Weather func(subject string) []time.Duration

// Fair is the weather in which every message arrives once, at once.
func Fair(string) []time.Duration { return []time.Duration{0} }

// Climate is weather by chance: so many messages in a hundred are lost, come twice, or are
// late, by up to a span. Late ones are overtaken by those after them.
type Climate struct {
	Lose, Double, Delay int // in a hundred
	Late                time.Duration
	Jump                time.Duration // how far the clocks of those who meet it go wrong, either way
	Seed                uint64
}

// String is the climate as [ParseClimate] reads it.
func (c Climate) String() string {
	return fmt.Sprintf("lose=%d,double=%d,delay=%d,late=%s,jump=%s,seed=%d", c.Lose, c.Double, c.Delay, c.Late, c.Jump, c.Seed)
}

// ParseClimate reads "lose=1,double=5,delay=20,late=30ms,jump=2h,seed=7".
func ParseClimate(text string) (c Climate, err error) {
	for part := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case "lose":
			c.Lose, err = strconv.Atoi(value)
		case "double":
			c.Double, err = strconv.Atoi(value)
		case "delay":
			c.Delay, err = strconv.Atoi(value)
		case "late":
			c.Late, err = time.ParseDuration(value)
		case "jump":
			c.Jump, err = time.ParseDuration(value)
		case "seed":
			c.Seed, err = strconv.ParseUint(value, 10, 64)
		default:
			err = fmt.Errorf("lose, double, delay, late, jump or seed was expected, found %q", name)
		}
		if err != nil {
			return c, err
		}
	}
	if c.Lose < 0 || c.Double < 0 || c.Delay < 0 || c.Lose+c.Double+c.Delay > 90 || c.Late < 0 || c.Jump < 0 {
		return c, fmt.Errorf("%s: parts of a hundred that add up to at most 90 were expected", c)
	}
	return c, nil
}

// Weather draws the weather of one party, whose name makes it its own.
func (c Climate) Weather(party string) Weather {
	var mu sync.Mutex
	dice := rng.New(c.Seed).At("weather", party).Stream()
	return func(string) []time.Duration {
		mu.Lock()
		defer mu.Unlock()
		n, late := int(dice.Float64()*100), time.Duration(dice.Float64()*float64(c.Late))
		switch {
		case n < c.Lose:
			return nil
		case n < c.Lose+c.Double:
			return []time.Duration{0, late}
		case n < c.Lose+c.Double+c.Delay:
			return []time.Duration{late}
		}
		return []time.Duration{0}
	}
}
