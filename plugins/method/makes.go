package method

import (
	"slices"
	"strconv"
)

// Makes are the names under which an assignment uploads things: those that it says, or all that
// its recipe makes, examples never. It is new memory.
func (a Assignment) Makes() []string {
	if len(a.Upload) > 0 {
		return slices.DeleteFunc(slices.Clone(a.Upload), func(name string) bool { return name == Nothing })
	}
	switch r := a.Recipe.(type) {
	case Fit:
		names := make([]string, len(r.Train))
		for i, p := range r.Train {
			names[i] = PartName(p)
		}
		return names
	case Probe:
		return StatisticNames(r.What)
	}
	return nil
}

// PartName is the name of a part.
func PartName(p Part) string {
	switch p := p.(type) {
	case LoRA:
		return p.Name
	case Keys:
		return p.Name
	case Head:
		return p.Name
	case Detector:
		return p.Name
	case Weights:
		return p.Name
	case Soft:
		return p.Name
	}
	return ""
}

// StatisticNames are the names under which a probe uploads: "input", and "input.2" for the
// second of a kind.
func StatisticNames(what []Statistic) []string {
	seen := map[string]int{}
	names := make([]string, len(what))
	for i, s := range what {
		name := Name(s)
		if seen[name]++; seen[name] > 1 {
			names[i] = name + "." + strconv.Itoa(seen[name])
		} else {
			names[i] = name
		}
	}
	return names
}
