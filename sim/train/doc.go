// Package train carries out the verbs of a recipe with the engine of linalg: it is the
// built-in trainer, one [Trainer] for each slot of a worker.
//
// What goes in is one lease, a method.WorkRequest; what comes out are its reports. Work is
// a pure function of the request and the world: who does it, when, and how often changes
// nothing. Draws come from the seeds in the request.
//
// The package refuses to know rounds, methods, virtual time and cost. What the seam allows
// and this version does not carry out is refused by name, see [Carries]; no field of a
// recipe is ever ignored. Read fit.go and score.go; model.go for how a method.Model
// becomes weights and branches; merged.go for bases that grow by a merge a round.
package train
