package train

import (
	"fmt"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/plugins/method"
)

// carriesProbe is [Carries] for the verb that measures.
func carriesProbe(a method.Assignment, p method.Probe) error {
	if err := carriesModel(p.Model); err != nil {
		return err
	}
	for _, s := range p.What {
		if err := carriesStatistic(s); err != nil {
			return err
		}
	}
	if slices.Contains(p.By, byExample) && len(p.By) > 1 {
		return fmt.Errorf("it makes rows by %q: an example is in one group already, so %q stands alone", p.By, byExample)
	}
	names := method.StatisticNames(p.What)
	for _, u := range slices.Concat(a.Upload, a.Keep) {
		if !slices.Contains(names, u) && u != method.Nothing {
			return fmt.Errorf("it uploads or keeps %q, and measures %s", u, strings.Join(names, ", "))
		}
	}
	return carriesData(p.Data)
}

func carriesStatistic(s method.Statistic) error {
	switch s := s.(type) {
	case method.Feature:
		if !slices.Contains([]string{"mean", "first", "last"}, s.Pool) {
			return fmt.Errorf("Feature.Pool is %q; mean, first or last was expected", s.Pool)
		}
	case method.Input:
		if s.Scale != "" && (s.Scale != "max" || !s.Second) {
			return fmt.Errorf("Input.Scale is %q; nothing was expected, or max with Second", s.Scale)
		}
	case method.Gradient, method.Fisher, method.Routing:
	default:
		return refuse("the statistic %s", method.Name(s))
	}
	return nil
}
