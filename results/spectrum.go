package results

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/factor"
	"github.com/loramesh/loramesh/linalg/par"
	"github.com/loramesh/loramesh/linalg/safetensors"
)

// Spectrum is how many directions what a trial deployed really uses, each a mean over the
// modules that it changed.
type Spectrum struct {
	Modules                 int
	Rank, Effective, Stable float64
}

// Spectrum reads the adapter that a trial deployed in the end and measures its update. A
// trial without one, or that changed nothing, has none: false.
func (r *Run) Spectrum(t *Trial) (Spectrum, bool, error) {
	path := filepath.Join(r.AdapterDir(), slug(t.ID+"-"+t.Head.Name), "adapter_model.safetensors")
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return Spectrum{}, false, nil
	}
	if err != nil {
		return Spectrum{}, false, err
	}
	s, err := spectrumOf(b)
	if err != nil {
		return s, false, fmt.Errorf("%s: %w", path, err)
	}
	return s, s.Modules > 0, nil
}

func spectrumOf(b []byte) (s Spectrum, err error) {
	file, err := safetensors.Parse(b)
	if err != nil {
		return s, err
	}
	all := make([]moduleSpectrum, len(file.Tensors))
	par.For(len(all), par.Cores(), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			all[i] = moduleSpectrumOf(file, file.Tensors[i])
		}
	})
	for i, m := range all {
		if m.err != nil {
			return s, fmt.Errorf("%s: %w", file.Tensors[i].Name, m.err)
		}
		if e := factor.EffectiveRank(m.sigma); e > 0 { // a module that did not change has no rank
			s.Modules++
			s.Rank += m.rank
			s.Effective += e
			s.Stable += factor.StableRank(m.sigma)
		}
	}
	n := float64(max(s.Modules, 1))
	s.Rank, s.Effective, s.Stable = s.Rank/n, s.Effective/n, s.Stable/n
	return s, nil
}

// moduleSpectrum is that of one module: the rank of its pair, and the singular values.
type moduleSpectrum struct {
	rank  float64
	sigma []float64
	err   error
}

// moduleSpectrumOf is that of the pair whose first half t is; of another tensor it is empty.
func moduleSpectrumOf(file *safetensors.File, t safetensors.Tensor) (m moduleSpectrum) {
	other, ok := file.Get(strings.Replace(t.Name, ".lora_A.", ".lora_B.", 1))
	if !ok || other.Name == t.Name || len(t.Shape) != 2 || len(other.Shape) != 2 {
		return m
	}
	a, err := dense(t)
	if err != nil {
		m.err = err
		return m
	}
	b, err := dense(other)
	if err != nil {
		m.err = err
		return m
	}
	sigma, err := factor.ProductSingular(b, a)
	return moduleSpectrum{float64(a.Rows), sigma, err}
}

func dense(t safetensors.Tensor) (linalg.Dense, error) {
	x, err := t.Floats64()
	return linalg.Dense{Rows: t.Shape[0], Cols: t.Shape[1], Data: x}, err
}
