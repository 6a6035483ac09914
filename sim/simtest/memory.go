package simtest

import (
	"io/fs"
	"path"
	"slices"
	"sync"
)

// Files are a folder tree in memory, by path; it satisfies data.Files.
type Files map[string]string

// ReadFile fails as the system's does where there is no such file.
func (f Files) ReadFile(name string) ([]byte, error) {
	text, ok := f[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return []byte(text), nil
}

// Glob matches as path.Match does.
func (f Files) Glob(pattern string) (found []string, err error) {
	for name := range f { // sorted below
		ok, err := path.Match(pattern, name)
		if err != nil {
			return nil, err
		}
		if ok {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return found, nil
}

// Cache keeps entries in memory and counts; it satisfies base.Cache. The zero value is
// empty. It is safe for concurrent use, its fields are not.
type Cache struct {
	mu      sync.Mutex
	Entries map[string][]byte
	Found   int   // loads that found something
	Saved   int   // saves that came through
	Broken  error // what every load and save fails with, if set
}

// Load gives a copy, as a disk would.
func (c *Cache) Load(key string) ([]byte, bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b, ok := c.Entries[key]
	if ok {
		c.Found++
	}
	return slices.Clone(b), ok, c.Broken
}

// Save keeps a copy.
func (c *Cache) Save(key string, content []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.Broken != nil {
		return c.Broken
	}
	if c.Entries == nil {
		c.Entries = map[string][]byte{}
	}
	c.Entries[key] = slices.Clone(content)
	c.Saved++
	return nil
}
