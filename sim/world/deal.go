package world

import (
	"cmp"
	"math"
	"slices"

	"github.com/loramesh/loramesh/sim/scenario"
)

// hand is what so many neighbouring places of a pool are dealt.
type hand struct {
	places int
	rank   int // 0: no limit
	device scenario.Device
	traced traced // in the place of one device
}

// hands are those of all places, in order.
type hands []hand

// dealt deals ranks and devices to n places: the largest ranks and the devices with the
// most memory come first, so that who can hold much is also who has much to hold it in.
func dealt(p scenario.Pool, devices []class, n int) hands {
	ranks := slices.Clone(p.Ranks)
	slices.SortFunc(ranks, func(a, b scenario.Share) int { return cmp.Compare(b.Rank, a.Rank) })
	classes := classesOf(p, devices)
	byRank, byClass := parts(ranks, n), parts(classes, n)
	all := slices.Clone(byClass)
	var out hands
	for done, r, c := 0, 0, 0; done < n; {
		for len(ranks) > 0 && byRank[r] == 0 {
			r++
		}
		for len(classes) > 0 && byClass[c] == 0 {
			c++
		}
		h := hand{places: n - done, device: server}
		if len(ranks) > 0 {
			h.rank, h.places = ranks[r].Rank, min(h.places, byRank[r])
		}
		if len(classes) > 0 {
			x := classOf(classes[c].Name, devices)
			h.device, h.places = x.Device, min(h.places, byClass[c])
			if len(x.lines) > 0 {
				h.traced = traced{x.lines, all[c] - byClass[c], all[c]}
				h.device = h.traced.at(h.places - 1) // the smallest
			}
		}
		if len(ranks) > 0 {
			byRank[r] -= h.places
		}
		if len(classes) > 0 {
			byClass[c] -= h.places
		}
		out, done = append(out, h), done+h.places
	}
	return out
}

// at is what a place is dealt.
func (h hands) at(place int) (rank int, device scenario.Device) {
	for _, x := range h {
		if place < x.places {
			return x.rank, x.held(place)
		}
		place -= x.places
	}
	panic("world: a place beyond those that were dealt")
}

// classesOf are a pool's device classes, most memory first, then by name.
func classesOf(p scenario.Pool, devices []class) []scenario.Share {
	memory := func(s scenario.Share) float64 { return room(classOf(s.Name, devices).Device) }
	classes := slices.Clone(p.Device)
	slices.SortFunc(classes, func(a, b scenario.Share) int {
		return cmp.Or(cmp.Compare(memory(b), memory(a)), cmp.Compare(a.Name, b.Name))
	})
	return classes
}

func classOf(name string, devices []class) class {
	for _, d := range devices {
		if d.Name == name {
			return d
		}
	}
	panic("world: no device is called " + name)
}

// room is a device's memory; memory of 0 is not bounded.
func room(d scenario.Device) float64 {
	if d.MemoryBytes > 0 {
		return d.MemoryBytes
	}
	return math.Inf(1)
}

// parts divides n places by shares, exactly, by largest remainder; a tie goes to the
// earlier share. It returns how many places each share has.
func parts(shares []scenario.Share, n int) []int {
	if len(shares) == 0 {
		return nil
	}
	total := 0.0
	for _, s := range shares {
		total += s.Share
	}
	type part struct {
		share, count int
		rest         float64
	}
	all := make([]part, len(shares))
	left := n
	for i, s := range shares {
		exact := float64(n) * s.Share / total
		all[i] = part{i, int(exact), exact - float64(int(exact))}
		left -= all[i].count
	}
	byRest := slices.Clone(all)
	slices.SortStableFunc(byRest, func(a, b part) int { return cmp.Compare(b.rest, a.rest) })
	for i := range left {
		all[byRest[i].share].count++
	}
	out := make([]int, len(all))
	for i, p := range all {
		out[i] = p.count
	}
	return out
}
