package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/loramesh/loramesh/results"
)

// diskCache keeps what is expensive to make, under names that say what it was made of. An
// entry carries its own hash in front; one that was cut off or changed counts as absent,
// so that a damaged cache costs time and nothing else.
type diskCache struct{ dir string }

// Load returns what was saved under a key, if it is there and whole.
func (c diskCache) Load(key string) ([]byte, bool, error) {
	return readEntry(c.path(key))
}

// readEntry reads the file of an entry and holds it against its own hash.
func readEntry(path string) (content []byte, whole bool, err error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	if len(b) < sha256.Size {
		return nil, false, nil
	}
	if sum := sha256.Sum256(b[sha256.Size:]); string(sum[:]) != string(b[:sha256.Size]) {
		return nil, false, nil
	}
	return b[sha256.Size:], true, nil
}

// Save keeps content under a key. Two processes may save the same at once: both write the
// same bytes, and the rename lets one of them win.
func (c diskCache) Save(key string, content []byte) error {
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	return results.WriteFile(c.path(key), append(sum[:], content...))
}

// path names the file by the key's hash: keys may be long and hold anything.
func (c diskCache) path(key string) string {
	sum := sha256.Sum256([]byte(key))
	return filepath.Join(c.dir, hex.EncodeToString(sum[:16]))
}
