// Package text judges texts against texts: ROUGE, BLEU, chrF, and the relevance of BM25.
//
// What goes in are a text and what it should have been, or a query and documents; what
// comes out are shares of words or characters in common. Values agree with rouge-score
// 0.1.2 (its stemmer with it, NLTK's extended Porter), sacrebleu 2.6 and rank-bm25 0.2.2,
// bit by bit but for the last digits.
//
// All of them count surface forms: two sentences that mean the same and share no word
// score 0. ROUGE and its stemmer know ASCII letters and digits only, so text in other
// scripts scores 0 there.
//
// The package refuses to know models. Read rouge.go, then bleu.go.
package text
