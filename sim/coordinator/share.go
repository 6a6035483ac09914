package coordinator

import (
	"fmt"
	"slices"
	"strconv"
)

// Shared is the checkpoint as it is written: whoever has the past of a participant before it says so,
// in place of that. Most were given the same, so that is a quarter of the bytes. [ParseCheckpoint]
// undoes it.
func (c Checkpoint) Shared() Checkpoint {
	pasts := likenesses{known: map[*Past]*likeness{}, said: map[string]*likeness{}}
	c.Book = slices.Clone(c.Book)
	for i := range c.Book {
		p := &c.Book[i]
		if p.Like = pasts.back(p.Past, i); p.Like > 0 {
			p.Past = nil
		}
	}
	return c
}

// unshare gives everyone a past of the book's own words, and those who share one the same.
func (c Checkpoint) unshare() error {
	for i := range c.Book {
		p := &c.Book[i]
		if p.Like == 0 {
			if p.Past == nil {
				return fmt.Errorf("the checkpoint cannot be read: it has no past of %s %d", p.Pool, p.Index)
			}
			continue
		}
		if p.Past != nil || p.Like < 0 || p.Like > i {
			return fmt.Errorf("the checkpoint cannot be read: %s %d, number %d of its book, has its own past, or that of number %d", p.Pool, p.Index, i, i-p.Like)
		}
		p.Past, p.Like = c.Book[i-p.Like].Past, 0
	}
	return nil
}

// likenesses are pasts that say the same. They are told apart by what they say, so that a machine
// that goes on writes the checkpoint that one writes which never stopped.
type likenesses struct {
	known map[*Past]*likeness
	said  map[string]*likeness
	text  []byte // memory
}

// likeness is who had a past last, by place in the book; -1: nobody.
type likeness struct{ last int }

// back is how many places before one in the book its past was last; 0: it is a new one.
func (l *likenesses) back(p *Past, at int) (n int) {
	like := l.known[p]
	if like == nil {
		l.text = p.append(l.text[:0])
		if like = l.said[string(l.text)]; like == nil {
			like = &likeness{last: -1}
			l.said[string(l.text)] = like
		}
		l.known[p] = like
	}
	if like.last >= 0 {
		n = at - like.last
	}
	like.last = at
	return n
}

// append adds what a past says, so that no two say the same that are not the same.
func (p *Past) append(b []byte) []byte {
	b = strconv.AppendInt(b, int64(p.Given), 10)
	for _, h := range p.Has {
		b = append(append(b, ' '), h...) // names have no blank
	}
	for _, t := range p.Times {
		b = strconv.AppendInt(append(b, '\n'), int64(t.Member), 10)
		b = strconv.AppendInt(append(b, ' '), int64(t.Times), 10)
		b = strconv.AppendQuote(append(b, ' '), t.Name)
	}
	return b
}
