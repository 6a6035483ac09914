package tokenizer

import (
	"fmt"
	"slices"
	"strings"
)

// trie finds the pieces with which a text begins, in time that their length bounds.
type trie struct {
	nodes []trieNode
	edges []trieEdge
}

// trieNode is a beginning of pieces; its edges lie side by side, by byte.
type trieNode struct {
	id          int32 // of the piece that ends here, or none
	first, last int32 // edges[first:last]
}

type trieEdge struct {
	b  byte
	to int32
}

// pieceBytes bounds the pieces of a trie, and so what a character of text can cost.
const pieceBytes = 1024

// newTrie takes pieces that differ and are not empty.
func newTrie(list []entry) (*trie, error) {
	for _, e := range list {
		if len(e.piece) > pieceBytes {
			return nil, fmt.Errorf("model.vocab: the piece with id %d has %d bytes; at most %d are supported in a WordPiece or Unigram", e.id, len(e.piece), pieceBytes)
		}
	}
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b entry) int { return strings.Compare(a.piece, b.piece) })
	t := &trie{}
	t.grow(list, 0)
	return t, nil
}

// grow adds the node for a sorted list of pieces that agree in their first n bytes.
func (t *trie) grow(list []entry, n int) int32 {
	node := int32(len(t.nodes))
	t.nodes = append(t.nodes, trieNode{id: none})
	if len(list) > 0 && len(list[0].piece) == n {
		t.nodes[node].id = int32(list[0].id)
		list = list[1:]
	}
	var edges []trieEdge
	for len(list) > 0 {
		b, same := list[0].piece[n], 1
		for same < len(list) && list[same].piece[n] == b {
			same++
		}
		edges = append(edges, trieEdge{b, t.grow(list[:same], n+1)})
		list = list[same:]
	}
	t.nodes[node].first = int32(len(t.edges))
	t.edges = append(t.edges, edges...)
	t.nodes[node].last = int32(len(t.edges))
	return node
}

// step follows one byte from a node; the root is node 0. It returns none where no piece goes
// on so.
func (t *trie) step(node int32, b byte) int32 {
	edges := t.edges[t.nodes[node].first:t.nodes[node].last]
	for len(edges) > 8 {
		middle := len(edges) / 2
		if edges[middle].b <= b {
			edges = edges[middle:]
		} else {
			edges = edges[:middle]
		}
	}
	for _, e := range edges {
		if e.b == b {
			return e.to
		}
	}
	return none
}

// longest returns the longest piece with which text begins, and its length; id is none where
// there is none.
func (t *trie) longest(text string) (id int32, length int) {
	id = none
	node := int32(0)
	for i := range len(text) {
		if node = t.step(node, text[i]); node == none {
			break
		}
		if found := t.nodes[node].id; found != none {
			id, length = found, i+1
		}
	}
	return id, length
}
