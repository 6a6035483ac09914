package metric

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/sim/suggest"
)

// Direction says which of two values is the better one.
type Direction string

// Directions.
const (
	Higher  Direction = "higher"  // better
	Lower   Direction = "lower"   // better
	Cost    Direction = "cost"    // lower is cheaper; says nothing about the model
	Neither Direction = "neither" // describes; no value is the better one
)

// Metric is one entry of the catalogue.
type Metric struct {
	Name      string
	Formula   string
	Unit      string // of a value; "1" for shares and ratios
	Direction Direction
	Split     string // what it is measured on
	Weight    string // what stands behind a value, by which values add up; "" where they do not
	Scored    bool   // measured by Score on examples, so that `evaluate` may ask for it
	Why       string // why `evaluate` may not ask for it; "" where it may
	Doc       string // one sentence: what it tells, what it does not
}

// Names of the catalogue that other packages measure.
const (
	Loss           = "loss"
	Perplexity     = "perplexity"
	Accuracy       = "accuracy"
	ExactMatch     = "exact-match"
	Rouge1         = "rouge-1"
	Rouge2         = "rouge-2"
	RougeL         = "rouge-l"
	AnswerMatch    = "answer-match"
	BLEU           = "bleu"
	ChrF           = "chrf"
	ClassRight     = "class-accuracy"
	ClassOwn       = "class-accuracy.task"
	MacroF1        = "macro-f1"
	MCC            = "mcc"
	AUROC          = "auroc"
	WorstCell      = "worst-cell"
	AvgPrecision   = "average-precision"
	MAE            = "mae"
	RMSE           = "rmse"
	EODWorst       = "eod.worst"
	EODMean        = "eod.mean"
	Parity         = "demographic-parity"
	AggError       = "aggregation.error"
	AggRelative    = "aggregation.error.relative"
	ClientDrift    = "client.drift"
	ClientOverlap  = "client.overlap"
	RoundEffective = "round.rank.effective"
	RoundStable    = "round.rank.stable"
	BytesUp        = "bytes.up"
	BytesDown      = "bytes.down"
	Time           = "time"
	Flops          = "flops"
	Energy         = "energy"
	TimeToTarget   = "time.to-target"
	ByteToTarget   = "bytes.to-target"
	Jain           = "jain"
	Gini           = "gini"
	WorstTenth     = "worst-tenth"
)

// All lists the catalogue, in the order in which lists print it. The caller owns the slice.
func All() []Metric {
	return slices.Concat(ofTokens, ofClasses, ofTexts, ofGroups, ofTasks, ofRouters, ofTold, ofUpdates, ofDeployed, ofRuns)
}

// Lookup finds a metric; the error of an unknown name lists the names and suggests one.
func Lookup(name string) (Metric, error) {
	all := All()
	for _, m := range all {
		if m.Name == name {
			return m, nil
		}
	}
	names := namesOf(all)
	return Metric{}, fmt.Errorf("unknown metric %q; known: %q%s", name, names, suggest.DidYouMean(name, names))
}

// Scored finds a metric that `evaluate` and Score may ask for; the error of another says
// why it may not, and lists those that may.
func Scored(name string) (Metric, error) {
	m, err := Lookup(name)
	if err == nil && !m.Scored {
		scored := slices.DeleteFunc(All(), func(m Metric) bool { return !m.Scored })
		err = fmt.Errorf("metric %q cannot be asked of a model: %s; these can: %q", name, m.Why, namesOf(scored))
	}
	return m, err
}

func namesOf(list []Metric) []string {
	names := make([]string, len(list))
	for i, m := range list {
		names[i] = m.Name
	}
	return names
}
