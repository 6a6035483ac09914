// Package sim is the simulated world: one trial, from a scenario to a ledger.
//
// [Run] is the reference: it drives one trial in one goroutine, and what it writes is what
// every other way of running must write, bit for bit. A [Setup] is all that a trial needs;
// the actors above take the same one. simtest makes tiny ones for tests.
//
// # Glossary
//
//   - scenario: one YAML file: world, data, methods, what varies, the question it answers
//   - trial: a scenario with every choice made, the seed included; named by its hash
//   - arm: trials that differ in the seed alone
//   - run: one recorded execution of a scenario's trials, in a run folder
//   - method: a LoRA method behind plugins/method; it asks and is told, and never calls
//   - pool: all participants of a kind; a role is what a method calls those it works with
//   - participant: one of a pool, "client/17": shard, rank, device, what it keeps
//   - offer: the participants that the scenario shows a method in a round
//   - round: one plan, the work it asks for, one fold
//   - stage: a stretch in which the world shows the same data
//   - chain: methods that run one after another, each on what the one before deployed
//   - assignment, report: an order to participants, and what came back
//   - turn: a round or an evaluation, counted up; a turn and a participant name a lease
//   - lease: all that one participant is to do in one turn
//   - fold: what a method makes of a round's reports
//   - deploy: the model that would answer a user from now on
//   - note: up to 256 bytes that a method remembers about one participant
//   - book: what the coordinator knows of the participants that were touched
//   - ledger: the lines of a trial with their running hash; a ledger.Book writes them
//   - assets: what the trials of a run share: data sets, bases, examples as tokens
//   - contract: what the numbers of a binary promise; under one contract, one trial has one hash
//   - base: a frozen pre-trained model and its tokenizer, named together by one hash
//   - adapter: factors A and B over some modules of a base; its change is s(BA − B₀A₀)
//   - shard: a participant's examples, for training and for validation; a split is the rule
//     that makes shards
//   - chunk: a piece of an evaluation's examples; values add up chunk by chunk
//   - virtual time: simulated seconds; wall time is always called wall
//   - regime: how rounds close; "sync" waits for all
//   - need, grant: what a method must be allowed beyond its participants' own data
//
// Read next: run.go, then coordinator (the state machine), world (who lives there), train
// (the work), ledger (the book that is kept).
package sim
