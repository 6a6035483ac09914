package data

// Holdout parts a shard into rows to train on and rows to validate on, both in the shard's
// order. A row's place follows from its content alone: it is held out where its hash, as a
// fraction of 2⁶⁴, is below share. So a row is held out in every shard, trial and version of
// the data that it is part of, and equal rows stand on one side.
//
// A shard always keeps something to train on: if all of it would be held out, its row of the
// largest hash stays.
func Holdout(set *Set, shard []int, share float64) (train, valid []int) {
	top := -1 // of shard, the row of the largest hash
	for i, r := range shard {
		if top < 0 || set.Train[r].Hash > set.Train[shard[top]].Hash {
			top = i
		}
		if Fraction(set.Train[r].Hash) < share {
			valid = append(valid, r)
		} else {
			train = append(train, r)
		}
	}
	if len(train) == 0 && top >= 0 {
		train = append(train, shard[top])
		valid = append(append([]int(nil), shard[:top]...), shard[top+1:]...)
	}
	return train, valid
}

// Fraction maps a hash to [0, 1), exactly: 53 bits fit a float64.
func Fraction(hash uint64) float64 { return float64(hash>>11) / (1 << 53) }
