package mesh

import (
	"bytes"
	"runtime"
	"testing"
	"time"
)

// What waits for a listener that takes its time is bounded: more is lost, counted, and asked for
// again by whoever misses it; the line stays, and brings what comes later.
func TestASlowListenerIsBounded(t *testing.T) {
	const size, waiting, sent = 16 << 10, 256 << 10, 16384 // 256 MiB in all
	a, b := pair(t, nil)
	b.pending = waiting
	heard, begin := make(chan Message, sent), make(chan struct{})
	if err := b.Listen("here", func(m Message) { <-begin; heard <- m }); err != nil {
		t.Fatal(err)
	}
	before := heap()
	data := bytes.Repeat([]byte{7}, size)
	for range sent {
		if err := a.Send("here", "", data); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.nats.Flush(); err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); b.Lost() == 0; time.Sleep(time.Millisecond) {
		if time.Since(began) > 10*time.Second {
			t.Fatal("nothing was lost, and nobody listened")
		}
	}
	if err := b.nats.Flush(); err != nil { // all has arrived that will
		t.Fatal(err)
	}
	if grown := heap() - before; grown > 64<<20 {
		t.Errorf("%d bytes more are held for a listener for whom %d may wait", grown, waiting)
	}
	close(begin)
	for began := time.Now(); ; {
		if err := a.Send("here", "", []byte("later")); err != nil {
			t.Fatal(err)
		}
		if m := hear(t, heard); string(m.Data) == "later" {
			break
		} else if len(m.Data) != size {
			t.Fatalf("a message of %d bytes was heard", len(m.Data))
		}
		if time.Since(began) > 10*time.Second {
			t.Fatal("the line does not bring what comes later")
		}
	}
	if n := len(heard); n > waiting/size+sent/2 {
		t.Errorf("%d messages were kept for a listener for whom %d may wait", n, waiting/size)
	}
}

// heap is what this process holds, in bytes.
func heap() int64 {
	var m runtime.MemStats
	for range 3 { // what pools keep goes with the second
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
