package mesh

import (
	"context"
	"encoding/binary"
	"runtime"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// sparing fails where something takes a megabyte of memory, whoever else takes some meanwhile.
func sparing(t *testing.T, what string, do func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("%s: %d bytes were taken", what, n)
	}
}

// A message may claim any number of anything at any place: what it does not bring takes no memory.
func TestClaimsTakeNoMemory(t *testing.T) {
	key := coordinator.Key{Turn: 1, Whom: method.ID{Pool: "client", Index: 2}}
	parcels := []Parcel{{Blob: "b", Data: []byte("data")}, {Blob: "c", At: blob.Handle{Segment: "s", Offset: 64, Length: 4}}}
	named := []method.Named{{Name: "lora", Blob: "b"}}
	for name, x := range map[string]struct {
		whole []byte
		read  func([]byte) bool
	}{
		"pull": {Pull{Worker: "w", Number: 3, Want: 4, Road: Far, Held: []coordinator.Key{key}}.Encode(), func(b []byte) bool { _, ok := DecodePull(b); return ok }},
		"leases": {Leases{Number: 1, Oldest: 1, Lent: []Lease{{Key: key, Note: []byte("n"), Work: []byte("w"), Draws: []uint64{1}}}, Blobs: parcels}.Encode(),
			func(b []byte) bool { _, ok := DecodeLeases(b); return ok }},
		"reports": {Reports{Worker: "w", Number: 1, Done: []Report{{Key: key, Work: []byte("w"), Failure: "f"}}, Blobs: parcels}.Encode(),
			func(b []byte) bool { _, ok := DecodeReports(b); return ok }},
		"answer": {AppendAnswer(nil, method.WorkResponse{Kept: named, Reports: []method.Report{{Name: "fit", Made: named, Began: named,
			Values: []method.Value{{Name: "loss"}}, Warnings: []string{"slow"}}}}), func(b []byte) bool { _, ok := decodeAnswer(b); return ok }},
	} {
		if !x.read(x.whole) {
			t.Fatalf("%s: it cannot be read as it is", name)
		}
		for at := range x.whole {
			for _, claim := range []uint64{1 << 40, 1<<62 - 1, 1 << 63} {
				forged := binary.AppendUvarint(append([]byte(nil), x.whole[:at]...), claim)
				forged = append(forged, x.whole[at:]...)
				sparing(t, name, func() { x.read(forged) })
			}
		}
	}
}

// So may the header of a part; and none is larger than it may be.
func TestPartsAreBounded(t *testing.T) {
	part := func(header string, n int) *nats.Msg {
		m := &nats.Msg{Subject: "s", Header: nats.Header{}, Data: make([]byte, n)}
		m.Header.Set(partHeader, header)
		return m
	}
	var j joiner
	for _, header := range []string{"1 0 1099511627776", "1 1099511627776 2", "1 0 -1", "1 -1 2", "18446744073709551616 0 1", strings.Repeat("9", 1000)} {
		sparing(t, header, func() {
			if _, whole := j.join(part(header, 1)); whole || len(j.open) > 0 {
				t.Errorf("%.40q was taken", header)
			}
		})
	}
	if _, whole := j.join(part("1 0 1", PartBytes+1)); whole {
		t.Error("a part that is too large was taken")
	}
	if _, whole := j.join(part("1 0 1", PartBytes)); !whole {
		t.Error("one that is not was not")
	}
}

// So may who gives something that is fetched.
func TestFetchBelievesNoSize(t *testing.T) {
	s, err := Start(false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	c, err := s.Connect("both", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	size := int64(0)
	if err := c.Serve("fetch", func(Want) Piece { return Piece{Size: size, data: []byte("few")} }); err != nil {
		t.Fatal(err)
	}
	for _, size = range []int64{1 << 40, -1, -1 << 62, blob.MaxBytes, 4, 2} {
		sparing(t, "fetch", func() {
			if b, _, err := c.Fetch(context.Background(), Source{Subject: "fetch"}, "blob", "b", blob.MaxBytes); err == nil || !strings.Contains(err.Error(), "it has ") {
				t.Errorf("of a size of %d: %d bytes, %v", size, len(b), err)
			}
		})
	}
}
