package kernel

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/rng"
)

// Nothing is allocated, whatever the sides.
func TestNothingIsAllocated(t *testing.T) {
	s := rng.New(41).Stream()
	for _, n := range [][3]int{{3, 40, 10}, {40, 50, 60}, {40, 50, 300}, {50, 8, 70}} {
		a, w, wt, at, c := Of(draw(s, n[0]*n[2]), n[0], n[2]), Of(draw(s, n[1]*n[2]), n[1], n[2]), Of(draw(s, n[1]*n[2]), n[2], n[1]), Of(draw(s, n[0]*n[2]), n[2], n[0]), Of(draw(s, n[0]*n[1]), n[0], n[1])
		p := PackNT(w)
		q, k, pr, ds := Of(draw(s, 20*8), 20, 8), Of(draw(s, 20*8), 20, 8), Of(draw(s, 400), 20, 20), Of(draw(s, 400), 20, 20)
		row, of := draw(s, 50), []Labelled{{Label: 3, Weight: 1}}
		out, two := make([]float64, n[1]), make([]float64, 2*n[1])
		row64 := make([]float64, len(row))
		adam := NewAdamW(0.9, 0.999, 1e-8, 1)
		for name, f := range map[string]func(){
			"NT":      func() { NT(&c, &a, &w, false) },
			"NN":      func() { NN(&c, &a, &wt, true) },
			"TN":      func() { TN(&c, &at, &wt, true) },
			"packed":  func() { p.Mul(c, a, Epilogue{}) },
			"packing": func() { p.PackNT(w) },
			"thin":    func() { ThinNT(c, a, w, 1) },
			"attention": func() {
				Attend(&q, &pr, &q, &k, &k, 1, 1, Sight{Causal: true})
				AttendBack(&q, &k, &k, &q, &pr, &ds, &q, &k, &k, 1, 1, Sight{}, true)
			},
			"sums":      func() { AddRows64(out, 2, []float64{1, 3}, Of64(two, 2, len(out))) },
			"wide sums": func() { AddWide(row64, 2, row) },
			"rows": func() {
				Softmax(row, 1)
				CrossEntropyBack(point(Of(row, 1, len(row))), of)
				SwiGLU(row, row, row)
				RMSNormBack(point(Of(row, 1, len(row))), point(Of(row, 1, len(row))), point(Of(row, 1, len(row))), row, row[:1], row)
				adam.Update(row, row, row, row)
			},
		} {
			if got := testing.AllocsPerRun(20, f); got != 0 {
				t.Errorf("%s %v allocates %v times", name, n, got)
			}
		}
	}
}

// The rules of generated assembly: wide registers are clean at every return, or scalar code
// runs a hundred times slower after it; and no legacy instruction on vectors, for the same
// reason.
func TestAssemblyKeepsItsRules(t *testing.T) {
	files, err := filepath.Glob("*_amd64.s")
	if err != nil || len(files) == 0 {
		t.Fatal("no assembly found", err)
	}
	scalar := strings.Fields("TEXT DATA GLOBL MOVQ MOVL MOVLQSX ADDQ SUBQ ANDQ XORQ SHRQ SHLQ SHLXQ DECQ LEAQ TESTQ IMULQ IMUL3Q JE JZ JNZ JLE JLT JMP CMPQ CMOVQEQ CMOVQHI RET LONG WORD ORL KMOVW KMOVB KSHIFTLW PREFETCHT0 PREFETCHT1")
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(src[:200]), "DO NOT EDIT") {
			t.Errorf("%s does not say that it is generated", file)
		}
		last := ""
		for i, line := range strings.Split(string(src), "\n") {
			word, _, _ := strings.Cut(strings.TrimSpace(line), " ")
			if word == "" || strings.HasPrefix(word, "//") || strings.HasPrefix(word, "#") || strings.HasSuffix(word, ":") {
				continue
			}
			known := strings.HasPrefix(word, "V")
			for _, w := range scalar {
				known = known || w == word
			}
			if !known {
				t.Errorf("%s:%d: %s is not allowed", file, i+1, word)
			}
			if word == "RET" && last != "VZEROUPPER" {
				t.Errorf("%s:%d: RET after %s; expected VZEROUPPER", file, i+1, last)
			}
			last = word
		}
	}
}
