package text

import (
	"fmt"
	"math"
	"slices"
)

// Parameters of BM25, as rank-bm25 has them.
const (
	bm25K1      = 1.5
	bm25B       = 0.75
	bm25Epsilon = 0.25 // of the mean idf, in the place of a negative one
	bm25Delta   = 1
)

// BM25 ranks documents by how well they match a query (Robertson and Walker 1994).
type BM25 struct {
	counts []map[string]int
	size   []float64 // words of each document
	mean   float64
	plus   bool
	idf    map[string]float64
}

// NewBM25 indexes documents that are already cut into words. Okapi's idf is
// ln((N−n+½)/(n+½)); for a word in more than half of the documents that is negative, and
// replaced by a quarter of the mean idf, which may be negative as well. plus has
// ln((N+1)/n) instead, and adds a constant for every word of the query. No document, or
// only empty ones, is an error.
func NewBM25(docs [][]string, plus bool) (*BM25, error) {
	b := &BM25{plus: plus, idf: map[string]float64{}}
	in := map[string]int{}
	var order []string // of first appearance: the order in which the mean is summed
	total := 0
	for _, d := range docs {
		total += len(d)
		b.size = append(b.size, float64(len(d)))
		counts := map[string]int{}
		for _, w := range d {
			if counts[w] == 0 {
				if in[w] == 0 {
					order = append(order, w)
				}
				in[w]++
			}
			counts[w]++
		}
		b.counts = append(b.counts, counts)
	}
	if total == 0 {
		return nil, fmt.Errorf("BM25: %d documents without a word; needs at least one word", len(docs))
	}
	n := float64(len(docs))
	b.mean = float64(total) / n
	sum := 0.0
	for _, w := range order {
		f := float64(in[w])
		if plus {
			b.idf[w] = math.Log(n+1) - math.Log(f)
			continue
		}
		b.idf[w] = math.Log(n-f+0.5) - math.Log(f+0.5)
		sum += b.idf[w]
	}
	for w, x := range b.idf {
		if x < 0 {
			b.idf[w] = bm25Epsilon * sum / float64(len(order))
		}
	}
	return b, nil
}

// IDF is the weight of a word; 0 of one that no document has.
func (b *BM25) IDF(word string) float64 { return b.idf[word] }

// Scores gives each document's score; a word that the query repeats counts as often.
func (b *BM25) Scores(query []string) []float64 {
	out := make([]float64, len(b.counts))
	for _, w := range query {
		idf := b.idf[w]
		for i, counts := range b.counts {
			f := float64(counts[w])
			x := f * (bm25K1 + 1) / (f + bm25K1*(1-bm25B+bm25B*b.size[i]/b.mean))
			if b.plus {
				x += bm25Delta
			}
			out[i] += float64(idf * x)
		}
	}
	return out
}

// Rank orders documents by score, equal ones by their place.
func Rank(scores []float64) []int {
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case scores[i] > scores[j]:
			return -1
		case scores[i] < scores[j]:
			return 1
		}
		return 0
	})
	return order
}
