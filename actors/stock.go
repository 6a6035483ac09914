package actors

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"sync"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/data"
)

// Stock passes on the files and cached bases of which worlds are made, and remembers which
// they were: these, and no others, it gives to workers of other processes. It is safe for
// concurrent use.
type Stock struct {
	data.Files
	cache base.Cache

	mu    sync.Mutex
	known map[mesh.Want]bool   // what was passed on
	hot   map[mesh.Want][]byte // what was asked for lately
	sums  map[mesh.Want]string

	regions map[method.Blob]*region // where weights lie that workers on this host share
}

// hotThings is how many things stay in memory for those who fetch them piece by piece.
const hotThings = 4

// NewStock returns a stock that has passed nothing on yet.
func NewStock(files data.Files, cache base.Cache) *Stock {
	return &Stock{Files: files, cache: cache, known: map[mesh.Want]bool{}, hot: map[mesh.Want][]byte{}, sums: map[mesh.Want]string{},
		regions: map[method.Blob]*region{}}
}

func (s *Stock) note(kind, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known[mesh.Want{Kind: kind, Name: name}] = true
}

// ReadFile reads a file.
func (s *Stock) ReadFile(path string) ([]byte, error) {
	b, err := s.Files.ReadFile(path)
	if err == nil {
		s.note(wantFile, path)
	}
	return b, err
}

// Glob lists files.
func (s *Stock) Glob(pattern string) ([]string, error) {
	names, err := s.Files.Glob(pattern)
	if err == nil {
		s.note(wantFiles, pattern)
	}
	return names, err
}

// Load finds an entry of the cache.
func (s *Stock) Load(key string) ([]byte, bool, error) {
	b, found, err := s.cache.Load(key)
	if err == nil && found {
		s.note(wantBase, key)
	}
	return b, found, err
}

// Save keeps an entry in the cache.
func (s *Stock) Save(key string, content []byte) error {
	err := s.cache.Save(key, content)
	if err == nil {
		s.note(wantBase, key)
	}
	return err
}

// answer gives a piece of something that was passed on.
func (s *Stock) answer(w mesh.Want) mesh.Piece {
	s.mu.Lock()
	defer s.mu.Unlock()
	thing := mesh.Want{Kind: w.Kind, Name: w.Name}
	if !s.known[thing] {
		return mesh.Piece{Gone: true}
	}
	whole, ok := s.hot[thing]
	if !ok {
		var err error
		if whole, err = s.read(thing); err != nil {
			return mesh.Piece{Error: err.Error()}
		}
		if len(s.hot) >= hotThings {
			clear(s.hot)
		}
		s.hot[thing] = whole
	}
	p := w.Cut(whole)
	if w.Offset == 0 {
		if s.sums[thing] == "" {
			sum := sha256.Sum256(whole)
			s.sums[thing] = hex.EncodeToString(sum[:])
		}
		p.Sum = s.sums[thing]
	}
	return p
}

func (s *Stock) read(w mesh.Want) ([]byte, error) {
	switch w.Kind {
	case wantFile:
		return s.Files.ReadFile(w.Name)
	case wantFiles:
		names, err := s.Files.Glob(w.Name)
		if err != nil {
			return nil, err
		}
		return json.Marshal(names)
	}
	b, _, err := s.cache.Load(w.Name)
	return b, err
}
