package claims

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/loramesh/loramesh/sim/ledger"
)

// Verdicts.
const (
	Holds     = "holds"
	HoldsNot  = "does not hold"
	Undecided = "cannot be decided at this size"
	Shown     = "shown"
	Direction = "direction seen"
)

// Outcome is what a try of a claim came to. Numbers that JSON has no word for are strings.
type Outcome struct {
	ID         string           `json:"id"`
	Registered string           `json:"registered"` // hash of the claim as it was tried
	Verdict    string           `json:"verdict"`
	Why        string           `json:"why"`
	Quick      bool             `json:"quick,omitempty"`
	Sets       []string         `json:"sets,omitempty"` // laid over the scenario beyond the claim's own
	Seeds      []uint64         `json:"seeds,omitempty"`
	Difference *ledger.Number   `json:"difference,omitempty"`
	Interval   []ledger.Number  `json:"interval,omitempty"`
	P          *ledger.Number   `json:"p,omitempty"`
	Errors     []Error          `json:"errors,omitempty"` // of identities
	Points     []Point          `json:"points,omitempty"` // of curves, and every arm of a comparison
	Also       []string         `json:"also,omitempty"`   // names of the points' other measures
	Tuning     []Tuned          `json:"tuning,omitempty"`
	Hash       string           `json:"hash,omitempty"`          // of the run that decided, by the build that Simrun names
	Simrun     string           `json:"simrun,omitempty"`        // version of the program that decided; "": it was not noted
	Of         []ledger.Content `json:"of,omitempty"`            // bases and data, by their hashes
	Seconds    float64          `json:"seconds"`                 // wall time of what decided: no tuning, no bases
	ReadySec   float64          `json:"ready_seconds,omitempty"` // to make bases and read data
}

// TuningCost is what tuning took, now or when what was kept of it was made.
func (o Outcome) TuningCost() (c Cost) {
	for _, x := range o.Tuning {
		c.add(x.Cost)
	}
	return c
}

// Error is how far one part of an identity is from true, against what is allowed.
type Error struct {
	What      string        `json:"what"`
	Error     ledger.Number `json:"error"`
	Tolerance float64       `json:"tolerance"`
}

// Within says whether it is allowed.
func (e Error) Within() bool { return float64(e.Error) <= e.Tolerance }

// Point is one place of a curve: a mean over seeds, or one number.
type Point struct {
	At     string          `json:"at"`
	Value  ledger.Number   `json:"value"`
	SD     ledger.Number   `json:"sd"` // over seeds; NaN of one
	N      int             `json:"n"`
	Also   []ledger.Number `json:"also,omitempty"`  // means of the claim's other measures, in their order
	Minus  string          `json:"minus,omitempty"` // of a comparison: the arm that Difference is taken from
	Differ ledger.Number   `json:"difference"`
}

// Tuned is what tuning an arm came to: the measure at every value.
type Tuned struct {
	Arm    string          `json:"arm"`
	Values []float64       `json:"values"`
	Means  []ledger.Number `json:"means"`
	Best   float64         `json:"best"`
	Edge   bool            `json:"edge,omitempty"` // the best is at the end of the grid
	Kept   bool            `json:"kept,omitempty"` // from before: nothing was run
	Cost
}

//go:embed seen
var seen embed.FS

// Seen is what the project saw of a claim as it stands registered; ok is false where it was
// not tried, or was changed since.
func (c Claim) Seen() (o Outcome, ok bool) {
	text, err := seen.ReadFile("seen/" + c.ID + ".json")
	if errors.Is(err, fs.ErrNotExist) {
		return o, false
	}
	if err == nil {
		err = json.Unmarshal(text, &o)
	}
	if err != nil {
		panic(fmt.Sprintf("claims: seen/%s.json: %v", c.ID, err)) // a test reads them all
	}
	return o, o.Registered == c.Registered()
}

// Encode is an outcome as it is kept in seen/.
func (o Outcome) Encode() ([]byte, error) {
	b, err := json.MarshalIndent(o, "", "  ")
	return append(b, '\n'), err
}
