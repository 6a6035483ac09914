package mesh

import (
	"bytes"
	"fmt"

	"github.com/nats-io/nats.go"
)

// PartBytes is the most that one message of the server carries; more is cut into parts.
// Parts this small let control messages slip in between, and cost nothing measurable.
const PartBytes = 128 << 10

// partHeader names a part: the number of its message, its own, and how many there are.
// Whole messages have no header, so that any NATS client can talk to us.
const partHeader = "Sim-Part"

// split cuts data into messages of the server.
func split(number uint64, data []byte) []*nats.Msg {
	if len(data) <= PartBytes {
		return []*nats.Msg{{Data: data}}
	}
	var out []*nats.Msg
	n := (len(data) + PartBytes - 1) / PartBytes
	for i := range n {
		m := &nats.Msg{Header: nats.Header{}, Data: data[i*PartBytes : min((i+1)*PartBytes, len(data))]}
		m.Header.Set(partHeader, fmt.Sprintf("%d %d %d", number, i, n))
		out = append(out, m)
	}
	return out
}

// maxOpen is how many messages a joiner keeps that lack parts. A message whose part was
// lost is never completed; it goes when newer ones need its place.
const maxOpen = 32

// maxParts bounds a message to 64 MiB, the limit of a call of a method.
const maxParts = 64 << 20 / PartBytes

// joiner puts the parts of messages together again, in whatever order they come.
type joiner struct {
	open []*opened // oldest first
}

type opened struct {
	key   string // whose answer is awaited, and the message's number
	parts [][]byte
	left  int
}

// join returns the data of a message that has no parts, or whose last part this is.
func (j *joiner) join(m *nats.Msg) (data []byte, whole bool) {
	text := m.Header.Get(partHeader)
	if text == "" {
		return m.Data, true
	}
	var number uint64
	var i, n int
	if _, err := fmt.Sscanf(text, "%d %d %d", &number, &i, &n); err != nil || n < 1 || n > maxParts || i < 0 || i >= n || len(m.Data) > PartBytes {
		return nil, false // not of our making
	}
	o := j.find(fmt.Sprintf("%s %s %d", m.Subject, m.Reply, number), n)
	if o == nil || o.parts[i] != nil {
		return nil, false
	}
	o.parts[i] = m.Data
	o.left--
	if o.left > 0 {
		return nil, false
	}
	for k := range j.open {
		if j.open[k] == o {
			j.open = append(j.open[:k], j.open[k+1:]...)
			break
		}
	}
	return bytes.Join(o.parts, nil), true
}

// find returns the opened message of that key, new if need be; nil if n contradicts it.
func (j *joiner) find(key string, n int) *opened {
	for _, o := range j.open {
		if o.key == key {
			if len(o.parts) != n {
				return nil
			}
			return o
		}
	}
	if len(j.open) == maxOpen {
		j.open = j.open[1:]
	}
	o := &opened{key: key, parts: make([][]byte, n), left: n}
	j.open = append(j.open, o)
	return o
}
