package actors

import (
	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
)

// distantLane is the lane of a slot whose coordinator is another process.
type distantLane struct {
	promises
	road  *distant
	batch blob.Batch // on its way to the spool
	put   []parcelOf // what is in it, in order
	grips grips

	opened opened
}

// parcelOf is where a parcel is that has no name and no place yet.
type parcelOf struct {
	cart *distantCart
	i    int
}

func (l *distantLane) cart() cart {
	return &distantCart{lane: l, grip: l.grips.one(l.road.reader.Hold)}
}

// flush writes the batch to the spool, and tells the carts where their blobs lie.
func (l *distantLane) flush() error {
	l.grips.end()
	defer l.road.tidy()
	if len(l.put) == 0 {
		return nil
	}
	names := l.batch.Name()
	l.keep(names)
	seg, places, err := l.road.spool.put(&l.batch, len(l.put))
	if err == nil {
		for n, x := range l.put {
			x.cart.put[x.i] = mesh.Parcel{Blob: names[n], At: places[names[n]]}
			x.cart.held = append(x.cart.held, seg)
		}
	}
	l.batch.Reset()
	l.put = l.put[:0]
	return err
}

// distantCart remembers what one task put, and keeps what it looks at in memory.
type distantCart struct {
	lane *distantLane
	put  []mesh.Parcel
	held []*spoolSegment // where the first of them lie
	grip *grip
}

func (c *distantCart) Open(b method.Blob) (method.Tensors, error) {
	if content, ok := c.lane.held(&c.lane.batch, b); ok {
		return decoded(b, content)
	}
	return c.lane.opened.open(c.grip, c.lane.name(b), func(b method.Blob) (method.Tensors, error) {
		content, err := c.bytes(b)
		if err != nil {
			return method.Tensors{}, err
		}
		return decoded(b, content)
	})
}

// bytes is a blob that this task put and that was flushed since, or one of others.
func (c *distantCart) bytes(b method.Blob) ([]byte, error) {
	for _, p := range c.put {
		if p.Blob == b && p.At.Segment != "" {
			return c.lane.road.reader.Bytes(p.At)
		}
	}
	return c.lane.road.bytes(b)
}

func (c *distantCart) Put(t method.Tensors) (b method.Blob, err error) {
	if c.lane.road.spool == nil {
		return c.keep(t)
	}
	l := c.lane
	if err = l.batch.Add(t); err != nil {
		return "", err
	}
	b = l.promise()
	l.put = append(l.put, parcelOf{c, len(c.put)})
	c.put = append(c.put, mesh.Parcel{})
	if l.batch.Len() > laneBytes {
		err = l.flush()
	}
	return b, err
}

// keep has the blob travel inside the message of its report, or wait here to be fetched.
func (c *distantCart) keep(t method.Tensors) (method.Blob, error) {
	content, err := safetensors.EncodeTensors(t)
	if err != nil {
		return "", err
	}
	b := blob.Name(content)
	if c.has(b) {
		return b, nil
	}
	d, p := c.lane.road, mesh.Parcel{Blob: b}
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

func (c *distantCart) has(b method.Blob) bool {
	for _, p := range c.put {
		if p.Blob == b {
			return true
		}
	}
	return false
}

func (c *distantCart) parcels() []mesh.Parcel { return c.put }

func (c *distantCart) empty() {
	c.grip.letGo()
	d := c.lane.road
	if d.spool != nil {
		d.spool.release(c.held)
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
