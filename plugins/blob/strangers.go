package blob

import (
	"os"
	"path/filepath"
	"strings"
)

// Strangers lists what lies in the folder of a store and is nothing of it: no index, no segment that
// one tells of, and no spare, which a process that was killed may have left.
func Strangers(dir string) (names []string, err error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	ours := map[string]bool{}
	for _, f := range files {
		base, ext := strings.TrimSuffix(f.Name(), filepath.Ext(f.Name())), filepath.Ext(f.Name())
		if _, _, ok := parseName(base); !ok {
			continue
		}
		switch ext {
		case ".idx":
			ours[f.Name()], ours[base+".seg"] = true, true
		case spareExt:
			ours[f.Name()] = true
		}
	}
	for _, f := range files {
		if !ours[f.Name()] || f.IsDir() {
			names = append(names, f.Name())
		}
	}
	return names, nil
}
