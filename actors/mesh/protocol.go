package mesh

import (
	"encoding/json"
	"fmt"

	"github.com/loramesh/loramesh/sim/coordinator"
)

// The protocol of leases. Any message may be lost, late or there twice, and no harm comes
// of it but that work is done again:
//
//   - A worker pulls: it asks for so many leases and says which it holds. One pull is out at
//     a time; the coordinator parks it until it has something to lend (a long poll). Without
//     an answer in time the worker pulls again under the next number, and answers to older
//     numbers are not taken. So what the coordinator believes lent and the pull does not
//     list was lost on the way, and is lent again at once.
//   - A worker reports, one message at a time, until that number is acknowledged. The
//     coordinator acknowledges what it has recorded; the first report of a key counts.
//   - A worker beats: it says how many steps each lease has moved. A lease whose steps do
//     not move until its deadline is lent to whoever pulls next.
//
// Messages are JSON, so that they can be read by whoever listens in; the work in them is
// the protobuf form of plugins/methodpb.
type (
	// Pull asks for leases.
	Pull struct {
		Worker string
		Number uint64
		Want   int
		Held   []coordinator.Key // taken and not acknowledged yet
	}
	// Leases answers a pull.
	Leases struct {
		Number uint64 // of the pull
		Oldest int    // turn of which a lease is still wanted
		Lent   []Lease
	}
	// Lease is one lease on its way.
	Lease struct {
		Key     coordinator.Key
		Crashes int    `json:",omitempty"` // that the work has caused so far
		Note    []byte `json:",omitempty"` // what the method remembers about the participant
		Work    []byte // a method.WorkRequest
	}
	// Reports brings back what was made of leases.
	Reports struct {
		Worker string
		Number uint64
		Done   []Report
	}
	// Report is what came of one lease: Work, or Failure, or neither, which gives it back.
	Report struct {
		Key      coordinator.Key
		Work     []byte `json:",omitempty"` // a method.WorkResponse
		Failure  string `json:",omitempty"` // ends the trial
		Crashes  int    `json:",omitempty"` // that the work has caused, all told
		Wakes    int    // of the participant on this worker
		Restarts int    `json:",omitempty"` // of the participant on this worker
	}
	// Ack says that reports are recorded.
	Ack struct{ Number uint64 }
	// Beat says how far the leases in a worker's hands are.
	Beat struct {
		Worker string
		Steps  []Steps
	}
	// Steps is how often a lease has moved; queued ones have not.
	Steps struct {
		Key   coordinator.Key
		Count uint64
	}
)

// Encode is a message of the protocol as bytes.
func Encode[M Pull | Leases | Reports | Ack | Beat](m M) []byte {
	b, err := json.Marshal(m)
	if err != nil {
		panic(fmt.Sprintf("mesh: %T cannot be encoded: %v", m, err)) // nothing in them can fail
	}
	return b
}

// Decode is the way back of Encode. What is no such message is treated as lost.
func Decode[M Pull | Leases | Reports | Ack | Beat](data []byte) (m M, ok bool) {
	ok = json.Unmarshal(data, &m) == nil
	return m, ok
}
