package report

import "math"

// unit says how numbers of an axis are written: a label for the axis and what to divide by
// so that its greatest number has few digits.
type unit func(greatest float64) (label string, scale float64)

func plainUnit(float64) (string, float64) { return "", 1 }

func timeUnit(greatest float64) (string, float64) {
	switch {
	case greatest < 1:
		return "ms", 1e-3
	case greatest < 300:
		return "s", 1
	case greatest < 3*3600:
		return "min", 60
	}
	return "h", 3600
}

func byteUnit(greatest float64) (string, float64) {
	return decimal(greatest, "B", "kB", "MB", "GB", "TB")
}

func flopUnit(greatest float64) (string, float64) {
	return decimal(greatest, "FLOP", "kFLOP", "MFLOP", "GFLOP", "TFLOP", "PFLOP")
}

func jouleUnit(greatest float64) (string, float64) {
	return decimal(greatest, "J", "kJ", "MJ", "GJ")
}

func countUnit(greatest float64) (string, float64) {
	return decimal(greatest, "", "thousand", "million", "billion")
}

func decimal(greatest float64, names ...string) (string, float64) {
	i := 0
	for i+1 < len(names) && greatest >= 2*math.Pow(1000, float64(i+1)) {
		i++
	}
	return names[i], math.Pow(1000, float64(i))
}
