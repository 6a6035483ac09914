package mesh

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// The protocol of leases. Any message may be lost, late or there twice, and no harm comes
// of it but that work is done again:
//
//   - A worker pulls: it says how many leases it would have and which it holds. One pull is out at
//     a time; the coordinator parks it until it has something to lend (a long poll). Without
//     an answer in time the worker pulls again under the next number, and answers to older
//     numbers are not taken. So what the coordinator believes lent and the pull does not
//     list was lost on the way, and is lent again at once.
//   - A worker reports, one message at a time until its number is acknowledged, and one more if
//     it has nothing else to do. What it does not know to be acknowledged it holds. The coordinator
//     acknowledges what it will record before anything that the worker says once it knows; the first
//     report of a key counts, and a report is taken once the blobs that it names are here.
//   - A worker beats: it says that it lives, and how many steps each lease has moved. A
//     lease whose steps do not move until its deadline is lent to whoever pulls next; those
//     of a worker that is not heard of any more, or says that it leaves, at once.
//
// Calls, acknowledgements and beats are JSON, so that they can be read by whoever listens
// in. Pulls, leases and reports speak of hundreds of leases each and are binary; see codec.go.
type (
	// Calling is how a run calls for workers, now and then.
	Calling struct {
		Run     string // name of the trial that is running
		Hands   int    // workers that take part
		Waiting int    // leases that none of them has
	}
	// Pull asks for leases. Its number grows, and says in its upper bits who asks: a worker that
	// begins anew under its name, after a kill or a long absence, counts from another start.
	Pull struct {
		Worker string
		Number uint64 // see [Numbering]
		Want   int    // in its hands, with those it has
		Now    int    // of these, how many would not wait for long before they are begun
		Road   Road
		Held   []coordinator.Key // taken and not acknowledged yet
	}
	// Leases answers a pull.
	Leases struct {
		Number uint64 // of the pull
		Oldest int    // turn of which a lease is still wanted
		Lent   []Lease
		Blobs  []Parcel // that the work names, as far as they travel by this road
	}
	// Lease is one lease on its way.
	Lease struct {
		Key     coordinator.Key
		Crashes int    // that the work has caused so far
		Note    []byte // what the method remembers about the participant
		// Work is a method.WorkRequest but for whom and draws. Most leases of a message have
		// the same, which travels once; then they share its memory.
		Work  []byte
		Draws []uint64
	}
	// Reports brings back what was made of leases.
	Reports struct {
		Worker string
		Number uint64
		Done   []Report
		Blobs  []Parcel // that the reports name
	}
	// Report is what came of one lease: Work, or Failure, or neither, which gives it back.
	Report struct {
		Key      coordinator.Key
		Work     []byte // see [AppendAnswer]
		Failure  string // ends the trial
		Ground   bool   // the failure is the ground's, not the work's: disk full, file vanished
		Crashes  int    // that the work has caused, all told
		Wakes    int    // of the participant on this worker
		Restarts int    // of the participant on this worker
	}
	// Ack says that reports are taken.
	Ack struct{ Number uint64 }
	// Beat says that a worker lives, and how far the leases in its hands are; or that it leaves,
	// and what it has is for others.
	Beat struct {
		Worker string
		Steps  []Steps
		Leaves bool
		Number uint64 // the one before the worker's first: who leaves is not who begins anew under its name
	}
	// Steps is how often a lease has moved; queued ones have not.
	Steps struct {
		Key   coordinator.Key
		Count uint64
	}
)

// Numbering is where the numbers of messages begin of a worker that draws these bits when it
// begins.
func Numbering(drawn uint32) uint64 { return uint64(drawn) >> 2 << numberBits } // a number on the mesh has 62 bits

// Beginner says who it was that gave a message its number.
func Beginner(number uint64) uint64 { return number >> numberBits }

// numberBits are the lower bits of a number, which count.
const numberBits = 32

// Road is how blobs get from the coordinator to a worker and back.
type Road string

// The roads of blobs.
const (
	Shared Road = "shared" // one process, one store
	Mapped Road = "mapped" // one host: segments that both map
	Far    Road = "far"    // small ones in the messages, large ones by hash, piece by piece
)

// Parcel is a blob that a message is about: with its bytes, or the place where they lie on
// this host, or neither, and then it is fetched by its name.
type Parcel struct {
	Blob method.Blob
	Data []byte
	At   blob.Handle // Segment "": nowhere
}

// InlineBytes is the size up to which a blob rides inside a message.
const InlineBytes = 64 << 10

// Encode is a message of the protocol as bytes.
func Encode[M Calling | Beat](m M) []byte {
	b, err := json.Marshal(m)
	if err != nil {
		panic(fmt.Sprintf("mesh: %T cannot be encoded: %v", m, err)) // nothing in them can fail
	}
	return b
}

// Decode is the way back of Encode. What is no such message is treated as lost.
func Decode[M Calling | Beat](data []byte) (m M, ok bool) {
	ok = json.Unmarshal(data, &m) == nil
	return m, ok
}

// Encode is an acknowledgement as bytes. There are so many that it is written and read by hand.
func (m Ack) Encode() []byte {
	return append(strconv.AppendUint([]byte(ackBegins), m.Number, 10), ackEnds)
}

// DecodeAck is the way back. What is no such message is treated as lost.
func DecodeAck(data []byte) (m Ack, ok bool) {
	rest, begins := bytes.CutPrefix(data, []byte(ackBegins))
	rest, ends := bytes.CutSuffix(rest, []byte{ackEnds})
	n, err := strconv.ParseUint(string(rest), 10, 64)
	return Ack{Number: n}, begins && ends && err == nil
}

// What stands around the number of an acknowledgement.
const (
	ackBegins = `{"Number":`
	ackEnds   = '}'
)
