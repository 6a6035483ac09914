package mesh

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"go.uber.org/goleak"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pair starts a server and opens two lines to it.
func pair(t *testing.T, weather Weather) (a, b *Conn) {
	t.Helper()
	s, err := Start(false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	for _, c := range []**Conn{&a, &b} {
		if *c, err = s.Connect("test", weather); err != nil {
			t.Fatal(err)
		}
		t.Cleanup((*c).Close)
	}
	return a, b
}

// hear returns the next message.
func hear(t *testing.T, heard <-chan Message) Message {
	t.Helper()
	select {
	case m := <-heard:
		return m
	case <-time.After(time.Minute):
		t.Fatal("nothing was heard")
		return Message{}
	}
}

func TestSendIsHeard(t *testing.T) {
	a, b := pair(t, nil)
	heard := make(chan Message, 4)
	if err := b.Listen("here", func(m Message) { heard <- m }); err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{0, 5, PartBytes, PartBytes + 1, 3 << 20} {
		data := bytes.Repeat([]byte("lora "), size/5+1)[:size]
		if err := a.Send("here", "there", data); err != nil {
			t.Fatal(err)
		}
		if m := hear(t, heard); m.Subject != "here" || m.Reply != "there" || !bytes.Equal(m.Data, data) {
			t.Errorf("%d bytes came as %d, on %q for %q", size, len(m.Data), m.Subject, m.Reply)
		}
	}
}

func TestAsk(t *testing.T) {
	a, b := pair(t, nil)
	if _, err := a.Ask(t.Context(), "nobody", nil); !errors.Is(err, ErrNobody) {
		t.Errorf("nobody listens: %v", err)
	}
	if err := b.Listen("echo", func(m Message) {
		if len(m.Data) > 0 {
			_ = b.Send(m.Reply, "", m.Data)
		}
	}); err != nil {
		t.Fatal(err)
	}
	if got, err := a.Ask(t.Context(), "echo", []byte("hallo")); err != nil || string(got) != "hallo" {
		t.Errorf("%q, %v", got, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := a.Ask(ctx, "echo", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("no answer: %v", err)
	}
}

func TestWeather(t *testing.T) {
	a, b := pair(t, func(subject string) []time.Duration { return make([]time.Duration, strings.Count(subject, "x")) })
	heard := make(chan Message, 9)
	if err := b.Listen(">", func(m Message) { heard <- m }); err != nil {
		t.Fatal(err)
	}
	for _, subject := range []string{"lost", "xx", "x"} {
		if err := a.Send(subject, "", nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"xx", "xx", "x"} {
		if m := hear(t, heard); m.Subject != want {
			t.Errorf("%s came, not %s", m.Subject, want)
		}
	}
}

func TestTokenIsNeeded(t *testing.T) {
	s, err := start(false, 10*time.Millisecond) // the refusal is written to somebody who does not read
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.token = "guess"
	if _, err := s.Connect("test", nil); err == nil {
		t.Error("a connection with a wrong token")
	}
}

// The kernel's own list of listening sockets is the same with a server as without.
func TestNothingListens(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("reads /proc, which only Linux has")
	}
	before := sockets(t)
	a, _ := pair(t, nil)
	for inode := range sockets(t) {
		if !before[inode] {
			t.Errorf("socket %s was opened", inode)
		}
	}
	if err := a.Send("it", "", nil); err != nil { // and the mesh works
		t.Fatal(err)
	}
}

// sockets are those that this process holds.
func sockets(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for _, f := range files {
		if target, err := os.Readlink(f); err == nil && strings.HasPrefix(target, "socket:") {
			out[target] = true
		}
	}
	return out
}

func TestJoinerTakesPartsInAnyOrder(t *testing.T) {
	var j joiner
	data := bytes.Repeat([]byte{1, 2, 3}, PartBytes)
	parts := split(7, data)
	if len(parts) != 3 {
		t.Fatalf("%d parts", len(parts))
	}
	for _, i := range []int{2, 0, 0, 2} { // some twice
		if _, whole := j.join(parts[i]); whole {
			t.Fatal("whole too early")
		}
	}
	if got, whole := j.join(parts[1]); !whole || !bytes.Equal(got, data) {
		t.Error("the message did not come together")
	}
	for _, bad := range []string{"x", "1 2 2", "1 -1 2", "1 0 0", "1 0 999999999"} {
		m := &nats.Msg{Header: nats.Header{}}
		m.Header.Set(partHeader, bad)
		if _, whole := j.join(m); whole {
			t.Errorf("%q made a message", bad)
		}
	}
	for n := range uint64(3 * maxOpen) { // messages that never end do not pile up
		j.join(split(100+n, data)[0])
	}
	if len(j.open) > maxOpen {
		t.Errorf("%d messages are open", len(j.open))
	}
}

func TestSubjects(t *testing.T) {
	s := Subjects{Run: "r"}
	id := method.ID{Pool: "client", Index: 17}
	if got := s.Participant(id, Inspect); got != "sim.r.participant.client.17.inspect" {
		t.Error(got)
	}
	if got, ask, ok := s.Whom(s.Participant(id, Snapshot)); !ok || got != id || ask != Snapshot {
		t.Errorf("%v %s", got, ask)
	}
	for _, bad := range []string{"", "sim.r.participant.client.x.inspect", "sim.r.participant.client.-1.inspect", "sim.r.lease", "sim.r.participant.client.1.stop"} {
		if id, _, ok := s.Whom(bad); ok {
			t.Errorf("%q is %s", bad, id)
		}
	}
}

func TestProtocolTravels(t *testing.T) {
	key := coordinator.Key{Turn: 3, Whom: method.ID{Pool: "client", Index: 4}}
	parcels := []Parcel{{Blob: "b", Data: []byte{1}}, {Blob: "c", At: blob.Handle{Segment: "s", Offset: 64, Length: 9}}}
	work := []byte("work")
	in := Leases{Number: 9, Oldest: 7, Lent: []Lease{{Key: key, Crashes: 1, Note: []byte{0, 255}, Work: work, Draws: []uint64{1, math.MaxUint64}}, {Key: key, Work: work}, {Key: key, Work: []byte("other")}}, Blobs: parcels}
	out, ok := DecodeLeases(in.Encode())
	if !ok || !reflect.DeepEqual(in, out) {
		t.Errorf("%+v", out)
	}
	back := Reports{Worker: "w", Number: 3, Done: []Report{{Key: key, Work: []byte("w"), Crashes: 1, Wakes: 2, Restarts: 3}, {Key: key, Failure: "f", Ground: true}}, Blobs: parcels}
	got, ok := DecodeReports(back.Encode())
	if !ok || !reflect.DeepEqual(back, got) {
		t.Errorf("%+v", got)
	}
	if !Same(out.Lent[0].Work, out.Lent[1].Work) || Same(out.Lent[0].Work, out.Lent[2].Work) {
		t.Error("leases of one kind of work do not share it")
	}
	pull := Pull{Worker: "w", Number: 3, Want: 4, Now: 2, Road: Mapped, Held: []coordinator.Key{key, {Turn: 4, Whom: method.ID{Pool: "anchor"}}}}
	asked, ok := DecodePull(pull.Encode())
	if !ok || !reflect.DeepEqual(pull, asked) {
		t.Errorf("%+v", asked)
	}
	if _, ok := DecodePull([]byte("nonsense")); ok {
		t.Error("nonsense is a pull")
	}
}

// Whatever comes, decoding ends with a message or without one, and never in a panic.
func FuzzDecode(f *testing.F) {
	key := coordinator.Key{Turn: 3, Whom: method.ID{Pool: "client", Index: 4}}
	f.Add(Leases{Number: 9, Lent: []Lease{{Key: key, Work: []byte("work")}}, Blobs: []Parcel{{Blob: "b", Data: []byte{1}}}}.Encode())
	f.Add(Pull{Worker: "w", Number: 3, Want: 4, Held: []coordinator.Key{key}}.Encode())
	f.Add(Reports{Worker: "w", Done: []Report{{Key: key, Failure: "f"}}}.Encode())
	f.Add([]byte{255, 255, 255, 255, 255, 255, 255, 255, 255, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		if m, ok := DecodeLeases(data); ok {
			if again, ok := DecodeLeases(m.Encode()); !ok || !reflect.DeepEqual(m, again) {
				t.Errorf("%+v came back as %+v", m, again)
			}
		}
		if m, ok := DecodePull(data); ok {
			if again, ok := DecodePull(m.Encode()); !ok || !reflect.DeepEqual(m, again) {
				t.Errorf("%+v came back as %+v", m, again)
			}
		}
		if m, ok := DecodeReports(data); ok {
			if again, ok := DecodeReports(m.Encode()); !ok || !reflect.DeepEqual(m, again) {
				t.Errorf("%+v came back as %+v", m, again)
			}
		}
		if m, ok := decodeAnswer(data); ok {
			if again, ok := decodeAnswer(AppendAnswer(nil, m)); !ok || fmt.Sprint(m) != fmt.Sprint(again) {
				t.Errorf("%+v came back as %+v", m, again)
			}
		}
		_, _ = decodePiece(data)
	})
}

// A clock that jumps has wrong dates and right spans, and nobody's jumps as another's.
func TestClocksThatJump(t *testing.T) {
	c := Climate{Jump: 2 * time.Hour, Seed: 1}
	here, there := c.Clock("here"), c.Clock("there")
	before, real := here(), time.Now()
	if span := before.Sub(real).Abs(); span > time.Second {
		t.Errorf("a span across two clocks is %s", span)
	}
	wrong := before.Round(0).Sub(real.Round(0)).Abs()
	if wrong < time.Second || wrong > c.Jump+time.Second {
		t.Errorf("the date is wrong by %s", wrong)
	}
	if gap := there().Round(0).Sub(here().Round(0)).Abs(); gap < time.Second {
		t.Errorf("two clocks went wrong alike, but for %s", gap)
	}
	if (Climate{}).Clock("here") != nil {
		t.Error("a calm day has a clock that jumps")
	}
}
