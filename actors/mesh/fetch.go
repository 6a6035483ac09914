package mesh

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Want asks for a piece of something that has a name.
type Want struct {
	Kind   string // "blob", "file", "files" (a pattern), "base"
	Name   string
	Offset int64
}

// Piece answers a [Want]: up to [PartBytes] of it from Offset on.
type Piece struct {
	Size  int64  // of the whole
	Sum   string // SHA-256 of the whole in hex, in the first piece of what has no hash for a name
	Gone  bool   `json:",omitempty"` // there is no such thing, or no longer
	Error string `json:",omitempty"` // it is there and cannot be read
	data  []byte
}

// Cut is the piece of a whole that a want asks for.
func (w Want) Cut(whole []byte) Piece {
	p := Piece{Size: int64(len(whole))}
	if w.Offset >= 0 && w.Offset < p.Size {
		p.data = whole[w.Offset:min(p.Size, w.Offset+PartBytes)]
	}
	return p
}

func (p Piece) encode() []byte {
	head, err := json.Marshal(p)
	if err != nil {
		panic(fmt.Sprintf("mesh: a piece cannot be encoded: %v", err)) // nothing in it can fail
	}
	return append(append(head, '\n'), p.data...)
}

func decodePiece(b []byte) (p Piece, err error) {
	head, data, found := bytes.Cut(b, []byte{'\n'})
	if !found || json.Unmarshal(head, &p) != nil {
		return p, errors.New("the answer is no piece")
	}
	p.data = data
	return p, nil
}

// Serve answers wants on a subject until the connection closes.
func (c *Conn) Serve(subject string, answer func(Want) Piece) error {
	return c.Listen(subject, func(m Message) {
		var w Want
		if m.Reply != "" && json.Unmarshal(m.Data, &w) == nil {
			c.Answer(m.Reply, answer(w).encode())
		}
	})
}

// ErrGone is returned, under errors.Is, by a Fetch of something that is not there.
var ErrGone = errors.New("it is not there")

// First asks for the first piece of something, which tells its size and hash.
func (c *Conn) First(ctx context.Context, subject, kind, name string) (Piece, error) {
	return c.piece(ctx, subject, Want{Kind: kind, Name: name})
}

// Fetch brings the whole of something of at most limit bytes, and its first piece, which
// says more about it. Pieces that get lost are asked for again until ctx ends.
func (c *Conn) Fetch(ctx context.Context, subject, kind, name string, limit int64) ([]byte, Piece, error) {
	fail := func(err error) ([]byte, Piece, error) {
		return nil, Piece{}, fmt.Errorf("fetching %s %.80s: %w", kind, name, err)
	}
	first, err := c.piece(ctx, subject, Want{Kind: kind, Name: name})
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
			for from := at + k*PartBytes; from < first.Size && errs[k] == nil; from += window * PartBytes {
				var p Piece
				if p, errs[k] = c.piece(ctx, subject, Want{Kind: kind, Name: name, Offset: from}); errs[k] != nil {
					break
				}
				if p.Size != first.Size || copy(whole[from:], p.data) != int(min(PartBytes, first.Size-from)) {
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
func (c *Conn) piece(ctx context.Context, subject string, w Want) (Piece, error) {
	question, err := json.Marshal(w)
	if err != nil {
		return Piece{}, err
	}
	for wait := pieceWithin; ; {
		within, cancel := context.WithTimeout(ctx, wait)
		answer, err := c.Ask(within, subject, question)
		if within.Err() != nil && !errors.Is(err, ErrLost) {
			wait = min(2*wait, pieceAtMost)
		}
		cancel()
		if ctx.Err() != nil {
			return Piece{}, context.Cause(ctx)
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
