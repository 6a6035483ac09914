package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// How large a heap may become before it is collected, be it mostly garbage. A run of small
// clients, which holds 4 MB, would otherwise collect a hundred times a second; and one of ten
// thousand clients, if garbage were allowed in proportion to what it holds, would take twice what
// it keeps of each of them. A method's process holds little and throws little away.
const (
	heapBytes       = 48 << 20
	methodHeapBytes = 16 << 20
)

// What Go has by itself: $GOGC where nobody has set it, and bytes of a heap that is not collected
// yet, at that percentage; at another it is as many times more.
const (
	usualPercent = 100
	leastHeap    = 4 << 20
)

// leastGarbage is what there may be at least beside what is held, in percent of that: a heap
// that is nearly full of what is held is allowed to be larger.
const leastGarbage = 50

// heapFor is how large that of the process of a command line may become.
func heapFor(args []string) float64 {
	if len(args) > 1 && args[0] == "plugin" && args[1] == "serve" {
		return methodHeapBytes
	}
	return heapBytes
}

// collected paces the collector. It is itself garbage, so that it is found by the next
// collection and goes on from there.
type collected struct {
	heap    float64 // bytes
	percent uint64  // $GOGC as it was set last
}

// pace has the next collection begin when the heap is as large as it may be. Whoever sets $GOGC
// otherwise, from outside or within, ends that.
func (c *collected) pace() {
	now := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/gogc:percent"}}
	metrics.Read(now)
	if now[1].Value.Uint64() != c.percent {
		return
	}
	held := max(float64(now[0].Value.Uint64()), 1<<20)
	percent := uint64(max(leastGarbage, min(100*(c.heap-held)/held, 100*c.heap/leastHeap)))
	if 10*percent > 11*c.percent || 11*percent < 10*c.percent { // setting it stops the world for a moment
		debug.SetGCPercent(int(percent))
		c.percent = percent
	}
	runtime.SetFinalizer(&collected{c.heap, c.percent}, (*collected).pace)
}
