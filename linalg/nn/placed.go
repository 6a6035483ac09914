package nn

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/loramesh/loramesh/linalg/kernel"
)

// A model's weights in memory that processes share. One of them lays all weights out in a room
// of [Model.Room] bytes; each, with a model that it has read by itself, goes over to what lies
// there if it is the same, byte for byte, and lets go of its own. So a room need not be
// trusted: no number of it is used that was not at hand before.

// roomAlign is where a layout begins in a room: lines of the cache do not cross it.
const roomAlign = 64

// Room is how many bytes the weights take with their layouts for both ways.
func (m *Model) Room() int {
	cut := cutter{}
	for _, p := range m.maps {
		cut.next(len(p.forward.Bytes()))
		cut.next(p.forward.TurnedBytes())
	}
	for _, v := range m.data {
		cut.next(4 * len(v))
	}
	return cut.at
}

// Place writes the weights into a room, which others then go over to. What was there does not
// matter; the room begins at a multiple of 64 bytes, as all memory does that is mapped.
func (m *Model) Place(room []byte) {
	m.fits(room)
	cut := cutter{room: room}
	for _, p := range m.maps {
		copy(cut.next(len(p.forward.Bytes())), p.forward.Bytes())
		p.forward.TurnTo(cut.next(p.forward.TurnedBytes()))
	}
	for _, v := range m.data {
		copy(cut.next(4*len(v)), kernel.BytesOf(v))
	}
}

// At is the model in a room that [Model.Place] filled with the same weights: it holds none of
// its own, for either way. Where the room has other numbers, it is an error that names the
// tensors of the place. The room must stay mapped and unchanged as long as the model lives.
func (m *Model) At(room []byte) (*Model, error) {
	m.fits(room)
	own := *m
	own.maps, own.data = make([]*packed, len(m.maps)), make([][]float32, len(m.data))
	cut := cutter{room: room}
	for id, p := range m.maps {
		forward, same := p.forward.At(cut.next(len(p.forward.Bytes())))
		back, turned := p.forward.TurnedAt(cut.next(p.forward.TurnedBytes()))
		if !same || !turned {
			return nil, m.otherThere(toMap, id)
		}
		own.maps[id] = &packed{forward: forward, back: back}
	}
	for i, v := range m.data {
		room := cut.next(4 * len(v))
		if string(room) != string(kernel.BytesOf(v)) {
			return nil, m.otherThere(toVector, i)
		}
		own.data[i] = kernel.Floats(room)
	}
	own.derive()
	return &own, nil
}

// otherThere says of a map or a vector, by the names of its tensors, that the room has another.
func (m *Model) otherThere(to place, owner int) error {
	var names []string
	for _, s := range m.slots {
		if s.to == to && s.owner == owner {
			names = append(names, strconv.Quote(s.name))
		}
	}
	return fmt.Errorf("weights: %s: other numbers lie there than were read", strings.Join(names, " with "))
}

// fits insists on a room of the model's size.
func (m *Model) fits(room []byte) {
	if len(room) != m.Room() {
		panic(fmt.Sprintf("nn: a room of %d bytes for a model of %d", len(room), m.Room()))
	}
}

// cutter cuts a room into pieces, one behind the other; without a room it only counts.
type cutter struct {
	room []byte
	at   int
}

func (c *cutter) next(n int) []byte {
	lo := c.at
	c.at += (n + roomAlign - 1) / roomAlign * roomAlign
	if c.room == nil {
		return nil
	}
	return c.room[lo : lo+n : lo+n]
}
