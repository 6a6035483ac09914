package report

import "github.com/loramesh/loramesh/results"

// compared is the table of differences from the reference arm, and the sentence that
// answers the run's question by it.
type compared struct {
	Reference string
	Answer    string
	Table     results.Table
	Others    *results.Table // of the scores that do not answer the question; nil where all are few
}

// fewRows are as many differences as are read at once.
const fewRows = 12

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
	out := &compared{Reference: c.Reference, Answer: c.Sentence(), Table: c.Table()}
	if len(c.Rows) > fewRows {
		first, others := out.Table, results.Table{Heads: out.Table.Heads, Left: out.Table.Left}
		first.Rows = nil
		for i, row := range out.Table.Rows {
			if c.Rows[i].Score.Name == c.Rows[0].Score.Name {
				first.Rows = append(first.Rows, row)
			} else {
				others.Rows = append(others.Rows, row)
			}
		}
		out.Table, out.Others = first, &others
	}
	return out, nil
}
