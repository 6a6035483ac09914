package tokenizer_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/loramesh/loramesh/linalg/linalgtest"
	"github.com/loramesh/loramesh/linalg/tokenizer"
)

// GPT-2's file has 50257 pieces and 50000 merges in 2.1 MB; every start of a base reads such
// a file.
func BenchmarkParse(b *testing.B) {
	src := gpt2Source(b)
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tokenizer.Parse(src); err != nil {
			b.Fatal(err)
		}
	}
}

// gpt2Source is GPT-2's tokenizer.json, which lies beside the golden files.
func gpt2Source(t testing.TB) []byte {
	t.Helper()
	path := filepath.Join(linalgtest.Golden(t, "tokenizer"), "..", "..", "data", "tokenizer_gpt2", "tokenizer.json")
	src, err := os.ReadFile(path)
	if err != nil {
		t.Skipf("no GPT-2: %v", err)
	}
	return src
}
