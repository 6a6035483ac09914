package metric

import (
	"fmt"
	"math"
)

// Example is what a model did with one example.
type Example struct {
	LossNats float64 // Σ −ln p over the labels that count
	Labels   int     // how many count
	Correct  int     // of them the model's first choice
}

// Sum adds up examples: of a group, a participant, a test set. The zero value is empty.
type Sum struct {
	lossNats        float64
	labels, correct int64
	examples, exact int64 // exact: examples with every label right
	written         written
	routes          routes
}

// Add takes an example in. One without a label that counts changes nothing.
func (s *Sum) Add(e Example) {
	if e.Labels < 0 || e.Correct < 0 || e.Correct > e.Labels {
		panic(fmt.Sprintf("metric: %d labels of which %d are correct", e.Labels, e.Correct))
	}
	if e.Labels == 0 {
		return
	}
	s.lossNats += e.LossNats
	s.labels += int64(e.Labels)
	s.correct += int64(e.Correct)
	s.examples++
	if e.Correct == e.Labels {
		s.exact++
	}
}

// Join takes another sum in; the order of joins is the order of the float64 additions.
func (s *Sum) Join(other Sum) {
	s.lossNats += other.lossNats
	s.labels += other.labels
	s.correct += other.correct
	s.examples += other.examples
	s.exact += other.exact
	s.written.join(other.written)
	s.routes.join(other.routes)
}

// Examples is how many examples with labels have been added.
func (s *Sum) Examples() int64 { return s.examples }

// Value returns a scored metric and its weight: the labels or examples behind it, as
// [Metric.Weight] says. An empty sum has value 0 and weight 0. A name that Score does not
// measure is the error of [Scored].
func (s *Sum) Value(name string) (value, weight float64, err error) {
	m, err := Scored(name)
	if err != nil {
		return 0, 0, err
	}
	if value, weight, is := s.written.value(name); is {
		return value, weight, nil
	}
	if value, weight, is := s.routes.value(name); is {
		return value, weight, nil
	}
	if s.examples == 0 {
		return 0, 0, nil
	}
	labels, examples := float64(s.labels), float64(s.examples)
	switch m.Name {
	case Loss:
		return s.lossNats / labels, labels, nil
	case Perplexity:
		return math.Exp(s.lossNats / labels), labels, nil
	case Accuracy:
		return float64(s.correct) / labels, labels, nil
	case ExactMatch:
		return float64(s.exact) / examples, examples, nil
	}
	panic("metric: the catalogue calls " + name + " scored, but Sum has no formula for it")
}

// Weighted is a value with its weight.
type Weighted struct{ Value, Weight float64 }

// Mean joins values of one metric over participants or batches as if their examples had been
// measured together: Σ wᵢxᵢ / Σ wᵢ in the order given, for perplexity of the logarithms. Values
// of weight 0 do not count; none that counts gives 0 with weight 0.
func (m Metric) Mean(values []Weighted) Weighted {
	var sum, weight float64
	for _, v := range values {
		if v.Weight == 0 {
			continue
		}
		x := v.Value
		if m.Name == Perplexity {
			x = math.Log(x)
		}
		sum += float64(v.Weight * x)
		weight += v.Weight
	}
	if weight == 0 {
		return Weighted{}
	}
	mean := sum / weight
	if m.Name == Perplexity {
		mean = math.Exp(mean)
	}
	return Weighted{Value: mean, Weight: weight}
}
