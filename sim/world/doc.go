// Package world is the simulated world of one trial: its bases, its data, who lives in it
// with which shard, rank and device, and what work costs there.
//
// What goes in is a plan.Trial and [Assets], which the trials of a run share; what comes
// out is a [World] that answers questions and never changes. Every answer is a pure
// function of the trial: draws come from streams named by the trial's seed and what they
// are for, so two methods with one seed meet the same clients, offers and shards.
//
// The package refuses to know methods, rounds in progress and who does the work. Read
// build.go first, then pool.go (who lives here), rows.go (what they see), price.go and
// cost.go (what work costs).
package world
