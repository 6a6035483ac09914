// Package actors is the shell around the quiet core: it carries out one trial as actors
// that talk over a mesh, and writes the ledger that sim.Run writes, bit for bit.
//
// In goes a [sim.Setup]; out comes its book. [Run] is the simple form; a [Crew] keeps the
// actor system and the mesh for many trials, and lets you look at a participant at work.
//
// Who there is:
//
//   - the coordinator: a mailbox around coordinator.Machine. It lends leases to workers,
//     records what they report, and has the methods called beside its mailbox
//   - the worker: pulls leases, and works on as many at once as it has slots. It owns its
//     participants: wakes them, puts the oldest idle ones to sleep, restarts those that fail
//   - a participant: one actor for each that is at work or warm. Its role and pool are data.
//     Arithmetic runs in a slot of its worker, so that it answers its mail while it works
//
// Coordinator and worker meet through messages of actors/mesh only, and any of these may
// be lost or come twice. That costs time and changes no ledger: work is a pure function of
// its lease, the first report of a lease counts, and sums are made in participant order.
//
// The package refuses to know what is computed: no number of a ledger is made here, and
// nothing here (wall time, slots, crashes, wakes) can be seen in one.
//
// Proto.Actor lives here and nowhere else. Read next: crew.go and stage.go (one trial);
// coordinator.go, lend.go and record.go, desk.go with take.go, takeback.go, form.go and turn.go
// (who lends); hand.go and callers.go (who works for whom); worker.go, queue.go, seat.go and
// courier.go (who works); participant.go, slot.go and supervise.go (how); common.go (weights that
// all processes of a host share); patience.go (who waits for a broker).
package actors
