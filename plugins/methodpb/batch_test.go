package methodpb

import (
	"encoding/binary"
	"math/rand/v2"
	"reflect"
	"runtime"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/loramesh/loramesh/plugins/method"
)

// What is written by hand is what the generated code writes and reads, with every field
// there is.
func TestBatchesByHandAreBatches(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		var x Reports
		fill(r, reflect.ValueOf(&x).Elem())
		for i := range x.Places {
			x.Places[i].Path = int(int32(x.Places[i].Path))
		}
		m := &FromHost{Kind: &FromHost_Batch{Batch: &Batch{Pass: x.Pass, Reports: each(x.List, FromReport), Last: x.Last, Paths: x.Paths,
			Places: each(x.Places, func(s Spot) *Place {
				return &Place{Path: int32(s.Path), Offset: s.Offset, Length: s.Length}
			})}}}
		var back FromHost
		if err := proto.Unmarshal(MarshalBatch(x), &back); err != nil || !proto.Equal(&back, m) {
			t.Fatalf("%v\nwritten %v\n   read %v", err, m, &back)
		}
		wire, err := proto.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		for _, wire := range [][]byte{wire, MarshalBatch(x)} {
			if got, is, err := UnmarshalBatch(string(wire), nil); err != nil || !is || !reflect.DeepEqual(got, x) {
				t.Fatalf("%v %v\nwritten %+v\n   read %+v", is, err, x, got)
			}
		}
	}
}

func TestPlansByHandArePlans(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 2))
		var x method.PlanRequest
		fill(r, reflect.ValueOf(&x).Elem())
		m := &FromHost{Kind: &FromHost_Begin{Begin: &Begin{Method: "é", Request: &Begin_Plan{Plan: FromPlanRequest(x)}}}}
		wire, err := MarshalPlan("é", x)
		if err != nil {
			t.Fatal(err)
		}
		var back FromHost
		if err := proto.Unmarshal(wire, &back); err != nil || !proto.Equal(&back, m) {
			t.Fatalf("%v\nwritten %v\n   read %v", err, m, &back)
		}
		generated, err := proto.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		sequel, err := MarshalSequel("é", x)
		if err != nil {
			t.Fatal(err)
		}
		for _, read := range []func() (*Begin, []method.Participant, error){
			func() (*Begin, []method.Participant, error) { return UnmarshalBegin(string(wire)) },
			func() (*Begin, []method.Participant, error) { return UnmarshalBegin(string(generated)) },
			func() (*Begin, []method.Participant, error) { return UnmarshalSequel(string(sequel)) },
		} {
			begin, offered, err := read()
			if err != nil || begin.GetMethod() != "é" {
				t.Fatal(begin, err)
			}
			got := ToPlanRequest(begin.GetPlan())
			got.Offered = offered
			if !reflect.DeepEqual(got, x) {
				t.Fatalf("\nwritten %+v\n   read %+v", x, got)
			}
		}
	}
}

// Other messages are left to whoever knows them, and calls of other kinds come whole.
func TestOtherMessagesAreNeither(t *testing.T) {
	stored, err := proto.Marshal(&FromHost{Kind: &FromHost_Stored{Stored: &Stored{Blob: "x"}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, is, err := UnmarshalBatch(string(stored), nil); is || err != nil {
		t.Error(is, err)
	}
	if begin, _, err := UnmarshalBegin(string(stored)); begin != nil || err != nil {
		t.Error(begin, err)
	}
	if begin, _, err := UnmarshalSequel(string(stored)); begin != nil || err != nil {
		t.Error(begin, err)
	}
	fold := &Begin{Method: "m", Request: &Begin_Fold{Fold: &FoldRequest{Reports: 3, Scene: &Scene{Round: 4}}}}
	wire, err := proto.Marshal(&FromHost{Kind: &FromHost_Begin{Begin: fold}})
	if err != nil {
		t.Fatal(err)
	}
	if begin, _, err := UnmarshalBegin(string(wire)); err != nil || !proto.Equal(begin, fold) {
		t.Error(begin, err)
	}
}

// A message that was cut short, or of which a byte is another, is an error or another message, never a panic.
func TestDamagedMessagesByHand(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	var x Reports
	fill(r, reflect.ValueOf(&x).Elem())
	var p method.PlanRequest
	fill(r, reflect.ValueOf(&p).Elem())
	plan, err := MarshalPlan("m", p)
	if err != nil {
		t.Fatal(err)
	}
	for _, wire := range [][]byte{MarshalBatch(x), plan} {
		for n := 1; n < len(wire); n++ {
			_, is, err := UnmarshalBatch(string(wire[:n]), nil)
			_, _, err2 := UnmarshalBegin(string(wire[:n]))
			if is && err == nil || !is && err2 == nil {
				t.Fatalf("%d of %d bytes are read", n, len(wire))
			}
			other := append([]byte(nil), wire...)
			other[n] ^= byte(1 + r.IntN(255))
			_, _, _ = UnmarshalBatch(string(other), nil)
			_, _, _ = UnmarshalBegin(string(other))
		}
	}
}

// Whatever a message claims to bring, it takes no more memory than what it brings.
func TestClaimedLengthsTakeNoMemory(t *testing.T) {
	var x Reports
	fill(rand.New(rand.NewPCG(7, 8)), reflect.ValueOf(&x).Elem())
	wire := MarshalBatch(x)
	for n := range wire {
		forged := binary.AppendUvarint(append([]byte(nil), wire[:n]...), 1<<40)
		forged = append(forged, wire[n:]...)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _, _ = UnmarshalBatch(string(forged), nil)
		_, _, _ = UnmarshalBegin(string(forged))
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; took > 4<<20 {
			t.Fatalf("a claim at %d of %d bytes takes %d", n, len(wire), took)
		}
	}
}
