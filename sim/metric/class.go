package metric

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/metric/answer"
)

// Said is the class that a model gave an example.
type Said struct {
	Group  string // the example's, "s=0"; "" where nothing groups
	Truth  string
	Class  string    // of those seen so far
	Own    string    // of the example's own task
	Names  []string  // the classes that were compared, and
	Scores []float64 // what each got, nats
}

// Most metrics of classes are no means over examples, so a test set that is measured part by
// part is told of as tallies, values that do add up by weight, and judged as a whole:
// [Parts] says what to ask of a part, [OfClasses] answers it, [Judged] makes the metrics of it.
const (
	tallySaid  = "tally.said"  // 1, weighing as many examples as are of a group, truth and class
	tallyScore = "tally.score" // the share of a class in one example
)

// unit parts the words of a tally's group. Text files do not have it.
const unit = "\x1f"

// ofTallies are the metrics that need tallies, and which.
var ofTallies = map[string]string{MacroF1: tallySaid, MCC: tallySaid, WorstCell: tallySaid, AUROC: tallyScore, AvgPrecision: tallyScore,
	MAE: tallySaid, RMSE: tallySaid, EODWorst: tallySaid, EODMean: tallySaid, Parity: tallySaid}

// betweenGroups compare groups, and have no value in one of them.
var betweenGroups = []string{EODWorst, EODMean, Parity}

// ComparesGroups says whether a metric has no value where all examples are of one group.
func ComparesGroups(name string) bool { return slices.Contains(betweenGroups, name) }

// Rates says whether a metric needs classes whose names are numbers.
func Rates(name string) bool { return name == MAE || name == RMSE }

// IsRating says whether a class is a number.
func IsRating(class string) bool { _, err := rating(class); return err == nil }

func rating(class string) (float64, error) { return strconv.ParseFloat(strings.TrimSpace(class), 64) }

// Classifies says whether one of the metrics judges classes, so that a model has to choose one.
func Classifies(names []string) bool {
	return slices.ContainsFunc(names, func(n string) bool {
		return n == ClassRight || n == ClassOwn || toldOf[n] == ClassRight || n == tallySaid || n == tallyScore || ofTallies[n] != ""
	})
}

// Parts says what to measure of each part of a test set for these metrics of the whole.
func Parts(names []string) (out []string) {
	for _, n := range names {
		if t := ofTallies[n] + ofCounts[n]; t != "" { // of one of them
			n = t
		}
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// OfClasses measures answers: shares of right ones over all and by group, tallies where they
// are asked for by name, and the metrics that are made of them.
func OfClasses(names []string, all []Said) ([]method.Value, error) {
	var out []method.Value
	for _, name := range names {
		if name == ClassRight || name == ClassOwn {
			out = append(out, right(name, all)...)
		}
	}
	whole := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return ofTallies[n] == "" })
	made, err := Judged(whole, tally(Parts(whole), all))
	return append(append(out, made...), tally(names, all)...), err
}

// right is the share of right answers, of all and of each group.
func right(name string, all []Said) (out []method.Value) {
	sums := map[string]Weighted{}
	for _, s := range all {
		class := s.Class
		if name == ClassOwn {
			class = s.Own
		}
		for _, group := range slices.Compact([]string{"", s.Group}) {
			x := sums[group]
			x.Weight++
			if class == s.Truth {
				x.Value++
			}
			sums[group] = x
		}
	}
	for _, group := range slices.Sorted(maps.Keys(sums)) {
		x := sums[group]
		out = append(out, method.Value{Name: name, Group: group, Value: x.Value / x.Weight, Weight: x.Weight})
	}
	return out
}

// tally counts answers, for those of the names that are tallies.
func tally(names []string, all []Said) (out []method.Value) {
	if slices.Contains(names, tallySaid) {
		counts := map[string]float64{}
		for _, s := range all {
			counts[strings.Join([]string{s.Group, s.Truth, s.Class}, unit)]++
		}
		for _, g := range slices.Sorted(maps.Keys(counts)) {
			out = append(out, method.Value{Name: tallySaid, Group: g, Value: 1, Weight: counts[g]})
		}
	}
	if slices.Contains(names, tallyScore) {
		for _, s := range all {
			for i, share := range shareOf(s.Scores) {
				group := strings.Join([]string{s.Group, s.Truth, s.Names[i]}, unit)
				out = append(out, method.Value{Name: tallyScore, Group: group, Value: share, Weight: 1})
			}
		}
	}
	return out
}

// Judged makes metrics of the tallies among values, over all and by group, and passes the
// other values on as they are.
func Judged(names []string, values []method.Value) (out []method.Value, err error) {
	corpus, values, err := corpora(names, values)
	if err != nil {
		return nil, err
	}
	said, scores := map[string]*judge{}, map[string]*judge{}
	for _, v := range values {
		if v.Name != tallySaid && v.Name != tallyScore {
			out = append(out, v)
			continue
		}
		words := strings.Split(v.Group, unit)
		if len(words) != 3 {
			return nil, fmt.Errorf("metric: %d words in the group of a %s, expected group, truth and class", len(words), v.Name)
		}
		to := said
		if v.Name == tallyScore {
			to = scores
		}
		for _, group := range slices.Compact([]string{"", words[0]}) {
			if to[group] == nil {
				to[group] = &judge{}
			}
			to[group].take(words, v)
		}
	}
	for _, name := range names {
		from := said
		if ofTallies[name] == tallyScore {
			from = scores
		}
		if ofTallies[name] == "" {
			continue
		}
		for _, group := range slices.Sorted(maps.Keys(from)) {
			if group != "" && slices.Contains(betweenGroups, name) {
				continue
			}
			v, err := from[group].value(name)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			out = append(out, method.Value{Name: name, Group: group, Value: v, Weight: from[group].n})
		}
	}
	return append(out, corpus...), nil
}

// judge is the answers of one group.
type judge struct {
	group, truth, said []string
	class              []string           // those that were scored, in order of appearance
	of                 map[string]ranking // by class
	n                  float64            // examples
}

// ranking is a class against the rest.
type ranking struct {
	positive []bool
	score    []float64
}

func (j *judge) take(words []string, v method.Value) {
	if v.Name == tallySaid {
		for range int(v.Weight) {
			j.group, j.truth, j.said = append(j.group, words[0]), append(j.truth, words[1]), append(j.said, words[2])
		}
		j.n += v.Weight
		return
	}
	truth, class := words[1], words[2]
	if j.of == nil {
		j.of = map[string]ranking{}
	}
	r, known := j.of[class]
	if !known {
		j.class = append(j.class, class)
	}
	r.positive, r.score = append(r.positive, truth == class), append(r.score, v.Value)
	j.of[class] = r
	j.n = max(j.n, float64(len(r.score)))
}

func (j *judge) value(name string) (float64, error) {
	switch name {
	case AUROC:
		return j.ranked(answer.Ranked.AUROC)
	case AvgPrecision:
		return j.ranked(answer.Ranked.AveragePrecision)
	case MAE, RMSE:
		e, err := j.errors()
		if err != nil || name == MAE {
			return e.MAE(), err
		}
		return e.RMSE(), nil
	case EODWorst, EODMean, Parity:
		return j.gap(name)
	}
	c, err := answer.Confuse(j.truth, j.said, nil)
	if err != nil {
		return 0, err
	}
	switch name {
	case MacroF1:
		return c.MacroF1(0), nil
	case MCC:
		return c.MCC(), nil
	}
	g, err := answer.ByGroup(j.truth, j.said, j.group, "")
	if err != nil {
		return 0, err
	}
	return g.WorstCell(), nil
}

// errors are those of ratings: classes whose names are numbers.
func (j *judge) errors() (answer.Errors, error) {
	var numbers [2][]float64
	for i, list := range [][]string{j.truth, j.said} {
		for _, word := range list {
			x, err := rating(word)
			if err != nil {
				return answer.Errors{}, fmt.Errorf("the class %q is no number: it judges ratings, as in `label: stars` of a column with 1 to 5", word)
			}
			numbers[i] = append(numbers[i], x)
		}
	}
	return answer.Compare(numbers[0], numbers[1])
}

// gap is how unlike groups are treated: the mean over the classes that are true of an example,
// each against the rest.
func (j *judge) gap(name string) (float64, error) {
	if groups := slices.Compact(slices.Sorted(slices.Values(j.group))); len(groups) < 2 {
		return 0, fmt.Errorf("it compares groups, and the examples are of %q: write `by: [COLUMN]` in `evaluate`, a column of several groups", groups)
	}
	classes, sum := slices.Compact(slices.Sorted(slices.Values(j.truth))), 0.0
	for _, class := range classes {
		g, err := answer.ByGroup(j.truth, j.said, j.group, class)
		if err != nil {
			return 0, err
		}
		switch name {
		case EODWorst:
			sum += g.EODWorst(answer.LeftOut)
		case EODMean:
			sum += g.EODMean(answer.LeftOut)
		default:
			sum += g.DemographicParity()
		}
	}
	return sum / float64(len(classes)), nil
}

// ranked is the mean over the classes of which there are some, and others, of how well a class
// is separated; of two classes AUROC is the same for both.
func (j *judge) ranked(of func(answer.Ranked) float64) (float64, error) {
	sum, n := 0.0, 0.0
	for _, class := range j.class {
		r := j.of[class]
		if !slices.Contains(r.positive, true) || !slices.Contains(r.positive, false) {
			continue
		}
		ranked, err := answer.Rank(r.positive, r.score)
		if err != nil {
			return 0, err
		}
		sum += of(ranked)
		n++
	}
	return sum / n, nil
}
