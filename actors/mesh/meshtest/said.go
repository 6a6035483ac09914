package meshtest

import (
	"bytes"
	"strings"
	"sync"
)

// Said is what a process or several goroutines say, to be read while they do.
type Said struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *Said) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

func (s *Said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// Has says whether a text has been said by now.
func (s *Said) Has(what string) bool { return strings.Contains(s.String(), what) }
