package world

import (
	"math"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/scenario"
)

const (
	hourSec = 3600
	daySec  = 24 * hourSec
)

// diurnalHours is what "diurnal" means: the hours of a night, when phones lie on their
// chargers (Bonawitz et al. 2019, §9 see the most devices then).
const diurnalHours = 8

// reach is when the people of a pool can be offered. Who is there at a moment follows from
// his name and the hour, so that a million cost nothing.
type reach scenario.Reach

func (r reach) always() bool { return (r.Kind == "" || r.Kind == "always") && r.JoinsSec == 0 }

// Available says whether a participant can be offered at a moment; see [coordinator.World].
func (w *World) Available(id method.ID, at method.Seconds) bool {
	p := w.pool(id.Pool)
	if p.outer != nil && !w.Available(p.around(id.Index), at) {
		return false
	}
	r, sec := p.reach, float64(at)
	if p.timed {
		if _, d := p.lot(id.Index); !d.Reached(sec / hourSec) {
			return false
		}
	}
	if r.always() {
		return true
	}
	draw := func(parts ...any) float64 {
		return w.key.At(append([]any{"available", id.Pool, id.Index}, parts...)...).Stream().Float64()
	}
	if r.JoinsSec > 0 && sec < float64(draw("joins")*r.JoinsSec) {
		return false
	}
	switch r.Kind {
	case "share":
		return draw("hour", int(math.Floor(sec/hourSec))) < r.Share
	case "hours", "diurnal":
		hours := r.Hours
		if r.Kind == "diurnal" {
			hours = diurnalHours
		}
		local := math.Mod(sec+float64(draw("zone")*daySec), daySec)
		return local < float64(hours*hourSec)
	}
	return true
}
