package main

import (
	"math"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/world"
)

func TestARunNeedsRoom(t *testing.T) {
	if err := (cost{Disk: 1}).roomy(t.TempDir() + "/not/there/yet"); err != nil {
		t.Errorf("a byte has no room: %v", err)
	}
	err := cost{Disk: 1 << 62}.roomy(t.TempDir())
	if codeOf(err) != exitInfra || !strings.Contains(err.Error(), " TB of disk") || !strings.Contains(err.Error(), "--no-space-check") {
		t.Errorf("a disk with room for everything: %v", err)
	}
}

// The lease that takes most is told, with its device, and one that cannot be held before any that
// can.
func TestTheLargestLeaseIsTold(t *testing.T) {
	var c cost
	if text := c.memoryText(); text != "" {
		t.Errorf("no lease is known, and %q is told", text)
	}
	for i, x := range []struct {
		memory int64
		room   float64
		want   string
	}{
		{5e6, math.Inf(1), "\nmemory  at least 5.00 MB in the largest lease, of expert/1"},
		{2e6, 1e6, "\nmemory  at least 2.00 MB in the largest lease, of expert/2: more than its device has, 1.00 MB"},
		{7e6, 8e6, "\nmemory  at least 2.00 MB in the largest lease, of expert/2: more than its device has, 1.00 MB"},
		{3e6, 1e6, "\nmemory  at least 3.00 MB in the largest lease, of expert/4: more than its device has, 1.00 MB"},
	} {
		c.largest = c.largest.Worse(world.Lease{Memory: x.memory, Room: x.room, Whom: method.ID{Pool: "expert", Index: i + 1}})
		if got := c.memoryText(); got != x.want {
			t.Errorf("%q, expected %q", got, x.want)
		}
	}
	if c.tellLargest(); c.Memory != 3e6 || c.Whom != "expert/4" || c.Device != 1e6 {
		t.Errorf("in JSON %d bytes of %s on a device of %d", c.Memory, c.Whom, c.Device)
	}
}
