package actors

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/data"
)

// depot is where a worker of another process finds what worlds are made of: files and
// bases that it has, or that the coordinator has. What it fetched it keeps in its cache,
// by content.
type depot struct {
	ctx    context.Context
	conn   *mesh.Conn
	source mesh.Source // where to fetch
	dir    string      // what the run's paths are relative to
	files  data.Files  // of this host; nil: the coordinator's are elsewhere
	cache  base.Cache
}

// maxThing bounds what is fetched: the largest base that fits into memory twice.
const maxThing = 64 << 30

// ReadFile reads a file of the run, here or there.
func (d depot) ReadFile(path string) ([]byte, error) {
	if d.files != nil {
		return d.files.ReadFile(d.here(path))
	}
	first, err := d.conn.First(d.ctx, d.source, wantFile, path)
	if errors.Is(err, mesh.ErrGone) {
		return nil, &fs.PathError{Op: "fetch", Path: path, Err: fs.ErrNotExist}
	}
	if err != nil {
		return nil, err
	}
	key := "file-" + first.Sum
	if b, found, err := d.cache.Load(key); err == nil && found {
		return b, nil
	}
	b, err := d.fetch(wantFile, path)
	if err != nil {
		return nil, err
	}
	return b, d.cache.Save(key, b)
}

// Glob lists files of the run, here or there.
func (d depot) Glob(pattern string) (names []string, err error) {
	if d.files != nil {
		return d.files.Glob(d.here(pattern))
	}
	b, err := d.fetch(wantFiles, pattern)
	if err != nil {
		return nil, err
	}
	return names, json.Unmarshal(b, &names)
}

func (d depot) here(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(d.dir, path)
}

// Load finds a base in the cache, or fetches it. One that the coordinator does not have is
// made anew: it comes out the same.
func (d depot) Load(key string) ([]byte, bool, error) {
	b, found, err := d.cache.Load(key)
	if err != nil || found {
		return b, found, err
	}
	b, err = d.fetch(wantBase, key)
	if errors.Is(err, mesh.ErrGone) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	return b, true, d.cache.Save(key, b)
}

// Save keeps a base in the cache.
func (d depot) Save(key string, content []byte) error { return d.cache.Save(key, content) }

// fetch brings something of the coordinator's, and checks that it came as it was sent.
func (d depot) fetch(kind, name string) ([]byte, error) {
	b, first, err := d.conn.Fetch(d.ctx, d.source, kind, name, maxThing)
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != first.Sum {
		return nil, fmt.Errorf("%s %s was damaged on its way: its hash is not the one announced", kind, name)
	}
	return b, nil
}
