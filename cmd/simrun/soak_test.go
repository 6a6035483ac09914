package main

import (
	"testing"
	"time"
)

// looks of a soak in which one thing grows by so much in all.
func looksOf(n int, grows int, by float64) (looks []sighting) {
	for i := range n {
		g := sighting{at: time.Duration(i) * time.Second, done: 100 * i}
		for what := range g.of {
			g.of[what] = 1000
		}
		g.of[residentBytes], g.of[blobBytes] = 100<<20, 10<<20
		g.of[grows] += by * float64(i) / float64(n)
		looks = append(looks, g)
	}
	return looks
}

// What grows without end is seen, whatever it is; noise is not.
func TestLeaksAreSeen(t *testing.T) {
	for what, by := range map[int][2]float64{residentBytes: {400 << 20, 40 << 20}, goroutines: {100, 6}, openFiles: {100, 4}, blobBytes: {200 << 20, 16 << 20}} {
		for i, grew := range []bool{true, false} {
			s := judged(looksOf(200, what, by[i]))
			for k, m := range s.Measures {
				if m.Grew != (grew && k == what) {
					t.Errorf("%s grew by %.0f: %+v", noise[what].name, by[i], m)
				}
			}
			if s.Rate < 99 || s.Rate > 101 {
				t.Errorf("a hundred client-runs a second came as %.1f", s.Rate)
			}
		}
	}
}
