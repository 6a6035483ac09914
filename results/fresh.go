package results

// fresh are the lines of a ledger since the last checkpoint.
type fresh struct {
	first int    // the number of the first
	lines []byte // as they are in the file
	many  bool   // they are too many for a record, and were let go of
	spare []byte // what the next are written into
}

func (f *fresh) add(line []byte) {
	switch {
	case f == nil || f.many:
	case len(f.lines)+len(line) > recordBytes:
		f.many = true
	default:
		f.lines = append(f.lines, line...)
	}
}

// take returns those that are there, and begins anew at a line. They are valid until it is called
// again.
func (f *fresh) take(next int) fresh {
	if f == nil {
		return fresh{many: true}
	}
	was := *f
	*f = fresh{first: next, lines: was.spare[:0], spare: was.lines}
	return was
}
