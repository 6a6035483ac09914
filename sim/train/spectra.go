package train

import (
	"sync"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/factor"
	"github.com/loramesh/loramesh/linalg/nn"
)

// spectra keeps the decompositions of the weights of bases, with what is merged into them, so
// that a thousand clients that begin from one base decompose it once. It is safe for
// concurrent use; whoever comes while another decomposes waits for him.
type spectra struct {
	mu     sync.Mutex
	recent []spectrum // most recently used first
}

// spectrum is what is known of one model's weights.
type spectrum struct {
	model *nn.Model
	svd   map[string]factor.SVD
}

// keepSpectra is how many models' decompositions stay in memory: that of the present round
// and that of the one before, on which somebody may still be at work.
const keepSpectra = 2

// of decomposes the weight of a module, or remembers.
func (s *spectra) of(m *nn.Model, module string) (factor.SVD, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.find(m)
	if d, ok := x.svd[module]; ok {
		return d, nil
	}
	w, err := frozenWeight(m, module)
	if err != nil {
		return factor.SVD{}, err
	}
	d, err := factor.Decompose(w)
	if err != nil {
		return factor.SVD{}, err
	}
	x.svd[module] = d
	return d, nil
}

func (s *spectra) find(m *nn.Model) spectrum {
	for i, x := range s.recent {
		if x.model == m {
			copy(s.recent[1:], s.recent[:i])
			s.recent[0] = x
			return x
		}
	}
	s.recent = append([]spectrum{{m, map[string]factor.SVD{}}}, s.recent...)
	s.recent = s.recent[:min(len(s.recent), keepSpectra)]
	return s.recent[0]
}

// frozenWeight is the weight of a module as a matrix.
func frozenWeight(m *nn.Model, module string) (linalg.Dense, error) {
	w, err := m.Weight(module)
	if err != nil {
		return linalg.Dense{}, err
	}
	for _, x := range m.Modules() {
		if x.Name == module {
			return linalg.Widen(x.Out, x.In, w), nil
		}
	}
	panic("train: a module " + module + " with a weight and no shape")
}
