// Package claims is the ledger of what methods are said to do, and of what was seen here.
//
// A claim is a file in book/: a statement in one direction, where it comes from, and by what
// it is decided, written down before it is run. What goes in besides is a [Lab] that carries
// scenarios out; what comes out is an [Outcome]: a verdict, the numbers behind it, and why no
// more can be said. Outcomes that the project saw are in seen/, each with the hash of the
// claim as it was registered then: a claim that was changed since has none.
//
// There are four kinds. An identity is checked by a Go function of this package and holds
// within a tolerance. A superiority and an equivalence compare two arms, seed by seed, after
// every arm was tuned on the same grid; they need [stat.EnoughSeeds] paired seeds, and a best
// value at the edge of the grid voids the verdict. A curve is shown and gets no verdict.
// A curve may be drawn across places, such as numbers of tasks, and any claim may average over
// orders of tasks, which are resampled within their seed as clients are.
// Quick tries never say more than which direction was seen.
//
// To add a claim, write book/ID.yaml; for an identity, or a curve that no scenario can show,
// add a function to the table in checks.go as well. Commit it before it is run. `simrun claims
// run ID --record results/claims/seen` keeps what was seen, and `go run ./cmd/simrun claims docs
// docs/claims.md` writes the page.
//
// A claim on a model or on data that simrun does not bring names them as inputs: the user gives
// the folders, and a base is held against the hash that was registered. Where a measure is also
// evaluated by a column, `within` has the interval resample its groups within every seed; with
// "example", every query.
//
// What an arm was tuned to is kept in a [Memory], under the hashes of its trials: a second try, or
// another claim on the same arm, costs nothing.
//
// The package refuses to know how a scenario is run and where its folder lies.
//
// Read claim.go, then try.go (the way to a verdict), places.go, tune.go and verdict.go.
package claims
