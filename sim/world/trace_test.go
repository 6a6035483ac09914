package world_test

import (
	"fmt"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/plan"
	"github.com/loramesh/loramesh/sim/simtest"
	"github.com/loramesh/loramesh/sim/world"
)

// many are five devices, whose latencies tell them apart.
const many = `flops,memory,up,down,latency,available
1 GFLOPS,500 MB,1 MB/s,1 MB/s,5 s,
1 GFLOPS,400 MB,1 MB/s,1 MB/s,4 s,0-6
1 GFLOPS,300 MB,1 MB/s,1 MB/s,3 s,6-12 30-36
1 GFLOPS,200 MB,1 MB/s,1 MB/s,2 s,
1 GFLOPS,100 MB,1 MB/s,1 MB/s,1 s,
`

func tracedBy(text string) *world.Assets {
	return world.NewAssets(simtest.Files{"many.csv": text}, &simtest.Cache{}, nil)
}

func tracedTrial(t *testing.T, sets ...string) plan.Trial {
	return simtest.Trial(t, append([]string{"devices.phone={trace: many.csv}", "population.client.device=phone", "population.client.split=iid", "data.phrases.valid=0"}, sets...)...)
}

// seconds are how often each latency is among a pool's devices, and that of each client.
func seconds(w *world.World, n int) (count, each []int) {
	count = make([]int, 6)
	for i := range n {
		sec := int(w.Price(0, method.Score{})(client(i), 0).Spent(0, 0, 0).Time)
		count[sec]++
		each = append(each, sec)
	}
	return count, each
}

// The lines of a trace are dealt evenly, the largest ranks to the most memory; where there are
// fewer participants than lines, those that they get lie evenly among all.
func TestLinesOfATraceAreDealtEvenly(t *testing.T) {
	for n, want := range map[int][]int{1: {0, 0, 0, 1, 0, 0}, 3: {0, 1, 0, 1, 0, 1}, 5: {0, 1, 1, 1, 1, 1}, 20: {0, 4, 4, 4, 4, 4}} {
		w := simtest.World(t, tracedTrial(t, fmt.Sprint("population.client.count=", n)), tracedBy(many))
		got, each := seconds(w, n)
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%d clients have so many devices of each latency: %v, expected %v", n, got, want)
		}
		for i := range n {
			for k := range n {
				a, b := w.Participant(client(i)), w.Participant(client(k))
				if a.Rank > b.Rank && each[i] < each[k] {
					t.Errorf("%d clients: rank %d lies on the smaller device", n, a.Rank)
				}
				if a.Tier != "phone" {
					t.Errorf("the device is called %q", a.Tier)
				}
			}
		}
	}
}

// Devices of a trace can be reached at their hours, which come again after two days here.
func TestHoursOfATrace(t *testing.T) {
	w := simtest.World(t, tracedTrial(t, "population.client.count=5"), tracedBy(many))
	_, each := seconds(w, 5)
	for i, sec := range each {
		for h := range 96 {
			want := true
			switch at := h % 48; sec {
			case 4:
				want = at < 6
			case 3:
				want = at >= 6 && at < 12 || at >= 30 && at < 36
			}
			if got := w.Available(client(i), method.Seconds(3600*h+1800)); got != want {
				t.Errorf("the device of latency %d s is there at hour %d: %v", sec, h, got)
			}
		}
	}
}

// The head of a ledger names the content of a trace, and a run does not depend on its file's name.
func TestTracesAreNamedByContent(t *testing.T) {
	head := func(text string) string {
		w := simtest.World(t, tracedTrial(t), tracedBy(text))
		d := w.Head(w.Fixed(make([]method.Card, 1), []string{"builtin"})).Devices
		if len(d) != 1 || d[0].Name != "phone" {
			t.Fatalf("the head names %v", d)
		}
		return string(d[0].Blob)
	}
	if a, b := head(many), head(many+"1 GFLOPS,50 MB,1 MB/s,1 MB/s,1 s,\n"); a == b || a != head(many) {
		t.Errorf("traces %s and %s", a, b)
	}
}

func TestBadTraces(t *testing.T) {
	accused(t, tracedTrial(t), tracedBy(""), "devices.phone.trace", "a header line")
	accused(t, tracedTrial(t), world.NewAssets(simtest.Files{}, &simtest.Cache{}, nil), "devices.phone.trace", "many.csv")
	accused(t, tracedTrial(t, "population.client.offer={sweep: 2}"), tracedBy(many), "population.client.offer", "a trace without hours")
	accused(t, tracedTrial(t, "population.client.rank=4"), tracedBy(many+"1 GFLOPS,1 KB,1 MB/s,1 MB/s,1 s,\n"), "population.client.device", "has 0.001 MB")
}
