package scenario

import (
	"strings"
	"testing"
)

// twoPools is the good scenario with a second pool.
func twoPools(t *testing.T) string {
	t.Helper()
	const before = "method: [{use"
	if strings.Count(good, before) != 1 {
		t.Fatalf("the good scenario has %q %d times", before, strings.Count(good, before))
	}
	return strings.Replace(good, before, "  other: {count: 2}\n"+before, 1)
}

// The world's faults are those of each pool, word by word, unless the pool says otherwise; what
// they come to is one scenario, however it is written.
func TestWorldsFaultsAreLaidUnderThePools(t *testing.T) {
	src := twoPools(t)
	of := func(sets ...string) string {
		doc, ps := Parse("s.yaml", []byte(src), sets...)
		if len(ps) > 0 {
			t.Fatal(ps)
		}
		s, ps := doc.Scenario()
		if len(ps) > 0 {
			t.Fatal(ps)
		}
		text := string(s.Resolved())
		again, ps := Parse("resolved.yaml", []byte(text))
		if len(ps) > 0 {
			t.Fatal(ps)
		}
		if s, ps = again.Scenario(); len(ps) > 0 || string(s.Resolved()) != text {
			t.Errorf("resolved again it is another scenario: %v\n%s", ps, s.Resolved())
		}
		return text
	}
	for _, c := range []struct{ name, world, client, other string }{
		{"both", "{drop-out: 0.25, slow: 0.5}", "{drop-out: 0.25, slow: 0.5}", "{drop-out: 0.25, slow: 0.5}"},
		{"times", "{slow: 0.5, times: 7}", "{slow: 0.5, times: 7}", "{slow: 0.5, times: 7}"},
	} {
		world := of("faults=" + c.world)
		pools := of("population.client.faults="+c.client, "population.other.faults="+c.other)
		if world != pools {
			t.Errorf("%s: the world's faults give\n%s\nand the pools' own\n%s", c.name, world, pools)
		}
	}
	own := of("faults={drop-out: 0.25, slow: 0.5, times: 7}", "population.client.faults={drop-out: 0, times: 2, corrupt: 0.1}")
	same := of("population.client.faults={slow: 0.5, times: 2, corrupt: 0.1}", "population.other.faults={drop-out: 0.25, slow: 0.5, times: 7}")
	if own != same {
		t.Errorf("a pool's own words do not win:\n%s\nwas expected to be\n%s", own, same)
	}
}
