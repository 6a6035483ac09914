package blob

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// A file that claims a size and a handle that names it take no memory: a terabyte of nothing costs
// whoever makes such a file nothing either.
func TestClaimedSizesTakeNoMemory(t *testing.T) {
	const huge = 1 << 40
	dir := t.TempDir()
	path := filepath.Join(dir, "000000-000001.seg")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	if err := f.Truncate(huge); err != nil {
		t.Skipf("this file system has no files of that size: %v", err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var b Batch
	name := Name([]byte("x"))
	if _, err := b.ClaimAt(f, []Lying{{name, Handle{Segment: path, Length: huge}}}, huge); err == nil || !strings.Contains(err.Error(), "at most") {
		t.Errorf("a batch takes it: %v", err)
	}
	if _, err := b.ClaimAt(f, []Lying{{name, Handle{Segment: path, Offset: huge - 4, Length: 8}}}, huge); err == nil {
		t.Error("a batch reads behind the end")
	}
	r := NewReader()
	if _, err := r.Bytes(Handle{Segment: path, Offset: 64, Length: huge}); err == nil {
		t.Error("a reader looks behind the end")
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if err := f.Truncate(64); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{" 0 1099511627776\n", " 1099511627776 1\n", " 9223372036854775744 9223372036854775807\n", " 274877906944000 1\n"} {
		if err := os.WriteFile(strings.TrimSuffix(path, ".seg")+".idx", []byte(string(name)+line), 0o600); err != nil {
			t.Fatal(err)
		}
		if s, err := Open(dir); err == nil {
			t.Errorf("a store opens with the line%s", line)
			_ = s.Close()
		}
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("%d bytes were taken", n)
	}
}
