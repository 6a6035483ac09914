package results

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// Text puts a number with its spread into words: "2.314 ± 0.021", as many digits as the
// spread makes sensible, or "2.314" where there is no spread.
func (s Spread) Text() string {
	switch {
	case s.N == 0:
		return "–"
	case math.IsNaN(s.SD) || math.IsNaN(s.Mean) || math.IsInf(s.Mean, 0):
		return Plain(s.Mean)
	}
	if s.SD == 0 {
		return Plain(s.Mean) + " ± 0"
	}
	digits := max(1-int(math.Floor(math.Log10(s.SD))), 0)
	if digits > 6 { // noughts alone would stand there
		return Plain(s.Mean) + " ± " + Plain(s.SD)
	}
	return strconv.FormatFloat(s.Mean, 'f', digits, 64) + " ± " + strconv.FormatFloat(s.SD, 'f', digits, 64)
}

// Signed is Text with a plus where the mean is not negative, for differences.
func (s Spread) Signed() string {
	if s.N > 0 && s.Mean >= 0 {
		return "+" + s.Text()
	}
	return s.Text()
}

// Plain writes a number with four significant digits, and no more than it has.
func Plain(x float64) string {
	switch {
	case math.IsNaN(x):
		return "NaN"
	case math.IsInf(x, 0):
		return strconv.FormatFloat(x, 'f', -1, 64)
	case x != 0 && (math.Abs(x) < 1e-3 || math.Abs(x) >= 1e6):
		return strconv.FormatFloat(x, 'e', 2, 64)
	case x == math.Trunc(x):
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	whole := 1 + int(math.Floor(math.Log10(math.Abs(x))))
	return strconv.FormatFloat(x, 'f', min(max(4-whole, 0), 6), 64)
}

// Bytes writes a number of bytes with a decimal unit: 1 kB is 1,000 bytes.
func Bytes(n float64) string { return withUnit(n, "B", []string{"kB", "MB", "GB", "TB"}) }

// FlopsText writes a number of floating-point operations.
func FlopsText(n float64) string {
	return withUnit(n, "FLOP", []string{"kFLOP", "MFLOP", "GFLOP", "TFLOP", "PFLOP"})
}

// Joules writes an energy.
func Joules(n float64) string {
	if n >= 1 && n < 1000 {
		return fmt.Sprintf("%.3g J", n)
	}
	if n < 1 {
		return withUnit(1000*n, "mJ", nil)
	}
	return withUnit(n, "J", []string{"kJ", "MJ", "GJ"})
}

func withUnit(n float64, one string, units []string) string {
	if n < 1000 {
		return fmt.Sprintf("%.0f %s", n, one)
	}
	unit := ""
	for _, u := range units {
		if n < 1000 {
			break
		}
		n /= 1000
		unit = u
	}
	return fmt.Sprintf("%s %s", strconv.FormatFloat(n, 'f', max(0, 2-int(math.Log10(n))), 64), unit)
}

// Seconds writes a virtual duration: "340 ms", "12.4 s", "3 m 20 s", "2 h 05 m".
func Seconds(s float64) string {
	switch {
	case s < 1:
		return fmt.Sprintf("%.0f ms", float64(s*1000))
	case s < 120:
		return fmt.Sprintf("%.1f s", s)
	case s < 7200:
		return fmt.Sprintf("%d m %02d s", int(s)/60, int(s)%60)
	}
	return fmt.Sprintf("%d h %02d m", int(s)/3600, int(s)/60%60)
}

// Wall writes a wall time.
func Wall(d time.Duration) string { return Seconds(d.Seconds()) }
