// Package coordinator is one trial as a quiet state machine: messages in, effects out.
//
// What goes in are [Begin], [Planned], [Worked] and [Folded]; what comes out are effects
// for somebody else to carry out: [AskPlan] and [AskFold] call a method, [DoWork] hands
// out leases, [Recall] takes them back, [Finished] ends. Between two inputs nothing moves: there are no goroutines,
// no clock but the simulated one, no files. The same inputs in any order of arrival give
// the same lines in the ledger, because a round is written when it closes, in participant
// order, and not as reports come in.
//
// What a method is given and what it returns are copies: nothing that it does to them
// afterwards reaches the machine.
//
// The package refuses to know how work is done (sim/train), where (actors), and what a
// method thinks (plugins). It asks the world for facts through [World].
//
// Between two rounds a machine is a value, a [Checkpoint], that a [Keeper] may keep; [Resume]
// makes a machine of it that goes on to the same lines.
//
// Read machine.go first (inputs and phases), then chain.go (members, stages, the end),
// round.go and offer.go (who is offered, what is planned), lease.go (what each is to do,
// and its price), flight.go and regime.go (what is out, and when a round closes), accept.go and names.go
// (answers), ahead.go (what need not wait for the last of them), close.go (time, order), fold.go and evaluate.go; checkpoint.go,
// share.go (how it is written) and resume.go stand beside.
package coordinator
