package mesh

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
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
