package text_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/loramesh/loramesh/linalg/linalgtest"
	"github.com/loramesh/loramesh/sim/metric/text"
)

func TestGoldenROUGE(t *testing.T) {
	var file struct {
		Stems map[string]string
		Cases []struct {
			Target, Prediction string
			Plain, Stemmed     map[string][3]float64
		}
	}
	linalgtest.ReadJSON(t, linalgtest.Golden(t, "metric/rouge.json"), &file)
	for word, want := range file.Stems {
		if got := text.Stem(word); got != want {
			t.Errorf("stem of %q: %q, want %q", word, got, want)
		}
	}
	for i, c := range file.Cases {
		for stem, wants := range map[bool]map[string][3]float64{false: c.Plain, true: c.Stemmed} {
			for name, want := range wants {
				var got text.Overlap
				switch name {
				case "rouge1":
					got = text.RougeN(1, c.Target, c.Prediction, stem)
				case "rouge2":
					got = text.RougeN(2, c.Target, c.Prediction, stem)
				case "rougeL":
					got = text.RougeL(c.Target, c.Prediction, stem)
				case "rougeLsum":
					got = text.RougeLsum(c.Target, c.Prediction, stem)
				default:
					t.Fatalf("unknown kind %q", name)
				}
				for k, v := range []float64{got.Precision, got.Recall, got.F1} {
					linalgtest.Near(t, fmt.Sprintf("case %d, %s, stemmed %v, %d", i, name, stem, k), v, want[k])
				}
			}
		}
	}
}

func TestGoldenBLEU(t *testing.T) {
	var file struct {
		Cases []struct {
			Name       string
			Hypotheses []string
			References [][]string
			Settings   struct {
				Smooth   text.Smoothing `json:"smooth_method"`
				Tokenize text.Cut
				Lower    bool `json:"lowercase"`
			}
			Expect struct {
				Score, Bp      float64
				Precisions     [4]float64
				Said           int `json:"sys_len"`
				Wanted         int `json:"ref_len"`
				Counts, Totals [4]int
				Chrf2          float64
				Sentence       []float64
			}
		}
	}
	linalgtest.ReadJSON(t, linalgtest.Golden(t, "metric/bleu.json"), &file)
	for _, c := range file.Cases {
		t.Run(c.Name, func(t *testing.T) {
			b := text.BLEU{Cut: c.Settings.Tokenize, Smoothing: c.Settings.Smooth, Lower: c.Settings.Lower}
			s, err := b.Corpus(c.Hypotheses, c.References)
			if err != nil {
				t.Fatal(err)
			}
			linalgtest.Near(t, "score", s.Value, c.Expect.Score)
			linalgtest.Near(t, "brevity", s.Brevity, c.Expect.Bp)
			for n, want := range c.Expect.Precisions {
				linalgtest.Near(t, "precision", s.Precisions[n], want)
			}
			if s.Said != c.Expect.Said || s.Wanted != c.Expect.Wanted || s.Counts != c.Expect.Counts || s.Total != c.Expect.Totals {
				t.Errorf("counts %+v, want %+v", s, c.Expect)
			}
			for i, want := range c.Expect.Sentence {
				var refs []string
				for _, r := range c.References {
					refs = append(refs, r[i])
				}
				s, err := b.Sentence(c.Hypotheses[i], refs)
				if err != nil {
					t.Fatal(err)
				}
				linalgtest.Near(t, "sentence", s.Value, want)
			}
			f, err := text.ChrF(c.Hypotheses, c.References)
			if err != nil {
				t.Fatal(err)
			}
			linalgtest.Near(t, "chrF", f, c.Expect.Chrf2)
		})
	}
}

func TestGoldenBM25(t *testing.T) {
	type ranked struct {
		Scores []linalgtest.Number
		Rank   []int
	}
	var file struct {
		Cases []struct {
			Name    string
			Docs    [][]string
			IDF     map[string]map[string]float64
			Queries []struct {
				Query       []string
				Okapi, Plus linalgtest.Answer
			}
		}
	}
	linalgtest.ReadJSON(t, linalgtest.Golden(t, "metric/bm25.json"), &file)
	for _, c := range file.Cases {
		for _, plus := range []bool{false, true} {
			t.Run(fmt.Sprint(c.Name, plus), func(t *testing.T) {
				b, err := text.NewBM25(c.Docs, plus)
				for word, want := range c.IDF[map[bool]string{false: "okapi", true: "plus"}[plus]] {
					linalgtest.Near(t, "idf of "+word, b.IDF(word), want)
				}
				for _, q := range c.Queries {
					want := q.Okapi
					if plus {
						want = q.Plus
					}
					if err != nil { // without a word there is nothing to find: an error, where the library may answer NaN
						words := 0
						for _, d := range c.Docs {
							words += len(d)
						}
						if words > 0 {
							t.Fatal(err)
						}
						continue
					}
					var v ranked
					want.Into(t, &v)
					got := b.Scores(q.Query)
					scores := make([]float64, len(v.Scores))
					for i, s := range v.Scores {
						scores[i] = float64(s)
						linalgtest.Near(t, fmt.Sprint(q.Query, i), got[i], scores[i])
					}
					// The library's own scores are ranked: two that differ in the last bit may stand the other way round in ours.
					if r := text.Rank(scores); !slices.Equal(r, v.Rank) {
						t.Errorf("%v: rank %v, want %v", q.Query, r, v.Rank)
					}
				}
			})
		}
	}
}
