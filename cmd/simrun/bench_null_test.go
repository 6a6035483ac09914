package main

import (
	"encoding/json"
	"strconv"
	"testing"
)

// mostPerClient is how many bytes of heap a client of a round may cost, in a process that
// coordinates and works: what is told of it, its report, where its blob lies. Measured are 675 … 881:
// when the collector was there last is the machine's.
const mostPerClient = 1500

// TestMemoryPerClient has a round of few clients and one of many, and looks at what the heap
// holds when the last fold is asked: blobs lie in files, and of a client a little is kept.
func TestMemoryPerClient(t *testing.T) {
	const few, many = 1500, 9500 // both draw their examples: what differs is the machinery's
	held := func(clients int) int64 {
		c, out := simrunIn(t, t.TempDir(), t.TempDir(), "bench", "null", "--clients", strconv.Itoa(clients), "--rounds", "2", "--floats", "256", "-o", "json")
		if err := c.Run(); err != nil {
			t.Fatal(err)
		}
		var r nullResult
		if err := json.Unmarshal(out.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		return r.Held
	}
	a, b := held(few), held(many)
	each := (b - a) / (many - few)
	t.Logf("%d bytes with %d clients, %d with %d: %d a client", a, few, b, many, each)
	if a == 0 || each > mostPerClient {
		t.Errorf("%d bytes with %d clients, %d with %d: %d a client, at most %d were expected", a, few, b, many, each, mostPerClient)
	}
}
