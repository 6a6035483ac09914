package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// same says whether a number came back: NaN equals itself, and 0 is not -0.
func same(a, b Number) bool {
	return math.Float64bits(float64(a)) == math.Float64bits(float64(b)) || a != a && b != b
}

func TestLinesOfEveryKindComeBack(t *testing.T) {
	want := sample()
	content, hash := write(t, want...)
	got, err := Whole(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]bool{}
	for n, l := range got {
		if was, is := fmt.Sprintf("%#v", want[n]), fmt.Sprintf("%#v", l.Is); was != is { // in words, for the sake of NaN
			t.Errorf("line %d (%s) was\n%s\nand is\n%s", n, l.Kind, was, is)
		}
		if l.N != n || string(l.Raw)+"\n" != string(split(content)[n]) {
			t.Errorf("line %d came back as %d: %s", n, l.N, l.Raw)
		}
		kinds[l.Kind] = true
	}
	for _, kind := range []string{KindTrial, KindPlan, KindReport, KindMissing, KindFold, KindEvaluate, KindEnd} {
		if !kinds[kind] {
			t.Errorf("the sample has no %q line, and should have every kind", kind)
		}
	}
	if last := got[len(got)-1].Hash; last != hash {
		t.Errorf("the last line says %s, the book %s", last, hash)
	}
}

// The chain is what the doc of Book says, made here by hand.
func TestChainByHand(t *testing.T) {
	content, hash := write(t, sample()...)
	h := make([]byte, sha256.Size)
	for n, line := range split(content) {
		covered, tail, ok := strings.Cut(string(line), `,"hash":"`)
		if !ok || tail[sha256.Size*2:] != "\"}\n" {
			t.Fatalf("line %d ends in %q", n, tail)
		}
		sum := sha256.Sum256(append(h, covered+"}"...))
		h = sum[:]
		if tail[:sha256.Size*2] != hex.EncodeToString(h) {
			t.Fatalf("line %d has hash %s, by hand %x", n, tail, h)
		}
		if want := fmt.Sprintf(`{"n":%d,"kind":"`, n); !strings.HasPrefix(covered, want) {
			t.Errorf("line %d begins %.30s", n, covered)
		}
	}
	if hex.EncodeToString(h) != hash {
		t.Errorf("the book says %s, by hand %x", hash, h)
	}
}

func TestRunHashByHand(t *testing.T) {
	want := fmt.Sprintf("%x", sha256.Sum256([]byte("aa\nbb\n")))
	if got := RunHash([]string{"aa", "bb"}); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if RunHash([]string{"bb", "aa"}) == want || RunHash([]string{"aabb"}) == want {
		t.Error("order and borders of the trials are not in the hash")
	}
	if got := Digest([]byte("abc")); got != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Errorf("the digest of abc is %s, which is not what FIPS 180-4 gives", got)
	}
}

// The hash of the empty book is that of 32 zero bytes.
func TestEmptyBook(t *testing.T) {
	b := NewBook(nil)
	if b.Len() != 0 || b.Hash() != strings.Repeat("00", sha256.Size) {
		t.Errorf("an empty book has %d lines and hash %s", b.Len(), b.Hash())
	}
}

func TestWriteRefuses(t *testing.T) {
	var out bytes.Buffer
	b := NewBook(func(line []byte) error { out.Write(line); return nil })
	before := b.Hash()
	for says, is := range map[string]any{
		"ledger.Line is no kind of line":      Line{},
		"*ledger.End is no kind of line":      &End{},
		"ledger line 1 (report): json":        Report{Share: math.NaN()},
		"unsupported value: +Inf":             End{Flops: math.Inf(1)},
		"ledger line 1 (fold): json":          Fold{Values: []Value{{Weight: math.Inf(-1)}}},
		"ledger line 1 (evaluate): json: uns": Evaluate{Values: []Value{{Weight: math.NaN()}}},
	} {
		if err := b.Write(is); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got %v", says, err)
		}
	}
	if out.Len() != 0 || b.Hash() != before || b.Len() != 0 {
		t.Errorf("a refused line left its mark: %d lines, %s", b.Len(), out.Bytes())
	}
}

// After a line that could not be put out, nothing may follow: it would hide the hole.
func TestNothingFollowsAHole(t *testing.T) {
	full := errors.New("the disk is full")
	calls := 0
	b := NewBook(func([]byte) error {
		if calls++; calls == 2 {
			return full
		}
		return nil
	})
	if err := b.Write(Trial{}); err != nil {
		t.Fatal(err)
	}
	hash := b.Hash()
	for range 2 {
		if err := b.Write(End{}); !errors.Is(err, full) || !strings.Contains(err.Error(), "line 2 (end)") {
			t.Errorf("got %v", err)
		}
	}
	if calls != 2 || b.Len() != 1 || b.Hash() != hash {
		t.Errorf("%d lines were put out, %d are counted, hash %s then %s", calls, b.Len(), hash, b.Hash())
	}
}

// Every number comes back as the same bits, wherever JSON can say it.
func TestNumbersComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := Number(math.Float64frombits(rapid.Uint64().Draw(t, "bits")))
		b, err := n.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		var back Number
		if err := back.UnmarshalJSON(b); err != nil {
			t.Fatal(err)
		}
		if !same(n, back) {
			t.Fatalf("%x was written %s and read %x", float64(n), b, float64(back))
		}
	})
	var n Number
	for _, bad := range []string{`"nan"`, `"1"`, `null1`, `{}`, `1e999`} {
		if err := n.UnmarshalJSON([]byte(bad)); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("%s was read as a number: %v", bad, err)
		}
	}
}
