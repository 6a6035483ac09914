package scenario

import (
	"math"
	"strings"
	"testing"
)

func TestTrace(t *testing.T) {
	src := "\uFEFFmemory,flops,up,down,energy,available\n512 MB,5 GFLOPS,1 Mbps,8 Mbps,4 W,22-30 \n1 GB, 20 GFLOPS,10 Mbps,50 Mbps,,\"0-8 30-41.5\"\n"
	devices, problems := ReadTrace("phones", "phones.csv", []byte(src))
	if len(problems) > 0 || len(devices) != 2 {
		t.Fatal(devices, problems)
	}
	a, b := devices[0], devices[1]
	if a.Name != "phones" || a.FlopsPerSec != 5e9 || a.MemoryBytes != 512e6 || a.UpPerSec != 125e3 || a.Energy.Watts != 4 || b.FlopsPerSec != 20e9 || b.Energy.Watts != 0 {
		t.Errorf("%+v\n%+v", a, b)
	}
	if a.PeriodHours != 48 || len(b.Hours) != 2 || b.Hours[1] != (Hours{30, 41.5}) {
		t.Errorf("%+v\n%+v", a, b)
	}
	for hour, want := range map[float64]bool{0: false, 22: true, 29.9: true, 30: false, 47: false, 70: true, 78: false} {
		if a.Reached(hour) != want {
			t.Errorf("reached at hour %g: %v", hour, !want)
		}
	}
	if !(Device{}).Reached(math.Pi) {
		t.Error("a device of a class cannot be reached")
	}
}

// Each problem of a trace is told with its place.
func TestBadTraces(t *testing.T) {
	const head = "flops,memory,up,down,available\n"
	for src, want := range map[string]string{
		"":                                             "f.csv:1:1: a header line with the columns flops, memory, up and down was expected",
		head:                                           "f.csv:1:1: a header line",
		"flops,memory,up\n":                            `f.csv:1:1: a column "down" was expected`,
		"flops,memory,up,down,lat\n":                   `f.csv:1:22: "lat" is not a column of a trace`,
		"flops,flops,memory,up,down\n":                 `f.csv:1:7: columns that differ were expected`,
		head + "1 GFLOPS,1 GB\n":                       "f.csv:2:1: 5 fields were expected, as the header has, found 2",
		head + "1,1 GB,1 MB/s,1 MB/s,\n":               `f.csv:2:1: a speed of computation with its unit, as "20 GFLOPS", was expected, found 1 without a unit`,
		head + "1 GFLOPS,,1 MB/s,1 MB/s,\n":            `f.csv:2:10: a size with its unit`,
		head + "1 GFLOPS,1 GB,1 MB/s,1 MB/s,8\n":       `f.csv:2:29: stretches of hours were expected`,
		head + "1 GFLOPS,1 GB,1 MB/s,1 MB/s,8-4\n":     `found "8-4"`,
		head + "1 GFLOPS,1 GB,1 MB/s,1 MB/s,-1-4\n":    `found "-1-4"`,
		head + "1 GFLOPS,1 GB,1 MB/s,1 MB/s,0-1e9\n":   "at most 8784",
		head + "1 GFLOPS,1 GB,1 MB/s,1 MB/s,0-4 3-5\n": `"3-5" begins before the one in front of it ends, at hour 4`,
		head + "\"1 GFLOPS,1 GB\n":                     "f.csv:",
		"\xff\xfe":                                     "f.csv:1:1: a trace in UTF-8 was expected",
	} {
		_, problems := ReadTrace("phones", "f.csv", []byte(src))
		found := false
		for _, p := range problems {
			found = found || strings.Contains(p.String(), want)
		}
		if !found {
			t.Errorf("%q: %v, expected %s", src, problems, want)
		}
	}
}

func FuzzTrace(f *testing.F) {
	f.Add([]byte("flops,memory,up,down,available\n1 GFLOPS,1 GB,1 MB/s,1 MB/s,0-4\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		devices, problems := ReadTrace("phones", "f.csv", src)
		if len(problems) == 0 && len(devices) == 0 {
			t.Error("neither devices nor problems")
		}
		for _, d := range devices {
			d.Reached(12)
		}
	})
}
