package tokenizer

import (
	"cmp"
	"container/heap"
)

// learner holds the words of a corpus, spelled in the pieces that it has so far, and counts
// which pieces stand side by side.
type learner struct {
	pieces []string
	id     map[string]int32
	words  []spelling
	count  map[uint64]int          // of a pair
	where  map[uint64]map[int]bool // words in which the pair has stood
	queue  pairQueue
}

// spelling is a word as ids, and how often it occurs.
type spelling struct {
	ids   []int32
	count int
}

func newLearner(words []wordCount, pieces []string) *learner {
	l := &learner{pieces: pieces, id: make(map[string]int32, len(pieces)), count: map[uint64]int{}, where: map[uint64]map[int]bool{}}
	for id, piece := range pieces {
		l.id[piece] = int32(id)
	}
	l.words = make([]spelling, len(words))
	for w, word := range words {
		s := spelling{ids: make([]int32, len(word.word)), count: word.count}
		for i := range len(word.word) {
			s.ids[i] = l.id[string(byteChars[word.word[i]])]
		}
		l.words[w] = s
		l.tally(w, s.count)
	}
	for pair, count := range l.count { // a heap is ordered by content, not by arrival
		l.queue = append(l.queue, ranked{pair, count})
	}
	heap.Init(&l.queue)
	return l
}

// tally counts the pairs of a word by so many more, or fewer.
func (l *learner) tally(w, by int) {
	ids := l.words[w].ids
	for i := 1; i < len(ids); i++ {
		pair := pairOf(ids[i-1], ids[i])
		l.count[pair] += by
		if by > 0 {
			if l.where[pair] == nil {
				l.where[pair] = map[int]bool{}
			}
			l.where[pair][w] = true
		}
	}
}

// best returns the pair to merge. Counts in the queue may be too high, since a merge takes
// its neighbours' away; such an entry goes back with its true count.
func (l *learner) best() (left, right int32, count int, ok bool) {
	for len(l.queue) > 0 {
		top := heap.Pop(&l.queue).(ranked)
		switch n := l.count[top.pair]; {
		case n == top.count && n > 0:
			return int32(top.pair >> 32), int32(uint32(top.pair)), n, true
		case n > 0 && n < top.count:
			heap.Push(&l.queue, ranked{top.pair, n})
		}
	}
	return 0, 0, 0, false
}

// merge makes one piece of a pair in every word that has it, from left to right.
func (l *learner) merge(left, right int32) {
	name := l.pieces[left] + l.pieces[right]
	joined, ok := l.id[name]
	if !ok {
		joined = int32(len(l.pieces))
		l.id[name] = joined
		l.pieces = append(l.pieces, name)
	}
	pair := pairOf(left, right)
	touched := map[uint64]bool{}
	for w := range l.where[pair] { // sums and sets: the order does not matter
		word := &l.words[w]
		l.tally(w, -word.count)
		word.ids = joinPair(word.ids, left, right, joined)
		l.tally(w, word.count)
		for i := 1; i < len(word.ids); i++ {
			if word.ids[i-1] == joined || word.ids[i] == joined {
				touched[pairOf(word.ids[i-1], word.ids[i])] = true
			}
		}
	}
	delete(l.count, pair)
	delete(l.where, pair)
	for p := range touched {
		heap.Push(&l.queue, ranked{p, l.count[p]})
	}
}

// joinPair works in place.
func joinPair(ids []int32, left, right, joined int32) []int32 {
	out := ids[:0]
	for i := 0; i < len(ids); i++ {
		if ids[i] == left && i+1 < len(ids) && ids[i+1] == right {
			out = append(out, joined)
			i++
			continue
		}
		out = append(out, ids[i])
	}
	return out
}

// ranked is a pair with a count that it has or had.
type ranked struct {
	pair  uint64
	count int
}

// pairQueue is a heap: the highest count first, of equals the smallest pair, whose high half
// is the left id.
type pairQueue []ranked

func (q pairQueue) Len() int { return len(q) }
func (q pairQueue) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(q[j].count, q[i].count), cmp.Compare(q[i].pair, q[j].pair)) < 0
}
func (q pairQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *pairQueue) Push(x any)   { *q = append(*q, x.(ranked)) }
func (q *pairQueue) Pop() any {
	last := len(*q) - 1
	x := (*q)[last]
	*q = (*q)[:last]
	return x
}
