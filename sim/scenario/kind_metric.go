package scenario

import (
	"slices"

	"github.com/loramesh/loramesh/sim/metric"
	"github.com/loramesh/loramesh/sim/suggest"
)

// metricName is a metric of the catalogue that can be asked of a model. The others are
// refused with the catalogue's reason.
type metricName struct{}

func (metricName) says() string { return "the name of a metric" }

func (metricName) names() []string {
	var out []string
	for _, m := range metric.All() {
		if m.Scored {
			out = append(out, m.Name)
		}
	}
	return out
}

func (k metricName) schema() object { return object{"enum": k.names()} }

func (k metricName) read(c check, n *node, to any) {
	s, ok := readText(c, n, k)
	if !ok {
		return
	}
	if m, err := metric.Lookup(s); err == nil && !m.Scored {
		c.say(n.pos, "%q cannot be asked of a model: %s", s, m.Why)
		return
	}
	if near := suggest.DidYouMean(s, k.names()); near != "" && !slices.Contains(k.names(), s) {
		c.say(n.pos, "%s was expected, found %q%s", k.says(), s, near) // thirty names would hide the one
		return
	}
	choice{words: k.names()}.read(c, n, to)
}

func (metricName) write(from any) *node { return textNode(*from.(*string)) }
