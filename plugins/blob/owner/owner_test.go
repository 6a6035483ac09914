//go:build unix

package owner

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A file is one taker's until it is closed, and then anybody's. So is a folder.
func TestOneOwnerAtATime(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, dir} {
		first, second := open(t, path), open(t, path)
		if err := Take(first); err != nil {
			t.Fatal(err)
		}
		if err := Take(second); !errors.Is(err, ErrTaken) {
			t.Errorf("%s: the second to take it: %v", path, err)
		}
		if gone, err := Gone(path); gone || err != nil {
			t.Errorf("%s, which has an owner, has lost it: %v, %v", path, gone, err)
		}
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
		for range 2 { // to ask takes nothing
			if gone, err := Gone(path); !gone || err != nil {
				t.Errorf("%s, which was closed, has lost its owner: %v, %v", path, gone, err)
			}
		}
		if err := Take(second); err != nil {
			t.Errorf("%s: once it is nobody's: %v", path, err)
		}
	}
	if _, err := Gone(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what is not there: %v", err)
	}
}

// Who asks whether a file has an owner is none, and never in the way of one who takes it.
func TestWhoAsksIsNoOwner(t *testing.T) {
	path := t.TempDir()
	asks, takes := open(t, path), open(t, path)
	if err := lock(asks, syscall.LOCK_SH); err != nil { // as [Gone] does for a moment
		t.Fatal(err)
	}
	if gone, err := Gone(path); !gone || err != nil {
		t.Errorf("somebody else asks, and %v, %v: it has no owner", gone, err)
	}
	waits := 0
	if err := take(takes, func() {
		if waits++; waits == 2 {
			_ = asks.Close() // it is read only
		}
	}); err != nil || waits != 2 {
		t.Errorf("taken after %d waits: %v", waits, err)
	}
	if gone, err := Gone(path); gone || err != nil {
		t.Errorf("what has an owner is gone: %v, %v", gone, err)
	}
	again := open(t, path)
	if err := take(again, func() { t.Error("an owner is waited for") }); !errors.Is(err, ErrTaken) {
		t.Error(err)
	}
}

func open(t *testing.T, path string) *os.File {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() }) // it may be closed already
	return f
}
