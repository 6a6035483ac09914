package ledger

import "github.com/loramesh/loramesh/plugins/method"

// The kinds of line, in the order in which a trial writes them.
const (
	KindTrial    = "trial"    // once, first
	KindPlan     = "plan"     // each round: what was asked
	KindReport   = "report"   // each report of the round, in order
	KindMissing  = "missing"  // each report that will not come
	KindFold     = "fold"     // what the method made of them
	KindEvaluate = "evaluate" // the deployed model, measured
	KindEnd      = "end"      // once, last
)

// Version is that of the lines, raised when a reader of the version before would refuse or
// misread them. Books of all versions up to this one can be read; those of version 1 do not
// say theirs.
const Version = 3

// Trial says what the trial is: with it, and the binaries, the rest follows.
type Trial struct {
	Version  int       `json:"version,omitempty"`
	Index    int       `json:"index"`
	Name     string    `json:"name"`     // "flora seed=1"
	Arm      string    `json:"arm"`      // the same without the seed
	Seed     uint64    `json:"seed"`     //
	Scenario string    `json:"scenario"` // hash of the resolved scenario
	Contract string    `json:"contract"` // of the numbers: what kernels promise
	Bases    []Content `json:"bases"`
	Data     []Content `json:"data"`
	Devices  []Content `json:"devices,omitempty"` // files of them
	Methods  []Member  `json:"methods"`
	Pools    []Pool    `json:"pools"`
	Fork     *Fork     `json:"fork,omitempty"` // nil: it began at its beginning
}

// Fork says of which trial another is the continuation: the lines up to a round are that
// one's, under other words.
type Fork struct {
	Round  int    `json:"round"`  // rounds that are not its own
	Ledger string `json:"ledger"` // hash of the other's ledger there
}

// Content is something named by its hash.
type Content struct {
	Name string      `json:"name"`
	Blob method.Blob `json:"blob"`
}

// Member is one method of the chain and where it came from.
type Member struct {
	Name   string `json:"name"`
	Card   string `json:"card"`   // hash of its card
	Plugin string `json:"plugin"` // "builtin", or the hash of the binary that serves it
	Params string `json:"params"` // canonical
}

// Pool says who takes part. A pool that divides data lists the rank of each, largest first;
// one whose participants draw for themselves, which may be a million, says how many have
// which. Of neither: no limit. [Pool.Holders] reads both.
type Pool struct {
	Name     string `json:"name"`
	Size     int    `json:"size"`
	Examples int    `json:"examples"`      // for training; of those who draw for themselves, all that they draw
	Of       string `json:"of,omitempty"`  // the pool that they live in,
	Per      int    `json:"per,omitempty"` // so many in each
	Ranks    []int  `json:"ranks"`
	Held     []Held `json:"held,omitempty"`
}

// Held is a rank and how many participants can hold it, and no more.
type Held struct {
	Rank         int `json:"rank"`
	Participants int `json:"participants"`
}

// Holders are a pool's ranks, largest first; none: no limit.
func (p Pool) Holders() []Held {
	if len(p.Held) > 0 {
		return p.Held
	}
	var out []Held
	for _, r := range p.Ranks {
		if last := len(out) - 1; last >= 0 && out[last].Rank == r {
			out[last].Participants++
			continue
		}
		out = append(out, Held{r, 1})
	}
	return out
}

// Plan is what a method asked in a round.
type Plan struct {
	Round   int            `json:"round"`
	Stage   string         `json:"stage"`
	Member  string         `json:"member"`
	Now     method.Seconds `json:"now"`              // virtual, when the round opened
	Offered int            `json:"offered"`          // participants
	Flying  int            `json:"flying,omitempty"` // leases of earlier rounds that are out
	Assign  []Assigned     `json:"assign"`
	State   string         `json:"state"` // hash
}

// Assigned is one assignment of a plan; Recipe is the hash of its canonical form.
type Assigned struct {
	Name   string `json:"name"`
	To     int    `json:"to"` // how many participants
	Recipe string `json:"recipe"`
}

// Report is what one participant made of one assignment.
type Report struct {
	Round    int            `json:"round"`         // that asked
	Age      int            `json:"age,omitempty"` // rounds folded since
	From     string         `json:"from"`
	Name     string         `json:"name"`
	Examples int            `json:"examples"`
	Share    float64        `json:"share"`
	Made     []Content      `json:"made"`
	Began    []Content      `json:"began"`
	Kept     []Content      `json:"kept,omitempty"` // stays with the participant
	Values   []Value        `json:"values"`
	Up       int64          `json:"up"`               // bytes
	Down     int64          `json:"down"`             // bytes
	Flops    float64        `json:"flops"`            // by the cost model
	Spent    method.Seconds `json:"spent"`            // virtual
	Energy   float64        `json:"energy,omitempty"` // J, where devices say what power they draw
	Warnings []string       `json:"warnings,omitempty"`
}

// Missing is a report that the method will not be told of, and why. One that came and
// could not be used has its [Report] line as well: it was paid for. One that nobody waited
// for, "late" or "cut", was paid for too: what came down, and the work.
type Missing struct {
	Round  int     `json:"round"` // that asked
	From   string  `json:"from"`
	Name   string  `json:"name"`
	Why    string  `json:"why"`
	Down   int64   `json:"down,omitempty"`   // bytes
	Flops  float64 `json:"flops,omitempty"`  // by the cost model
	Energy float64 `json:"energy,omitempty"` // J
}

// Value is a measured number. Values of one name and group add up by weight.
type Value struct {
	Name   string  `json:"name"`
	Group  string  `json:"group,omitempty"`
	Value  Number  `json:"value"`
	Weight float64 `json:"weight"`
}

// Fold is what a method made of a round.
type Fold struct {
	Round    int            `json:"round"`
	Now      method.Seconds `json:"now"` // when the round closed
	Reports  int            `json:"reports"`
	Deploy   string         `json:"deploy"` // hash of the deployed model's canonical form
	State    string         `json:"state"`
	Holds    []method.Blob  `json:"holds"`
	Values   []Value        `json:"values"` // the method's, then the host's own
	Flops    float64        `json:"flops"`  // by the method itself, on the server; in no total of participants
	Warnings []string       `json:"warnings,omitempty"`
}

// Evaluate is one evaluation of the deployed model. Up, Down and Flops are what all
// participants together have spent so far: the axes that plots need. An evaluation every
// so many rounds is "start" before the first, "end" after the last, and "round" between;
// where a method finished of its own accord, the last "round" is the last point.
type Evaluate struct {
	Round    int            `json:"round"` // rounds folded before it
	At       string         `json:"at"`    // "start", "round", "stage-end", "end"
	Stage    string         `json:"stage"`
	On       string         `json:"on"`
	Now      method.Seconds `json:"now"`
	Up       int64          `json:"up"`
	Down     int64          `json:"down"`
	Flops    float64        `json:"flops"`
	Examples int            `json:"examples"`
	Values   []Value        `json:"values"`
	Task     string         `json:"task,omitempty"` // that was learned last, where each is measured after each
}

// End closes a trial: its totals.
type End struct {
	Rounds int            `json:"rounds"`
	Now    method.Seconds `json:"now"`
	Up     int64          `json:"up"`
	Down   int64          `json:"down"`
	Flops  float64        `json:"flops"`
	Deploy string         `json:"deploy"`
}
