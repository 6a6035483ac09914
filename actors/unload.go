package actors

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// hear takes reports off the mesh: their blobs go into the store first, then they go to the
// mailbox, and are acknowledged: they are recorded before anything that the worker says once it
// knows that. It runs beside the mailbox, and what brings blobs beside
// what others bring. Reports whose blobs did not arrive are as good as lost: the worker brings
// them again.
func (c *coordinatorActor) hear(m mesh.Message) {
	r, ok := mesh.DecodeReports(m.Data)
	if !ok || !mesh.Named(r.Worker) {
		return
	}
	if len(r.Blobs) == 0 {
		c.pass(r, m.Reply, make(coordinator.Seen, len(r.Done)))
		return
	}
	c.apart(func() {
		seen := make(coordinator.Seen, len(r.Blobs))
		far, err := c.unload(r.Blobs, seen)
		switch {
		case err != nil:
			c.refuse(r.Worker, err)
		case len(far) == 0:
			c.pass(r, m.Reply, seen)
		default:
			c.fetch(r, m.Reply, far, seen)
		}
	})
}

// pass reads reports whose blobs are here and has them recorded, with what was seen in their
// blobs.
func (c *coordinatorActor) pass(r mesh.Reports, reply string, seen coordinator.Seen) {
	m := reported{Reports: r, answers: r.Answers(), seen: seen}
	defer c.setup.Blobs.Hold()()
	if len(r.Blobs) == 0 {
		for i := range m.answers {
			reports := m.answers[i].Reports
			for j := range reports {
				c.sights.tell(seen, c.setup.Blobs, reports[j].Made)
			}
		}
	}
	c.self(m)
	c.send(reply, mesh.Ack{Number: r.Number}.Encode())
}

// unload puts parcels into the store, looks at them, and says which blobs have to be fetched. A
// message of which one is not as it should be is not taken at all.
func (c *coordinatorActor) unload(ps []mesh.Parcel, seen coordinator.Seen) (far []method.Blob, err error) {
	load, _ := c.loads.Get().(*blob.Batch)
	if load == nil {
		load = &blob.Batch{}
	}
	var from crate
	defer func() {
		load.Reset()
		c.loads.Put(load)
		err = errors.Join(err, from.close())
	}()
	var like safetensors.Decoder // most are like the one before
	look := func(b method.Blob, content []byte) {
		if t, err := like.Decode(content); err == nil { // else the machine says what it is
			seen.Note(b, t)
		}
	}
	for len(ps) > 0 {
		n := 1
		switch p := ps[0]; {
		case p.At.Segment != "":
			if dir := filepath.Dir(p.At.Segment); c.spool == "" || dir != c.spool {
				return nil, fmt.Errorf("it names a segment in %s, which is not the folder for workers' blobs", dir)
			}
			if n, err = from.take(load, ps); err != nil {
				return nil, err
			}
		case len(p.Data) == 0:
			far = append(far, p.Blob)
		default:
			if err := load.Claim(p.Blob, p.Data); err != nil {
				return nil, err
			}
		}
		ps = ps[n:]
		if len(ps) == 0 || load.Len() > laneBytes {
			if err := load.Check(look); err != nil {
				return nil, err
			}
			if err := c.store(load); err != nil {
				return nil, err
			}
		}
	}
	return far, nil
}

// crate is the segment of a spool from which blobs are taken. Most of a message lie in one.
type crate struct {
	file  *os.File
	lying []blob.Lying // room
}

// take takes the first of some blobs, and those that lie behind it. It says how many.
func (c *crate) take(load *blob.Batch, ps []mesh.Parcel) (int, error) {
	segment := ps[0].At.Segment
	if c.file == nil || c.file.Name() != segment {
		if err := c.close(); err != nil {
			return 0, err
		}
		f, err := os.Open(segment)
		if err != nil {
			return 0, err
		}
		c.file = f
	}
	c.lying = c.lying[:0]
	for _, p := range ps {
		if p.At.Segment != segment {
			break
		}
		c.lying = append(c.lying, blob.Lying{Blob: p.Blob, At: p.At})
	}
	return load.ClaimAt(c.file, c.lying, laneBytes)
}

func (c *crate) close() error {
	if c.file == nil {
		return nil
	}
	err := c.file.Close()
	c.file = nil
	return err
}

// store puts what was unloaded into the store.
func (c *coordinatorActor) store(load *blob.Batch) error {
	err := c.setup.Blobs.PutAll(load)
	load.Reset()
	if err != nil {
		c.end(err) // the ground gave way
	}
	return err
}

// fetch brings large blobs from a worker elsewhere, once for each message, and then has the
// reports recorded, with what was seen in those that came along. One that is gone for so long that it is
// done without is not asked any more: its leases are lent to others, who make the blobs again.
func (c *coordinatorActor) fetch(r mesh.Reports, reply string, far []method.Blob, seen coordinator.Seen) {
	key := fmt.Sprintf("%s %d", r.Worker, r.Number)
	if _, out := c.fetching.LoadOrStore(key, true); out {
		return
	}
	defer c.fetching.Delete(key)
	from := mesh.Source{Subject: c.subjects.FetchFrom(r.Worker), Patience: c.pace.lost}
	for _, b := range far {
		content, _, err := c.conn.Fetch(c.ctx, from, wantBlob, string(b), blob.MaxBytes)
		if err == nil && blob.Name(content) != b {
			err = blob.ErrName
		}
		if err != nil {
			c.refuse(r.Worker, err)
			return
		}
		if _, err := c.setup.Blobs.PutBytes(content); err != nil {
			c.end(err) // the ground gave way
			return
		}
	}
	c.pass(r, reply, seen)
}

// refuse drops a message that is not as it should be.
func (c *coordinatorActor) refuse(worker string, err error) {
	if c.ctx.Err() == nil {
		c.log.Warn("a worker's report cannot be taken, and is awaited anew", "worker", worker, "error", err)
	}
}

// inlineBytes bounds the blobs inside one message of leases; what goes beyond is fetched.
const inlineBytes = 4 << 20

// parcels are the blobs that leases name, as they travel to a worker.
func (c *coordinatorActor) parcels(w *peer, lent []*item) (out []mesh.Parcel) {
	if w.pull.Road == mesh.Shared {
		return nil
	}
	defer c.setup.Blobs.Hold()()
	size := 0
	seen := map[method.Blob]bool{}
	var last *form
	for _, x := range lent {
		if x.form == last {
			continue
		}
		last = x.form
		for _, b := range x.form.names {
			if seen[b] {
				continue
			}
			seen[b] = true
			if w.pull.Road == mesh.Mapped {
				if at, err := c.setup.Blobs.Lend(b); err == nil {
					if !filepath.IsAbs(at.Segment) {
						at.Segment = filepath.Join(c.dir, at.Segment)
					}
					out = append(out, mesh.Parcel{Blob: b, At: at})
				} // what is not here is refused when it is fetched
				continue
			}
			n, ok := c.setup.Blobs.Size(b)
			if !ok || w.has[b] || n > mesh.InlineBytes || size+int(n) > inlineBytes {
				continue
			}
			if content, err := c.setup.Blobs.Bytes(b); err == nil {
				size += len(content)
				out = append(out, mesh.Parcel{Blob: b, Data: bytes.Clone(content)}) // the hold is over when it is sent
				w.has[b] = true
			}
		}
	}
	if len(w.has) > maxPlaces {
		clear(w.has)
	}
	return out
}

// give answers a worker that fetches something.
func (c *coordinatorActor) give(w mesh.Want) mesh.Piece {
	if w.Kind != wantBlob {
		return c.stock.answer(w)
	}
	defer c.setup.Blobs.Hold()()
	content, err := c.setup.Blobs.Bytes(method.Blob(w.Name))
	if errors.Is(err, blob.ErrUnknown) {
		return mesh.Piece{Gone: true}
	}
	if err != nil {
		return mesh.Piece{Error: err.Error()}
	}
	return w.Cut(content)
}
