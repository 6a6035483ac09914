package export

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/loramesh/loramesh/results"
)

// toPEFT copies the adapters that the run wrote when its trials ended. A run without one,
// because all deployed more than one adapter can hold, is an error.
func toPEFT(r *results.Run, dir string) error {
	from := r.AdapterDir()
	entries, err := os.ReadDir(from)
	if errors.Is(err, os.ErrNotExist) || err == nil && len(entries) == 0 {
		return fmt.Errorf("%w: no trial of %s deployed a model that is one adapter", ErrExport, r.Dir)
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		if err := os.CopyFS(filepath.Join(dir, e.Name()), os.DirFS(filepath.Join(from, e.Name()))); err != nil {
			return err
		}
	}
	return nil
}
