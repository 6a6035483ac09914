package mesh

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"
)

// ErrGone is returned, under errors.Is, by a Fetch of something that is not there.
var ErrGone = errors.New("it is not there")

// Source is where things are fetched.
type Source struct {
	Subject string
	// Patience is how long there may be nobody who listens before a thing is given up, which ends in
	// [ErrNobody]; 0: as long as it takes. Who listens and is slow is waited for in any case.
	Patience time.Duration
}

// First asks for the first piece of something, which tells its size and hash.
func (c *Conn) First(ctx context.Context, from Source, kind, name string) (Piece, error) {
	return c.piece(ctx, from, Want{Kind: kind, Name: name})
}

// Fetch brings the whole of something of at most limit bytes, and its first piece, which
// says more about it. Pieces that get lost are asked for again until ctx ends.
func (c *Conn) Fetch(ctx context.Context, from Source, kind, name string, limit int64) ([]byte, Piece, error) {
	fail := func(err error) ([]byte, Piece, error) {
		return nil, Piece{}, fmt.Errorf("fetching %s %.80s: %w", kind, name, err)
	}
	first, err := c.piece(ctx, from, Want{Kind: kind, Name: name})
	if err != nil {
		return fail(err)
	}
	if first.Size < 0 || first.Size > limit {
		return fail(fmt.Errorf("it has %d bytes; from 0 to %d are taken", first.Size, limit))
	}
	if n := min(first.Size, PartBytes); int64(len(first.data)) != n {
		return fail(fmt.Errorf("it has %d bytes, and its first piece %d; %d were expected", first.Size, len(first.data), n))
	}
	whole := make([]byte, first.Size)
	at := int64(copy(whole, first.data))
	if at == first.Size {
		return whole, first, nil
	}
	var lines sync.WaitGroup
	errs := make([]error, window)
	for k := range int64(window) {
		lines.Go(func() {
			for begin := at + k*PartBytes; begin < first.Size && errs[k] == nil; begin += window * PartBytes {
				var p Piece
				if p, errs[k] = c.piece(ctx, from, Want{Kind: kind, Name: name, Offset: begin}); errs[k] != nil {
					break
				}
				if p.Size != first.Size || copy(whole[begin:], p.data) != int(min(PartBytes, first.Size-begin)) {
					errs[k] = errors.New("it changed while it was fetched")
				}
			}
		})
	}
	lines.Wait()
	if err := errors.Join(errs...); err != nil {
		return fail(err)
	}
	return whole, first, nil
}

// window is how many pieces are asked for at once.
const window = 4

// pieceWithin is how long one waits for a piece before it is asked for again; after every wait in
// vain twice as long, up to pieceAtMost: on a line on which a piece takes longer, each would
// otherwise be given up just before it came, for ever.
const (
	pieceWithin = 2 * time.Second
	pieceAtMost = time.Minute
)

// piece asks for one piece until it is there.
func (c *Conn) piece(ctx context.Context, from Source, w Want) (Piece, error) {
	question, err := json.Marshal(w)
	if err != nil {
		return Piece{}, err
	}
	var deserted time.Time // since when nobody listens; zero: somebody did
	for wait := pieceWithin; ; {
		within, cancel := context.WithTimeout(ctx, wait)
		answer, err := c.Ask(within, from.Subject, question)
		if within.Err() != nil && !errors.Is(err, ErrLost) {
			wait = min(2*wait, pieceAtMost)
		}
		cancel()
		if ctx.Err() != nil {
			return Piece{}, context.Cause(ctx)
		}
		if !errors.Is(err, ErrNobody) {
			deserted = time.Time{}
		} else if deserted.IsZero() {
			deserted = time.Now()
		} else if from.Patience > 0 && time.Since(deserted) > from.Patience {
			return Piece{}, err
		}
		if err != nil { // lost on the way, or the line is: it is asked for again
			select {
			case <-time.After(50 * time.Millisecond):
			case <-ctx.Done():
			}
			continue
		}
		p, err := decodePiece(answer)
		switch {
		case err != nil:
			return p, err
		case p.Error != "":
			return p, errors.New(p.Error)
		case p.Gone:
			return p, ErrGone
		}
		return p, nil
	}
}
