package method

import (
	"cmp"
	"strconv"
)

// Seconds are virtual. Wall time does not exist on this side of the seam.
type Seconds float64

// Role is a method's word for those it works with: "client", "anchor", "expert",
// "detector". The scenario says which pool plays it (by default the one of that name), so
// a pool of clients can play FairNet's detector. Every participant knows every verb.
type Role string

// ID is the address of a participant for the whole life of a trial: "client/17".
type ID struct {
	Pool  string
	Index int
}

func (id ID) String() string { return id.Pool + "/" + strconv.Itoa(id.Index) }

// Compare is participant order: the order of every reduction.
func (id ID) Compare(o ID) int {
	if id.Pool != o.Pool {
		return cmp.Compare(id.Pool, o.Pool)
	}
	return cmp.Compare(id.Index, o.Index)
}

// Scene is what a method may know in any call.
type Scene struct {
	Params Values
	Round  int     // one Plan and at most one Fold each; 0, 1, … over all stages
	Now    Seconds // when the round opened (Plan) or closed (Fold)
	Stage  Stage
	Bases  []Base
	Start  Model // build on this: the stage's base, or what the method before deployed
	// Init is how an earlier member of the chain would have factors begin, where the scenario
	// asks for that (`init: {from: chain}`): it stands before a part's own Init; see [Scene.Inits].
	Init     []InitAt
	Followed bool   // in Check: a later member of the chain trains over what this one deploys
	Seed     uint64 // for the method's own draws in this call
	State    State
	Blobs    Blobs // opens what the state, the start and the reports name; takes what the call makes
}

// Stage is a stretch of the scenario in which the world shows the same data: a task of
// a stream, the pool before the users, the time before and after the source data went.
type Stage struct {
	Name   string
	Index  int // of Count
	Count  int
	Round  int // rounds this method has had in it
	Rounds int // rounds it will have; 0: until it has finished
	Labels int // classes of the stage's task; 0: text
}

// Base is a model of the scenario: the one adapted, a source, a target, an encoder.
type Base struct {
	Name      string
	Blob      Blob // its weights, readable through [Blobs]
	Tokenizer string
	Width     int
	Blocks    int
	Modules   []Module
}

// Module is a linear map that can be adapted: Out×In, named like "3.q".
type Module struct {
	Name    string
	Out, In int
}

// Pool says how many participants a role has. Only the offered ones are ever listed:
// a population of a million is an integer.
type Pool struct {
	Role Role
	Size int
	Left int // in a sweep: not yet offered
}

// Participant is one that the scenario's sampler offers in this round.
type Participant struct {
	ID       ID
	Role     Role     // in which it is offered
	Examples int      // visible to it in this stage
	Rank     int      // the largest it can hold; 0: no limit
	Tier     string   // of its device
	Kept     []string // names of the things it keeps
	Note     []byte   // what the method noted about it; see [FoldResponse]
}

// PlanRequest asks what should be done next.
type PlanRequest struct {
	Scene
	Pools   []Pool
	Offered []Participant // in participant order; drawn by the scenario, alike for every method
	Flying  int           // assignments of earlier rounds still out; 0 unless the card says Stale
}

// PlanResponse is the answer. Without assignments it must be Finished, unless some fly.
type PlanResponse struct {
	State    State
	Assign   []Assignment
	Deploy   *Model   // see [FoldResponse]; for methods that need no report, as prompting alone
	Init     []InitAt // see [FoldResponse]
	Finished bool     // nothing more to ask in this stage
}

// Assignment is one order to one or many participants.
type Assignment struct {
	// Name is unique among what a plan asks of one participant. With the round and the
	// participant it is the key of the report;
	// with participant and a count it names every random draw, so methods that call the
	// same thing "fit" see the same batches. Assignments of one plan to one participant
	// are done in plan order, under one lease, and are kept or lost together.
	Name   string
	To     []ID   // empty: everyone offered
	Recipe Recipe // one of Fit, Score, Probe, Sample
	// Upload names, once, what comes back: "lora", "lora.A", "head", a statistic, a set, a column.
	// Empty: all parts and statistics, never examples.
	Upload []string
	Keep   []string // what stays there for later rounds: the same names, "optimiser", an attachment
}
