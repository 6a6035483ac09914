package actors

import (
	"context"
	"fmt"
	"sync"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
)

// road is how a worker comes by the blobs that its work names, and how those that it makes
// get to the coordinator.
type road interface {
	kind() mesh.Road
	learn([]mesh.Parcel) // that came with leases
	cart() cart
}

// cart is the road as one task uses it.
type cart interface {
	method.Blobs
	parcels() []mesh.Parcel // of what was put
	empty()                 // the coordinator has them, or nobody wants them any more
}

// shared is the road within the coordinator's process: both have one store.
type shared struct{ store *blob.Store }

func (shared) kind() mesh.Road     { return mesh.Shared }
func (shared) learn([]mesh.Parcel) {}
func (r shared) cart() cart        { return &sharedCart{r.store, r.store.Hold()} }

// sharedCart keeps what the task looks at in memory, even if rounds close meanwhile.
type sharedCart struct {
	*blob.Store
	release func()
}

func (*sharedCart) parcels() []mesh.Parcel { return nil }
func (c *sharedCart) empty()               { c.release() }

// distant is the road between two processes. What lies in a segment of this host is mapped;
// all else comes inside messages, or is fetched by its name.
type distant struct {
	ctx     context.Context
	conn    *mesh.Conn
	subject string // where to fetch
	spool   *spool // nil: on another host

	reader *blob.Reader

	mu     sync.Mutex
	places map[method.Blob]blob.Handle
	recent recent
	made   map[method.Blob]*made // not acknowledged, for the coordinator to fetch
}

// made is a blob of this worker's making, and how many reports on their way name it.
type made struct {
	content []byte
	holders int
}

// maxPlaces bounds what is remembered about where blobs lie. What was forgotten is fetched.
const maxPlaces = 1 << 16

// maxBlobBytes bounds a blob that is fetched.
const maxBlobBytes = 4 << 30

func newDistant(ctx context.Context, conn *mesh.Conn, subject string, s *spool) *distant {
	return &distant{ctx: ctx, conn: conn, subject: subject, spool: s, reader: blob.NewReader(), places: map[method.Blob]blob.Handle{},
		recent: recent{budget: recentBytes}, made: map[method.Blob]*made{}}
}

func (d *distant) kind() mesh.Road {
	if d.spool != nil {
		return mesh.Mapped
	}
	return mesh.Far
}

func (d *distant) learn(ps []mesh.Parcel) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.places) > maxPlaces {
		clear(d.places)
	}
	for _, p := range ps {
		switch {
		case p.At.Segment != "":
			d.places[p.Blob] = p.At
		case blob.Name(p.Data) == p.Blob:
			d.recent.keep(p.Blob, append([]byte(nil), p.Data...)) // the message's bytes are not aligned
		}
	}
}

func (d *distant) cart() cart { return &distantCart{road: d} }

// bytes is the content of a blob: mapped, remembered or fetched.
func (d *distant) bytes(b method.Blob) ([]byte, error) {
	d.mu.Lock()
	at, mapped := d.places[b]
	content := d.recent.find(b)
	if m := d.made[b]; content == nil && m != nil {
		content = m.content
	}
	d.mu.Unlock()
	if content != nil {
		return content, nil
	}
	if mapped {
		if content, err := d.reader.Bytes(at); err == nil {
			return content, nil
		} // its segment went; the coordinator may have moved the blob
	}
	content, _, err := d.conn.Fetch(d.ctx, d.subject, wantBlob, string(b), maxBlobBytes)
	if err != nil {
		return nil, err
	}
	if blob.Name(content) != b {
		return nil, fmt.Errorf("blob %.12s… was damaged on its way", b)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.recent.keep(b, content)
	return content, nil
}

// answer gives the coordinator a piece of a blob that was made here.
func (d *distant) answer(w mesh.Want) mesh.Piece {
	d.mu.Lock()
	defer d.mu.Unlock()
	m := d.made[method.Blob(w.Name)]
	if w.Kind != wantBlob || m == nil {
		return mesh.Piece{Gone: true}
	}
	return w.Cut(m.content)
}

func (d *distant) close() error { return d.reader.Close() }

// distantCart remembers what one task put.
type distantCart struct {
	road *distant
	put  []mesh.Parcel
	held []*spoolSegment
}

func (c *distantCart) Open(b method.Blob) (method.Tensors, error) {
	content, err := c.road.bytes(b)
	if err != nil {
		return method.Tensors{}, err
	}
	t, err := safetensors.DecodeTensors(content)
	if err != nil {
		return t, fmt.Errorf("blob %s: %w", b, err)
	}
	return t, nil
}

func (c *distantCart) Put(t method.Tensors) (method.Blob, error) {
	content, err := safetensors.EncodeTensors(t)
	if err != nil {
		return "", err
	}
	b := blob.Name(content)
	for _, p := range c.put {
		if p.Blob == b {
			return b, nil
		}
	}
	d, p := c.road, mesh.Parcel{Blob: b}
	if d.spool != nil {
		seg, at, err := d.spool.put(content)
		if err != nil {
			return "", err
		}
		c.held, p.At = append(c.held, seg), at
		c.put = append(c.put, p)
		return b, nil
	}
	if len(content) <= mesh.InlineBytes {
		p.Data = content
	}
	c.put = append(c.put, p)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.made[b] == nil {
		d.made[b] = &made{content: content}
	}
	d.made[b].holders++
	return b, nil
}

func (c *distantCart) parcels() []mesh.Parcel { return c.put }

func (c *distantCart) empty() {
	d := c.road
	for _, seg := range c.held {
		d.spool.release(seg)
	}
	if d.spool != nil {
		c.put, c.held = nil, nil
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range c.put {
		if m := d.made[p.Blob]; m.holders > 1 {
			m.holders--
		} else {
			delete(d.made, p.Blob)
		}
	}
	c.put = nil
}
