package remote

import (
	"iter"
	"slices"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/methodpb"
)

// ahead is how many batches are asked for before they are wanted.
const ahead = 2

// reports are fetched while the method loops over them. Loops may be nested.
type reports struct {
	ask   *asker
	count int
}

func (r reports) Len() int { return r.count }

func (r reports) All() iter.Seq2[method.Report, error] {
	return func(yield func(method.Report, error) bool) {
		a := r.ask
		number, whole := a.beginPass(), false
		defer func() { a.endPass(number, whole) }()
		for !whole {
			b, err := a.nextBatch(number)
			if err != nil {
				yield(method.Report{}, err)
				return
			}
			whole = b.Last
			for i := range b.List {
				if !yield(b.List[i], nil) {
					return
				}
			}
			a.done(b)
		}
	}
}

func (a *asker) beginPass() uint32 {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.passes++
	if _, begun := a.batches[a.passes]; !begun {
		a.batches[a.passes] = nil
	}
	return a.passes
}

// endPass tells the host, unless it has sent the last batch, and drops what is still on its
// way.
func (a *asker) endPass(number uint32, whole bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.batches, number)
	if whole {
		return
	}
	_ = a.send(&methodpb.FromPlugin{Kind: &methodpb.FromPlugin_Stop{Stop: &methodpb.Stop{Pass: number}}})
}

// nextBatch waits for a batch and asks for those after it.
func (a *asker) nextBatch(number uint32) (*methodpb.Reports, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.batches[number]) == 0 && !a.asked(number) {
		if err := a.askNext(number, 1); err != nil {
			return nil, err
		}
	}
	for len(a.batches[number]) == 0 {
		if err := a.receive(); err != nil {
			return nil, err
		}
	}
	b := a.batches[number][0]
	a.batches[number] = a.batches[number][1:]
	a.learn(b)
	if !b.Last {
		return b, a.askNext(number, ahead)
	}
	return b, nil
}

// done is when the method has seen all of a batch. After the call the room is another's.
func (a *asker) done(b *methodpb.Reports) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.broken == nil {
		a.room.give(b.List)
	}
}

// maxPlaces bounds what is remembered about where blobs lie, however many participants a round has: with
// each the text of its batch stays in memory. Those of the last few batches are at hand; the host is
// asked about what is opened later than that.
const maxPlaces = 4 * maxBatch

// placed is a blob and where it lies.
type placed struct {
	blob method.Blob
	at   blob.Handle
}

// learn notes where the blobs of a batch lie.
func (a *asker) learn(b *methodpb.Reports) {
	if len(a.listed)+len(a.places) > maxPlaces {
		clear(a.listed) // no text of a batch stays for it
		a.listed, a.next = a.listed[:0], 0
		clear(a.places)
	}
	spots := b.Places
	a.listed = slices.Grow(a.listed, len(spots))
	for i := range b.List {
		for _, list := range [...][]method.Named{b.List[i].Made, b.List[i].Began} {
			for _, n := range list {
				if len(spots) == 0 {
					return
				}
				if i := spots[0].Path; 0 < i && i <= len(b.Paths) {
					a.listed = append(a.listed, placed{n.Blob, blob.Handle{Segment: b.Paths[i-1], Offset: spots[0].Offset, Length: spots[0].Length}})
				}
				spots = spots[1:]
			}
		}
	}
}

// place is where a blob lies, if that is known. Most are opened once, in the order in which
// they came, some of a report and others not; what is opened otherwise is looked up.
func (a *asker) place(b method.Blob) (at blob.Handle, known bool) {
	for i, x := range a.listed[a.next:min(a.next+passedBy, len(a.listed))] {
		if x.blob == b {
			a.next += i + 1
			return x.at, true
		}
	}
	for _, x := range a.listed {
		a.places[x.blob] = x.at
	}
	a.listed, a.next = a.listed[:0], 0
	at, known = a.places[b]
	return at, known
}

// passedBy is how many blobs of a report nobody may have opened for the next to be found in order.
const passedBy = 8

// askNext asks until so many batches are asked for or wait.
func (a *asker) askNext(number uint32, upTo int) error {
	n := len(a.batches[number])
	for _, p := range a.pending {
		if p.pass == number {
			n++
		}
	}
	for ; n < upTo; n++ {
		if err := a.send(&methodpb.FromPlugin{Kind: &methodpb.FromPlugin_Next{Next: &methodpb.Next{Pass: number}}}); err != nil {
			return err
		}
		a.pending = append(a.pending, pending{pass: number})
	}
	return nil
}

func (a *asker) asked(number uint32) bool {
	for _, p := range a.pending {
		if p.pass == number {
			return true
		}
	}
	return false
}
