package export

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"path/filepath"
	"strconv"

	"github.com/loramesh/loramesh/results"
)

// toCSV writes the run's own tables and, where there is something to compare, the
// differences from the first arm.
func toCSV(r *results.Run, dir string) error {
	if err := r.WriteTables(dir); err != nil {
		return err
	}
	c, ok, err := comparison(r)
	if err != nil || !ok {
		return err
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	row := func(cells ...string) { _ = w.Write(cells) } // a buffer takes everything
	row("arm", "reference", "score", "seeds", "mean", "median", "sd", "low", "high", "interval", "p", "p_holm", "p_equivalence", "margin", "effect_gz", "seeds_needed", "verdict")
	exact := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
	for _, x := range c.Rows {
		in, kind := x.Best()
		row(x.Arm, x.Reference, x.Score.Name, fmt.Sprint(len(x.Seeds)), exact(x.Mean), exact(x.Median), exact(x.SD), exact(in.Low), exact(in.High), kind,
			exact(x.P), exact(x.Holm), exact(x.Equivalent.P), exact(x.Question.Margin), exact(x.Effect.Gz), fmt.Sprint(x.Needed), string(x.Verdict()))
	}
	w.Flush()
	return results.WriteFile(filepath.Join(dir, "comparisons.csv"), b.Bytes())
}

// comparison is the one of all arms with the first; false where there is one arm only.
func comparison(r *results.Run) (results.Comparison, bool, error) {
	s := r.Summarise()
	if len(s.Arms) < 2 || len(s.Scores) == 0 {
		return results.Comparison{}, false, nil
	}
	c, err := r.Compare("", nil, results.Ask{})
	return c, err == nil, err
}
