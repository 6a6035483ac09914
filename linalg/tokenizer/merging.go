package tokenizer

// merging is a word on its way: a doubly linked list of symbols in one slice, where a pair
// that is joined lives on in its left place.
type merging struct {
	merges *pairTable
	nodes  []node
	queue  queue
}

// node is a symbol. next is len(nodes) at the end, gone where the symbol has been swallowed.
type node struct {
	piece
	prev, next int
}

const gone = -2

// pair returns the joining of symbol i with its right neighbour.
func (g *merging) pair(i int) (joining, bool) {
	next := g.nodes[i].next
	if next == gone || next == len(g.nodes) {
		return joining{}, false
	}
	return g.merges.get(pairOf(g.nodes[i].id, g.nodes[next].id))
}

// offer puts the pair that begins at i into the queue, if it can be joined.
func (g *merging) offer(i int) {
	if j, ok := g.pair(i); ok {
		g.queue.push(candidate(j.rank)<<32 | candidate(i))
	}
}

// join carries a candidate out, unless one of its two symbols has been merged away since it
// was offered: then the pair at its place has another rank or none.
func (g *merging) join(c candidate) {
	i := int(c & (1<<32 - 1))
	j, ok := g.pair(i)
	if !ok || candidate(j.rank) != c>>32 {
		return
	}
	left, right := &g.nodes[i], &g.nodes[g.nodes[i].next]
	left.id, left.end = j.id, right.end
	left.next, right.next = right.next, gone
	if left.next < len(g.nodes) {
		g.nodes[left.next].prev = i
	}
	g.offer(i)
	if left.prev >= 0 {
		g.offer(left.prev)
	}
}
