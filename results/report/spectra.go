package report

import "github.com/loramesh/loramesh/results"

// spectra is a row about the ranks of what an arm deployed in the end.
type spectra struct{ Arm, Held, Effective, Stable string }

// spectraOf lists the arms whose trials deployed an adapter, means over seeds.
func spectraOf(r *results.Run, s results.Summary) ([]spectra, error) {
	var out []spectra
	for _, a := range s.Arms {
		var held, effective, stable []float64
		for _, t := range a.Trials {
			x, ok, err := r.Spectrum(t)
			if err != nil {
				return nil, err
			}
			if ok {
				held, effective, stable = append(held, x.Rank), append(effective, x.Effective), append(stable, x.Stable)
			}
		}
		if len(held) > 0 {
			out = append(out, spectra{a.Name, results.NewSpread(held).Text(), results.NewSpread(effective).Text(), results.NewSpread(stable).Text()})
		}
	}
	return out, nil
}
