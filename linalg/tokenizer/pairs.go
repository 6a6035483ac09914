package tokenizer

// pairTable maps pairs of ids to what they become, by open addressing. Merging asks it
// several times a character, mostly in vain; a Go map was a seventh of all time spent.
type pairTable struct {
	slots []pairSlot // a power of two, at most half full
	shift uint       // 64 less the logarithm of their number
	size  int
}

type pairSlot struct {
	pair uint64
	joining
}

// unused is no pair: ids are not negative.
const unused = ^uint64(0)

func pairOf(left, right int32) uint64 { return uint64(uint32(left))<<32 | uint64(uint32(right)) }

// newPairTable makes room for n pairs.
func newPairTable(n int) *pairTable {
	t := &pairTable{shift: 60}
	for 1<<(64-t.shift) < 2*n {
		t.shift--
	}
	t.slots = make([]pairSlot, 1<<(64-t.shift))
	for i := range t.slots {
		t.slots[i].pair = unused
	}
	return t
}

// find returns the slot of a pair, or the free one where it would go. The multiplier is 2⁶⁴
// over the golden ratio (Knuth, vol. 3, 6.4).
func (t *pairTable) find(pair uint64) *pairSlot {
	i := pair * 0x9E3779B97F4A7C15 >> t.shift
	for {
		s := &t.slots[i]
		if s.pair == pair || s.pair == unused {
			return s
		}
		i = (i + 1) & uint64(len(t.slots)-1)
	}
}

func (t *pairTable) get(pair uint64) (joining, bool) {
	s := t.find(pair)
	return s.joining, s.pair == pair
}

// put adds a pair; where it is there already, it stays as it is and is returned.
func (t *pairTable) put(pair uint64, j joining) (before joining, twice bool) {
	s := t.find(pair)
	if s.pair == pair {
		return s.joining, true
	}
	*s = pairSlot{pair, j}
	t.size++
	return joining{}, false
}
