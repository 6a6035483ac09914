package actors

import (
	"errors"
	"fmt"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// reported records reports.
func (c *coordinatorActor) reported(m reported) {
	c.peer(m.Worker, m.Number)
	for i := range m.Done {
		if err := c.record(m.Worker, &m.Done[i], &m.answers[i], m.seen); err != nil {
			c.end(err)
		}
		if c.ctx.Err() != nil {
			return
		}
	}
	c.serve()
}

// record takes one report. The first of a lease counts, whoever it came from.
func (c *coordinatorActor) record(worker string, r *mesh.Report, a *mesh.Answer, seen coordinator.Seen) error {
	if r.Crashes > maxCrashes {
		return fmt.Errorf("worker %s: the report of %s tells of %d crashes, and %d end a trial", worker, r.Key.Whom, r.Crashes, maxCrashes)
	}
	if r.Work == nil && r.Failure == "" {
		if c.desk.crashed(r.Key, worker, r.Crashes) {
			c.gauge.Failed()
			delete(c.known(worker).held, r.Key) // it need not pull anew to be lent it again
		}
		return nil
	}
	of, x := c.desk.item(r.Key)
	if x == nil {
		return nil
	}
	if r.Failure != "" {
		if r.Ground {
			return fmt.Errorf("%w: %w", ErrGround, failure(legible(r.Failure, failureBytes)))
		}
		return failure(legible(r.Failure, failureBytes))
	}
	if !a.OK {
		return c.senseless(worker, r, fmt.Errorf("%w: %s sent what cannot be read", coordinator.ErrAnswer, r.Key.Whom))
	}
	c.worked = coordinator.Worked{Key: r.Key, Response: a.WorkResponse, Seen: seen}
	effects, err := c.machine.Step(&c.worked)
	if errors.Is(err, coordinator.ErrAnswer) {
		return c.senseless(worker, r, err)
	}
	if err != nil {
		return err
	}
	c.desk.close(of, x)
	for range r.Crashes - x.crashes {
		c.gauge.Failed()
	}
	c.known(worker).done++
	c.book.worked(worker, x.lease, r, a.WorkResponse) // whose form the machine has checked
	c.gauge.Worked(r.Key)
	c.carryOut(effects)
	return nil
}

// senseless deals with an answer that cannot be taken: it counts as a crash of its lease, which
// others may have first. Where that has happened too often, the trial cannot go on.
func (c *coordinatorActor) senseless(worker string, r *mesh.Report, why error) error {
	_, x := c.desk.item(r.Key)
	if !c.desk.crashed(r.Key, worker, r.Crashes+1) {
		return nil // it came twice, or late
	}
	c.gauge.Failed()
	delete(c.known(worker).held, r.Key) // it need not pull anew to be lent it again
	if n := r.Crashes + 1; n >= maxCrashes {
		return fmt.Errorf("worker %s: %w; its lease has failed %d times, here and elsewhere", worker, why, n)
	}
	x.failed.until = c.now().Add(c.pace.answer) // others may just be coming
	c.log.Warn("an answer cannot be taken, and its lease is lent again", "worker", worker, "because", why)
	return nil
}
