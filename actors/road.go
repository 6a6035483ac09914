package actors

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// road is how a worker comes by the blobs that its work names, and how those that it makes
// get to the coordinator.
type road interface {
	kind() mesh.Road
	learn([]mesh.Parcel) // that came with leases
	lane() lane
}

// lane is the road as one slot uses it. What is put on its carts is sent off together. What Put of a
// cart returns is the blob's name, or a promise of it.
type lane interface {
	begin() // of tasks that are done together: what was put before is nobody's any more
	cart() cart
	flush() error                   // what was put is now where the coordinator finds it
	name(b method.Blob) method.Blob // what a blob is called that was put since begin and flushed
}

// cart is the lane as one task uses it.
type cart interface {
	method.Blobs
	parcels() []mesh.Parcel // of what was put and flushed
	empty()                 // the coordinator has them, or nobody wants them any more
}

// laneBytes is how much a lane holds before it is flushed.
const laneBytes = 1 << 20

// shared is the road within the coordinator's process: both have one store, and what a slot saw
// in its blobs the coordinator knows.
type shared struct {
	store  *blob.Store
	sights *sights
	lanes  *atomic.Uint64 // how many there are
}

func (shared) kind() mesh.Road     { return mesh.Shared }
func (shared) learn([]mesh.Parcel) {}
func (r shared) lane() lane {
	return &sharedLane{shared: r, promises: newPromises(r.lanes.Add(1))}
}

type sharedLane struct {
	shared
	promises
	batch  blob.Batch
	seen   []coordinator.Sight // in the batch
	grips  grips
	opened opened
}

func (l *sharedLane) cart() cart { return &sharedCart{l, l.grips.one(l.store.Hold)} }

func (l *sharedLane) flush() error {
	names := l.batch.Name()
	l.keep(names)
	err := l.store.PutAll(&l.batch)
	l.batch.Reset()
	l.grips.end()
	if len(names) > 0 {
		seen := make(coordinator.Seen, len(names))
		for i, b := range names {
			seen.Add(b, l.seen[i])
		}
		l.sights.add(seen)
		l.seen = l.seen[:0]
	}
	return err
}

// sharedCart keeps what the task looks at in memory, even if rounds close meanwhile.
type sharedCart struct {
	lane *sharedLane
	grip *grip
}

func (c *sharedCart) Open(b method.Blob) (method.Tensors, error) {
	if content, ok := c.lane.held(&c.lane.batch, b); ok {
		return decoded(b, content)
	}
	return c.lane.opened.open(c.grip, c.lane.name(b), c.lane.store.Open)
}

func (c *sharedCart) Put(t method.Tensors) (b method.Blob, err error) {
	l := c.lane
	if err := l.batch.Add(t); err != nil {
		return "", err
	}
	b, l.seen = l.promise(), append(l.seen, coordinator.See(t))
	if l.batch.Len() > laneBytes {
		err = l.flush()
	}
	return b, err
}

func (*sharedCart) parcels() []mesh.Parcel { return nil }

func (c *sharedCart) empty() {
	c.grip.letGo()
	c.grip = nil // one that is emptied twice shows
}

func decoded(b method.Blob, content []byte) (method.Tensors, error) {
	t, err := safetensors.DecodeTensors(content)
	if err != nil {
		return t, fmt.Errorf("blob %s: %w", b, err)
	}
	return t, nil
}

// distant is the road between two processes. What lies in a segment of this host is mapped;
// all else comes inside messages, or is fetched by its name.
type distant struct {
	ctx    context.Context
	conn   *mesh.Conn
	source mesh.Source // where to fetch
	spool  *spool      // nil: on another host

	reader *blob.Reader
	turned atomic.Bool // others may have been retired since

	mu      sync.Mutex
	segment string // that the last of them lay in
	places  map[method.Blob]blob.Handle
	recent  recent
	made    map[method.Blob]*made // not acknowledged, for the coordinator to fetch

	lanes atomic.Uint64 // how many there are
}

// made is a blob of this worker's making, and how many reports on their way name it.
type made struct {
	content []byte
	holders int
}

// maxPlaces bounds what is remembered about where blobs lie. What was forgotten is fetched.
const maxPlaces = 1 << 16

func newDistant(ctx context.Context, conn *mesh.Conn, source mesh.Source, s *spool) *distant {
	return &distant{ctx: ctx, conn: conn, source: source, spool: s, reader: blob.NewReader(), places: map[method.Blob]blob.Handle{},
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
			d.turn(p.At.Segment)
		case blob.Name(p.Data) == p.Blob:
			d.recent.keep(p.Blob, append([]byte(nil), p.Data...)) // the message's bytes are not aligned
		}
	}
}

// turn notes that blobs come from another segment than before: then others may have been
// retired, and what is left of them here goes, when a slot has time. Under the lock.
func (d *distant) turn(segment string) {
	if segment != d.segment {
		d.segment = segment
		d.turned.Store(true)
	}
}

// tidy lets go of what was retired elsewhere.
func (d *distant) tidy() {
	if d.turned.Swap(false) {
		_ = d.reader.Forget() // a view that cannot be unmapped stays
	}
}

func (d *distant) lane() lane {
	return &distantLane{road: d, promises: newPromises(d.lanes.Add(1))}
}

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
	content, _, err := d.conn.Fetch(d.ctx, d.source, wantBlob, string(b), blob.MaxBytes)
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
