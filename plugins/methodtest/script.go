package methodtest

import (
	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
)

// script says how a trial differs from the plain one: three rounds of four participants
// in each role, whose reports all arrive.
type script struct {
	open   Opener // before every call; nil: once, by the exam's
	params method.Values
	seed   uint64
	rounds int
	store  keeper          // nil: in memory
	twice  bool            // every call is made twice
	init   []method.InitAt // what the chain left; nil: nothing
	offer  func(round int) []method.Participant
	// arrive chooses which of the reports are folded now; it sees those of this round and
	// may hold some back.
	arrive func(round int, made []method.Report) []method.Report
}

// keeper is a store that knows what it has.
type keeper interface {
	method.Blobs
	Has(method.Blob) bool
}

var _ keeper = (*blob.Store)(nil)

// record is what happened in a trial.
type record struct {
	calls  []string // every answer, in canonical bytes
	plans  []method.PlanResponse
	folds  []method.FoldResponse
	scenes []method.PlanRequest
	asked  []method.FoldRequest
	deploy *method.Model // the last
	left   bool          // it has left word of how others may begin
	blobs  keeper
}
