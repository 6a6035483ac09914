package method

import "iter"

// FoldRequest brings the reports with which the scenario's regime closed this round.
type FoldRequest struct {
	Scene
	Reports Reports
	Missing []Missing
}

// Reports are in order (round asked, participant, assignment) and may be ranged over
// more than once. Each pass holds one batch in memory; what a blob of a report opened
// is valid until the loop moves on.
type Reports interface {
	Len() int
	All() iter.Seq2[Report, error]
}

// ReportList is reports that are all in memory, as tests and measurements have them.
type ReportList []Report

// Len counts them.
func (l ReportList) Len() int { return len(l) }

// All gives them in order, and no error.
func (l ReportList) All() iter.Seq2[Report, error] {
	return func(yield func(Report, error) bool) {
		for _, r := range l {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// Report is what one participant made of one assignment.
type Report struct {
	Round    int    // that asked
	Name     string // of the assignment
	From     ID
	Age      int     // rounds folded between asking and now; 0 without overlap
	Examples int     // that the work used
	Share    float64 // of the recipe done: 1, less under the fault "partial work"
	Made     []Named // what was uploaded
	Began    []Named // what its trained parts began from: the difference is the update
	Values   []Value // training loss, terms, scores, counts
	Up, Down int64   // bytes
	Spent    Seconds
	Warnings []string
}

// Named is a blob with the name it goes by.
type Named struct {
	Name string
	Blob Blob
}

// Blob returns what the report made under name, or "".
func (r Report) Blob(name string) Blob {
	for _, m := range r.Made {
		if m.Name == name {
			return m.Blob
		}
	}
	return ""
}

// Value is a number with its name, group and weight; values of one name and group add
// up by weight, so a mean over participants equals the mean over their examples.
type Value struct {
	Name   string // "loss", "accuracy", "triplet.active": see the metric catalogue for unit and direction
	Group  string // "", or the cell: "y=1,s=0"
	Value  float64
	Weight float64 // examples behind it
}

// Missing is an assignment of this round that will bring no report.
type Missing struct {
	To   ID
	Name string
	Why  string // "dropped", "late", "lost", "corrupt", "excluded"
}

// FoldResponse is what the method made of them.
type FoldResponse struct {
	State State
	// Deploy is what would answer a user from now on; nil: as before. The scenario
	// evaluates it, on whom and when it likes: a method never schedules its own test.
	Deploy *Model
	// Init is how members of the chain after this one may have their factors begin; nil: as
	// before. Where the scenario says so they are given it as [Scene].Init.
	Init     []InitAt
	Values   []Value // the method's own measurements, e.g. aggregation error
	Notes    []Note  // replaces what was noted about these participants
	Exports  []Named // adapters worth a file in the run folder
	Warnings []string
	Flops    float64 // spent by the server; the scenario's server device prices them
}

// Note is up to 256 bytes about one participant, handed back when it is offered again.
// It lives in the host's book, so the state of a method does not grow with its population.
type Note struct {
	About ID
	Text  []byte
}
