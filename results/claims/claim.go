package claims

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/metric"
	"github.com/loramesh/loramesh/sim/suggest"
)

// Kinds of claims.
const (
	Identity    = "identity"
	Superiority = "superiority"
	Equivalence = "equivalence"
	Curve       = "curve"
)

// Claim is a statement as it was registered.
type Claim struct {
	ID        string `yaml:"id" json:"id"`
	Kind      string `yaml:"kind" json:"kind"`
	Statement string `yaml:"statement" json:"statement"` // one sentence, in one direction
	Source    string `yaml:"source" json:"source"`
	// Check names a function of this package: for identities, and curves that no scenario shows.
	Check string `yaml:"check" json:"check,omitempty"`
	// Scenario is embedded. Its `vary` has nothing but a zip, seeds and axes that the claim has too,
	// in whose place those of the claim are laid.
	Scenario string   `yaml:"scenario" json:"scenario,omitempty"`
	Inputs   []Input  `yaml:"inputs" json:"inputs,omitempty"` // folders that it needs besides
	Sets     []string `yaml:"sets" json:"sets,omitempty"`     // laid over it, as by --set
	Over     string   `yaml:"over" json:"over,omitempty"`     // the path that arms are laid over: "method.0"
	Arms     []Arm    `yaml:"arms" json:"arms,omitempty"`
	Arm      string   `yaml:"arm" json:"arm,omitempty"`         // that the statement is about
	Against  string   `yaml:"against" json:"against,omitempty"` // and whom it is compared with
	Measure  string   `yaml:"measure" json:"measure,omitempty"` // "test.loss", "auc.test.loss", "aggregation.error.relative"
	Also     []string `yaml:"also" json:"also,omitempty"`       // measures that are shown beside it and decide nothing
	Across   []Axis   `yaml:"across" json:"across,omitempty"`   // of a curve: where each arm is measured, as a product
	Orders   *Axis    `yaml:"orders" json:"orders,omitempty"`   // orders of tasks: a seed's number is the mean over them
	Higher   bool     `yaml:"higher" json:"higher,omitempty"`   // more of it is better
	Margin   float64  `yaml:"margin" json:"margin,omitempty"`   // differences within ± this are of no account
	// Within is a column by which the measure is evaluated: its groups are resampled beside the
	// seeds, as a sample of clients or queries; "example" has every example of the set as a query.
	Within string `yaml:"within" json:"within,omitempty"`
	Seeds  string `yaml:"seeds" json:"seeds,omitempty"` // "1..8"
	Grid   *Grid  `yaml:"grid" json:"grid,omitempty"`
	Quick  *Quick `yaml:"quick" json:"quick,omitempty"`
	// Finding is what we make of what was seen. It is written afterwards and is no part of what
	// was registered.
	Finding string `yaml:"finding" json:"-"`
}

// Arm is one of those compared: what is laid over the claim's path.
type Arm struct {
	Name string         `yaml:"name" json:"name"`
	Is   map[string]any `yaml:"is" json:"is"`
}

// Axis is a path of the scenario with the values that are laid there in turn.
type Axis struct {
	Path   string `yaml:"path" json:"path"`
	Values []any  `yaml:"values" json:"values"` // numbers or words
}

// Grid is how every arm is tuned: the same values, on validation rows, by the mean over seeds
// of its own.
type Grid struct {
	Key     string    `yaml:"key" json:"key"` // within an arm: "with.lr"
	Values  []float64 `yaml:"values" json:"values"`
	Seeds   string    `yaml:"seeds" json:"seeds"`
	Measure string    `yaml:"measure" json:"measure"` // "valid.loss"
}

// Quick is what is left out where three minutes must do.
type Quick struct {
	Seeds string   `yaml:"seeds" json:"seeds"`
	Sets  []string `yaml:"sets" json:"sets,omitempty"`
}

//go:embed book/*.yaml
var book embed.FS

// All is every claim, by ID.
func All() []Claim {
	names, err := fs.Glob(book, "book/*.yaml")
	if err != nil {
		panic("claims: " + err.Error())
	}
	var out []Claim
	for _, name := range names {
		text, err := book.ReadFile(name)
		if err != nil {
			panic("claims: " + err.Error())
		}
		c, err := Parse(text)
		if err == nil && "book/"+c.ID+".yaml" != name {
			err = fmt.Errorf("its id is %q", c.ID)
		}
		if err != nil {
			panic(fmt.Sprintf("claims: %s: %v", name, err)) // a test reads them all
		}
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b Claim) int { return data.Naturally(a.ID, b.ID) }) // F2 before F10, F6b after F6
	return out
}

// Lookup is the claim of that ID.
func Lookup(id string) (Claim, error) {
	var ids []string
	for _, c := range All() {
		if c.ID == id {
			return c, nil
		}
		ids = append(ids, c.ID)
	}
	tail := suggest.DidYouMean(id, ids)
	if tail == "" {
		tail = "; there are " + strings.Join(ids, ", ")
	}
	return Claim{}, fmt.Errorf("no claim is called %q%s", id, tail)
}

// Parse reads a claim and refuses one that could not be decided.
func Parse(text []byte) (c Claim, err error) {
	if err := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(&c); err != nil {
		return c, err
	}
	return c, c.check()
}

// Registered is the hash of all that was fixed before the claim was run.
func (c Claim) Registered() string {
	b, err := json.Marshal(c)
	if err != nil {
		panic("claims: " + err.Error())
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// check says what keeps a claim from being decided.
func (c Claim) check() error {
	compares := c.Kind == Superiority || c.Kind == Equivalence
	named := func(name string) bool {
		return slices.ContainsFunc(c.Arms, func(a Arm) bool { return a.Name == name })
	}
	switch {
	case c.ID == "" || c.Statement == "" || c.Source == "":
		return fmt.Errorf("an id, a statement and a source were expected")
	case !slices.Contains([]string{Identity, Superiority, Equivalence, Curve}, c.Kind):
		return fmt.Errorf("kind %q: identity, superiority, equivalence or curve was expected", c.Kind)
	case c.Kind == Identity && c.Check == "":
		return fmt.Errorf("an identity needs a check")
	case c.Check != "" && checks[c.Check] == nil:
		return fmt.Errorf("there is no check %q", c.Check)
	case c.Check == "" && (c.Scenario == "" || c.Over == "" || len(c.Arms) == 0 || c.Measure == "" || c.Seeds == ""):
		return fmt.Errorf("a scenario, a path to lay arms over, arms, a measure and seeds were expected")
	case c.Check == "" && slices.ContainsFunc(append([]string{c.Measure}, c.Also...), immeasurable), c.Grid != nil && !measurable(c.Grid.Measure):
		return fmt.Errorf("the measure %q of a trial is unknown: test.loss, auc.test.loss or %s were expected", c.firstUnknown(), results.AggErrorRel)
	case c.Check == "" && !c.axesFit():
		return fmt.Errorf("an axis needs a path, and two values or more; several orders of tasks may be given to any claim, across to curves")
	case compares && (!named(c.Arm) || !named(c.Against) || !(c.Margin > 0)):
		return fmt.Errorf("two of the arms, to be compared, and a margin above 0 were expected")
	case c.Grid != nil && (len(c.Grid.Values) < 3 || c.Grid.Key == "" || c.Grid.Seeds == "" || c.Grid.Measure == ""):
		return fmt.Errorf("a grid of at least three values needs a key, seeds and a measure")
	case c.Grid != nil && !slices.IsSorted(c.Grid.Values):
		return fmt.Errorf("the values of a grid were expected in ascending order: its ends are its edge")
	case c.Within != "" && c.Check != "":
		return fmt.Errorf("a check resamples nothing: within stands with a measure")
	case len(c.Inputs) > 0 && c.Scenario == "":
		return fmt.Errorf("inputs need a scenario that uses them")
	case c.Check == "" && c.Quick == nil:
		return fmt.Errorf("a quick try was expected: fewer seeds, and what it leaves out")
	}
	for _, in := range c.Inputs {
		if err := in.check(); err != nil {
			return err
		}
	}
	return nil
}

// measurable says whether a trial may have a number of that name: a score of a set, of a pool's
// participants on it, what a score came to over a stream of tasks, the area under one, or what
// every trial is measured by.
func measurable(name string) bool {
	if slices.Contains([]string{results.AggError, results.AggErrorRel, results.UpBytes, results.DownBytes, results.Time, results.Flops, results.Rounds}, name) {
		return true
	}
	set, score, ok := strings.Cut(strings.TrimPrefix(name, "auc."), ".")
	set, _, _ = strings.Cut(set, " of ") // "test of client"
	if !ok || !slices.Contains([]string{"test", "valid", "train"}, set) {
		return false
	}
	for _, over := range []string{"continual.accuracy", "bwt", "forgetting", "fwt"} {
		score = strings.TrimSuffix(score, "."+over)
	}
	m, err := metric.Lookup(score)
	return err == nil && m.Scored
}
