package report

import "github.com/loramesh/loramesh/results"

// compared is the table of differences from the reference arm, and the sentence that
// answers the run's question by it.
type compared struct {
	Reference string
	Answer    string
	Table     results.Table
}

// comparedOf compares every arm with the first of the plan; nil where there is nothing to
// compare.
func comparedOf(r *results.Run, s results.Summary) (*compared, error) {
	if len(s.Arms) < 2 || len(s.Scores) == 0 {
		return nil, nil
	}
	c, err := r.Compare("", nil, results.Ask{})
	if err != nil {
		return nil, err
	}
	return &compared{Reference: c.Reference, Answer: c.Sentence(), Table: c.Table()}, nil
}
