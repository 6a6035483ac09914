package world

import (
	"cmp"
	"slices"

	"github.com/loramesh/loramesh/sim/scenario"
)

// class is a class of devices: one device, or the lines of a trace, most memory first.
type class struct {
	scenario.Device // of a trace the line with the least memory
	lines           []scenario.Device
	hash            string // of a trace's content
}

// loadDevices reads the traces among the devices of a scenario.
func (w *World) loadDevices(devices []scenario.Device) (problems []scenario.Problem) {
	for _, d := range devices {
		x := class{Device: d}
		if d.Trace != "" {
			t, ps, err := w.assets.trace(d)
			if err != nil {
				ps = []scenario.Problem{w.Trial.Document.Problem("devices."+d.Name+".trace", "%v", err)}
			}
			if len(ps) > 0 {
				problems = append(problems, ps...)
				continue
			}
			x.lines, x.hash = t.lines, t.hash
			x.Device = x.lines[len(x.lines)-1]
		}
		w.classes = append(w.classes, x)
	}
	return problems
}

// trace is the devices of a file and the hash of its content.
type trace struct {
	lines []scenario.Device
	hash  string
}

// trace reads a file of devices, once.
func (a *Assets) trace(d scenario.Device) (trace, []scenario.Problem, error) {
	key := keyOf([]string{d.Name, d.Trace})
	a.mu.Lock()
	defer a.mu.Unlock()
	if t, ok := a.traces[key]; ok {
		return t, nil, nil
	}
	src, err := a.files.ReadFile(d.Trace)
	if err != nil {
		return trace{}, nil, err
	}
	lines, problems := scenario.ReadTrace(d.Name, d.Trace, src)
	if len(problems) > 0 {
		return trace{}, problems, nil
	}
	slices.SortStableFunc(lines, func(a, b scenario.Device) int { return cmp.Compare(room(b), room(a)) })
	t := trace{lines, keyOf(lines)}
	a.traces[key] = t
	return t, nil, nil
}

// traced are neighbouring places among all to which the lines of a trace are dealt.
type traced struct {
	lines []scenario.Device
	from  int // the first of them
	of    int
}

// at is the device at a place: the lines lie evenly over the places, so that each is dealt
// equally often, and fewer places than lines still have small and large devices as they are there.
func (t traced) at(place int) scenario.Device {
	return t.lines[(2*(t.from+place)+1)*len(t.lines)/(2*t.of)]
}

// held is the device at one of a hand's places.
func (h hand) held(place int) scenario.Device {
	if len(h.traced.lines) > 0 {
		return h.traced.at(place)
	}
	return h.device
}

// timed says whether any device of the hands has hours.
func (h hands) timed() bool {
	return slices.ContainsFunc(h, func(x hand) bool {
		return slices.ContainsFunc(x.traced.lines, func(d scenario.Device) bool { return len(d.Hours) > 0 })
	})
}
