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
		number := a.beginPass()
		defer a.endPass(number)
		for {
			b, err := a.nextBatch(number)
			if err != nil {
				yield(method.Report{}, err)
				return
			}
			for _, p := range b.GetReports() {
				if !yield(methodpb.ToReport(p), nil) {
					return
				}
			}
			if b.GetLast() {
				return
			}
		}
	}
}

func (a *asker) beginPass() uint32 {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.passes++
	a.batches[a.passes] = nil
	return a.passes
}

// endPass tells the host, and drops what is still on its way.
func (a *asker) endPass(number uint32) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.batches, number)
	_ = a.send(&methodpb.FromPlugin{Kind: &methodpb.FromPlugin_Stop{Stop: &methodpb.Stop{Pass: number}}})
}

// nextBatch waits for a batch and asks for those after it.
func (a *asker) nextBatch(number uint32) (*methodpb.Batch, error) {
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
	if a.looked > restBytes {
		a.looked = 0
		if err := a.reader.Rest(); err != nil {
			return nil, err
		}
	}
	if !b.GetLast() {
		return b, a.askNext(number, ahead)
	}
	return b, nil
}

// restBytes is how much may be looked at before its memory is given back: a fold takes as
// much for a thousand participants as for a million. What is still looked at is read again.
const restBytes = 32 << 20

// maxPlaces bounds what is remembered about where blobs lie. Beyond it, it is asked again.
const maxPlaces = 1 << 16

// learn notes where the blobs of a batch lie.
func (a *asker) learn(b *methodpb.Batch) {
	if len(a.places) > maxPlaces {
		clear(a.places)
	}
	places := b.GetPlaces()
	for _, r := range b.GetReports() {
		for _, n := range slices.Concat(r.GetMade(), r.GetBegan()) {
			if len(places) == 0 {
				return
			}
			if i := int(places[0].GetPath()); 0 < i && i <= len(b.GetPaths()) {
				a.places[method.Blob(n.GetBlob())] = blob.Handle{Segment: b.GetPaths()[i-1], Offset: places[0].GetOffset(), Length: places[0].GetLength()}
			}
			places = places[1:]
		}
	}
}

// askNext asks until so many batches are asked for or wait.
func (a *asker) askNext(number uint32, upTo int) error {
	n := len(a.batches[number])
	for _, p := range a.pending {
		if p == number {
			n++
		}
	}
	for ; n < upTo; n++ {
		if err := a.send(&methodpb.FromPlugin{Kind: &methodpb.FromPlugin_Next{Next: &methodpb.Next{Pass: number}}}); err != nil {
			return err
		}
		a.pending = append(a.pending, number)
	}
	return nil
}

func (a *asker) asked(number uint32) bool {
	for _, p := range a.pending {
		if p == number {
			return true
		}
	}
	return false
}
