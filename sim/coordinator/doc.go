// Package coordinator is one trial as a quiet state machine: messages in, effects out.
//
// What goes in are [Begin], [Planned], [Worked] and [Folded]; what comes out are effects
// for somebody else to carry out: [AskPlan] and [AskFold] call a method, [DoWork] hands
// out leases, [Finished] ends. Between two inputs nothing moves: there are no goroutines,
// no clock but the simulated one, no files. The same inputs in any order of arrival give
// the same lines in the ledger, because a round is written when it closes, in participant
// order, and not as reports come in.
//
// The package refuses to know how work is done (sim/train), where (actors), and what a
// method thinks (plugins). It asks the world for facts through [World].
//
// Read machine.go first (the phases of a trial), then round.go (offer, plan, lease),
// accept.go (reports), close.go (time, order, fold) and evaluate.go.
package coordinator
